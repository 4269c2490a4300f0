"""The commands of `telex` for tests, and how to run it with pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from streams.cli import app

BIN = Path(sys.executable).parent
TELEX = str(BIN / "telex")
# Without the variables with which a build server forces colours.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "NO_COLOR")
}
ROOT: Any = typer.main.get_command(app)


def commands(group: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that is no group, with its full name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands())


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `telex` with pipes."""
    return subprocess.run(
        [TELEX, *arguments], env={**ENVIRONMENT, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
