"""The pipeline: its stages in their order, and its topics."""

from __future__ import annotations

import importlib

from streams.errors import TelexError
from streams.stage import Stage

# The stages in their order. Each has a folder in `agents`, whose `agent.py` describes the stage.
STAGE_NAMES = ("language", "entities", "sentiment")

RAW, ENRICHED, DEAD = "articles.raw", "articles.enriched", "articles.dead"


def _described_by_agent(name: str) -> Stage:
    # This is the only place where `streams` names a module of `agents`.
    described: Stage = importlib.import_module(f"agents.{name}.agent").STAGE
    return described


STAGES = {name: _described_by_agent(name) for name in STAGE_NAMES}
TOPICS = (RAW, *(stage.target for stage in STAGES.values()), DEAD)


def stage(name: str) -> Stage:
    """The stage with a name. Raises TelexError that lists all names."""
    try:
        return STAGES[name]
    except KeyError:
        raise TelexError(f"There is no stage {name!r}: the stages are {', '.join(STAGES)}.") from None
