"""The commands of a runbook, run as its reader would: in their order, in a shell that keeps what they export."""

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
# A reader waits longer than a test has to.
QUICKER = {"--timeout 60": "--timeout 5", "sleep 2": "sleep 0.5"}
# But whoever reads with a group until the time runs out may have to wait until a member is given up that could not say
# that it left (10 s): once a test that gave it 5 s saw nothing come.
UNTIL_THE_END = re.compile("--timeout 60(?=.*the time ran out)")
# Seconds that a command may take.
LIMIT_S = 90


def blocks(text: str) -> list[str]:
    """What a page gives to run."""
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


class Page:
    """A runbook, worked through from its first command to its last; at the end of the `with` none may be left.

    Args:
        name: of the file, without its ending.
        environment: what the reader has set.
        folder: where the reader is.
        ports: which port there really is for one that the page names.
    """

    def __init__(
        self, name: str, environment: Mapping[str, str], folder: Path, ports: Mapping[str, int] | None = None
    ) -> None:
        text = (RUNBOOKS / f"{name}.md").read_text()
        text = UNTIL_THE_END.sub("--timeout 15", text)
        for written, meant in {**QUICKER, **{port: str(real) for port, real in (ports or {}).items()}}.items():
            text = text.replace(written, meant)
        self._left = [line for block in blocks(text) for line in block.splitlines() if line.strip()]
        self.environment = {**environment, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self._folder, self._running = folder, list[subprocess.Popen[bytes]]()
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, beginning: str) -> subprocess.CompletedProcess[str]:
        """Run the next command, which has to be this one, to its end; its exit code has to be the one that the page
        says, else 0.
        """
        command, code = self._next(beginning)
        after = self._folder / "environment"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"trap 'env --null > {after}' EXIT\n{command}"],
            env=self.environment,
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == code, (command, done.returncode, done.stdout, done.stderr)
        self.environment = dict(variable.split("=", 1) for variable in after.read_text().split("\0") if variable)
        return done

    def start(self, beginning: str) -> subprocess.Popen[bytes]:
        """Start the next command, which has to be this one, and leave it running in a terminal of its own."""
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
        """What the commands that were left running have written."""
        return (self._folder / "terminal").read_text()

    def _next(self, beginning: str) -> tuple[str, int]:
        assert self._left, f"the page has no {beginning!r} behind what was run"
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
