"""Commands of `telex` that run, the types of the fixtures that run or start one, and the output of `telex status`."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from streams import Settings
from tests.support.processes import environment

# Time limit of a command in seconds, as the value of its option.
WAIT_S = "30"

# A part of the JSON lines of `telex status` when the entities stage has no lag.
NO_ENTITIES_LAG = '"stage":"entities","lag":0,'

RunTelex = Callable[..., tuple[int, list[str], list[str]]]
StartTelex = Callable[..., Any]


@contextmanager
def running(
    settings: Settings, arguments: Sequence[str], output: Path | None = None, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A running command of `telex`, with pipes or with its output in a file. It ends with the block."""
    with ExitStack() as stack:
        stdout = stack.enter_context(output.open("wb")) if output else subprocess.PIPE
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", *arguments],
            env=environment(settings, **more),
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
                with suppress(BrokenPipeError):  # the command has not read all of its input
                    pipe.close()


def stage_rows(status: str) -> dict[str, dict[str, int]]:
    """The JSON lines of `telex status`, by stage."""
    return {row["stage"]: row for row in map(json.loads, status.splitlines())}
