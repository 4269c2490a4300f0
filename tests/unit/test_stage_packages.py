"""Each stage is a package, and a worker loads only its own (docs/decisions/0007-a-package-for-each-stage.md)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from streams.stages import STAGE_NAMES


@pytest.mark.parametrize(
    ("stage", "loaded"),
    [("language", {"language"}), ("entities", {"entities"}), ("sentiment", {"sentiment"})],
)
def test_a_stage_loads_only_the_stages_that_it_uses(stage: str, loaded: set[str]) -> None:
    program = f"import sys, agents.{stage}; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {name.split(".")[1] for name in modules if name.startswith("agents.")} & set(STAGE_NAMES) == loaded
