"""The workers of one system, one process for each stage: they are started, killed and measured alike."""

from __future__ import annotations

import os
import subprocess
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from peers.systems import ROOT, System
from peers.task import STAGE
from streams.errors import TelexError
from streams.settings import Settings
from streams.stages import STAGE_NAMES
from streams.system import exit_codes
from streams.system.lifeline import die_with_parent
from streams.system.ports import free_port
from streams.system.usage import cpu_seconds
from streams.worker.analysis_connection import ONE_THREAD
from tests.support.processes import environment


class Workers:
    """The workers of a system, which are killed at the end of the `with`.

    Use it in the main thread: a worker ends with the thread that started it.

    Args:
        system: Telex or a peer.
        python: the interpreter of the system's environment.
        settings: where Kafka is; the topics exist, and the logs go to `data_dir`.
        packages: a folder with further packages for the workers.
    """

    def __init__(self, system: System, python: Path, settings: Settings, packages: Path | None = None) -> None:
        self.settings = settings
        self._python_path = os.pathsep.join(map(str, filter(None, (ROOT, packages))))
        self._commands = {stage: system.command(python, stage, free_port()) for stage in STAGE_NAMES}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def _start(self, stage: str) -> None:
        variables = {STAGE: stage, "PYTHONPATH": self._python_path, **ONE_THREAD}
        with self._log(stage).open("ab") as log:
            self._processes[stage] = subprocess.Popen(
                self._commands[stage],
                env=environment(self.settings, **variables),
                cwd=self.settings.data_dir,  # Faust writes a folder there
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )

    def replace(self, stage: str) -> None:
        """Kill the worker of a stage (SIGKILL) and start it again at once."""
        self._kill(stage)
        self._start(stage)

    def _kill(self, stage: str) -> None:
        self._processes[stage].kill()
        self._processes[stage].wait()

    def check(self) -> None:
        """Raises TelexError, with the end of its log, when a worker ended by itself."""
        for stage, process in self._processes.items():
            if (code := process.poll()) is not None:
                log = self._log(stage).read_text(errors="replace")[-2000:]
                raise TelexError(f"The {stage} worker ended ({exit_codes.describe(code)}): {log}")

    def cpu_s(self) -> float:
        """Seconds of processor time of all workers since they were started, with their child processes."""
        self.check()
        return sum(sum(cpu_seconds(process.pid)) for process in self._processes.values())

    def _log(self, stage: str) -> Path:
        return self.settings.data_dir / f"{stage}.log"

    def __enter__(self) -> Self:
        for stage in STAGE_NAMES:
            self._start(stage)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stage in self._processes:
            self._kill(stage)
