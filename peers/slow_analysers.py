"""Analysers that take longer, as those do that ask a large language model: Telex's own, after a pause."""

from __future__ import annotations

from pathlib import Path

from streams.stages import STAGE_NAMES, STAGES
from tests.support.distributions import install

_CODE = """
import time

from {module} import analyse as _analyse, load, models


def analyse(articles):
    time.sleep({seconds} * len(articles))
    return _analyse(articles)
"""


def install_slow_analysers(folder: Path, seconds: float) -> Path:
    """Install an analyser for each stage into a folder, for the workers whose PYTHONPATH names it. Returns the folder.

    All systems find them in the way of docs/analysers.md.

    Args:
        folder: does not exist yet.
        seconds: what the analysis of an article takes longer.
    """
    for stage in STAGE_NAMES:
        install(folder, f"slow-{stage}", _CODE.format(module=STAGES[stage].analyser, seconds=seconds), stage)
    return folder
