"""Fixtures that run and start commands of `telex`."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen

import pytest

from streams import Settings
from streams.cli import main
from tests.support.commands import RunTelex, StartTelex, running
from tests.support.processes import environment


@pytest.fixture
def run_telex(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> RunTelex:
    """Runs a command of `telex` in this process. Returns its exit code and the lines on stdout and stderr."""

    def run(settings: Settings, *arguments: str, **more: str) -> tuple[int, list[str], list[str]]:
        for name, value in environment(settings, **more).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["telex", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        return int(ended.value.code or 0), out.decode().splitlines(), err.decode().splitlines()

    return run


@pytest.fixture
def start_telex(pipeline: Settings) -> Iterator[StartTelex]:
    """Starts a command of `telex` in the pipeline. The command ends with the test."""
    with ExitStack() as stack:

        def start(*arguments: str, output: Path | None = None, **more: str) -> Popen[bytes]:
            return stack.enter_context(running(pipeline, arguments, output, **more))

        yield start
