"""Runs the commands of a runbook as its reader does: in order, in one shell that keeps exported variables."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.system.lifeline import die_with_parent

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
# Shorter waits: a reader needs longer ones than a test.
SHORTER_WAITS = {"--timeout 60": "--timeout 5", "sleep 2": "sleep 0.5"}
# A command that reads with a group until the time runs out needs longer than 5 s: Kafka may first have to remove a
# member that could not announce its leave (10 s). A test with 5 s once received nothing.
UNTIL_TIME_RUNS_OUT = re.compile("--timeout 60(?=.*the time ran out)")
# Time limit of a command, in seconds.
LIMIT_S = 90


def command_blocks(text: str) -> list[str]:
    """The blocks of commands on a page."""
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


class Runbook:
    """Works through a runbook from its first command to its last. Fails if any are left at the end of the `with`.

    Args:
        name: the file's name without its extension.
        environment: the environment variables of the reader.
        folder: the working directory of the reader.
        ports: the actual port for each port that the page names.
    """

    def __init__(
        self, name: str, environment: Mapping[str, str], folder: Path, ports: Mapping[str, int] | None = None
    ) -> None:
        text = (RUNBOOKS / f"{name}.md").read_text()
        text = UNTIL_TIME_RUNS_OUT.sub("--timeout 15", text)
        actual_ports = {named: str(actual) for named, actual in (ports or {}).items()}
        for written, replacement in {**SHORTER_WAITS, **actual_ports}.items():
            text = text.replace(written, replacement)
        self._left = [line for block in command_blocks(text) for line in block.splitlines() if line.strip()]
        self.environment = {**environment, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self._folder, self._running = folder, list[subprocess.Popen[bytes]]()
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, beginning: str) -> subprocess.CompletedProcess[str]:
        """Run the next command to its end. It has to begin with `beginning`.

        Its exit code has to be the one that the page gives, or else 0.
        """
        command, code = self._next(beginning)
        variables = self._folder / "environment"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"trap 'env --null > {variables}' EXIT\n{command}"],
            env=self.environment,
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == code, (command, done.returncode, done.stdout, done.stderr)
        self.environment = dict(variable.split("=", 1) for variable in variables.read_text().split("\0") if variable)
        return done

    def start(self, beginning: str) -> subprocess.Popen[bytes]:
        """Start the next command, and leave it running in its own terminal. It has to begin with `beginning`."""
        command, _ = self._next(beginning)
        with (self._folder / "terminal").open("ab") as terminal:
            process = subprocess.Popen(
                command.split(),
                env=self.environment,
                cwd=self._folder,
                stdout=terminal,
                stderr=terminal,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )
        self._running.append(process)
        return process

    @property
    def terminal(self) -> str:
        """The output of the commands that were left running."""
        return (self._folder / "terminal").read_text()

    def _next(self, beginning: str) -> tuple[str, int]:
        assert self._left, f"the page has no {beginning!r} after the commands that were run"
        command, _, comment = self._left.pop(0).partition("  #")
        assert command.startswith(beginning), (beginning, command)
        code = re.search(r"exit code (\d+)", comment)
        return command.strip(), int(code[1]) if code else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running:
            process.kill()
            process.wait()
        assert kind or not self._left, f"no test runs {self._left}"
