"""The supervisor of the workers and of the web page. It restarts a process that ended, with back-off, and logs that."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial

from streams.errors import TelexError
from streams.stages import STAGES, WORKERS
from streams.system import exit_codes
from streams.system.lifeline import die_with_parent
from streams.system.ports import free_port, is_free
from streams.worker.analysis_connection import INSTALLED

logger = logging.getLogger(__name__)

# The name of the web page among the supervised processes. No stage has it.
WEB = "web"
# Seconds before a worker that ended is started again. They double from the first to the second figure, and go back to
# the first after a run of a minute.
BACK_OFF_S, MAX_BACK_OFF_S, RAN_WELL_S = 0.5, 30.0, 60.0
# A worker that ends this often and was never ready will not become ready: a setting or the machine is at fault.
MAX_STARTS = 4
# Seconds that a worker has to end before it is killed. The worker's own limit is nine.
STOP_LIMIT_S = 11.0
READY_LIMIT_S = 2.0
# Seconds between two calls of `Supervisor.tend`.
TEND_INTERVAL_S = 0.2

# The workers are on this machine, so an http_proxy of the environment does not apply.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class _Supervised:
    """A process and its history.

    Attributes:
        name: its stage; `WEB` for the web page.
        port: where it serves metrics and health.
    """

    name: str
    port: int
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    back_off: float = BACK_OFF_S
    starts: int = 0
    was_ready: bool = False
    due: float = field(default_factory=time.monotonic)

    @property
    def title(self) -> str:
        """Its name in messages."""
        return "web server" if self.name == WEB else f"{self.name} worker"

    @property
    def arguments(self) -> list[str]:
        """The arguments of `telex`."""
        if self.name == WEB:
            return ["web", "--port", str(self.port)]
        return ["worker", self.name, "--web-port", str(self.port)]


class Supervisor:
    """The workers of this machine, one for each stage, and the web page.

    Args:
        ports: the port of the worker of each stage, and that of the web page under the name `WEB`, if it shall run.
        host: the address of these ports.
        environment: settings for the processes, in addition to the environment of this process.
        first: the names of those that start at once. The others start when these are ready for the first time. A start
            takes seconds of a processor, and on two processors each one delays the first article.
    """

    def __init__(
        self, ports: Mapping[str, int], host: str, environment: Mapping[str, str], first: Collection[str] = ()
    ) -> None:
        self._host, self._environment = host, {**os.environ, **environment}
        self._workers = [_Supervised(name, port) for name, port in ports.items()]
        self._first = set(first) & ports.keys()
        self._may_start: Collection[str] = self._first or ports.keys()

    def tend(self) -> None:
        """Start workers that are due, and notice those that ended. Call it from the main thread, a few times a second.

        A worker dies with the thread that started it (PR_SET_PDEATHSIG), so that has to be the main thread.

        Raises:
            TelexError: a worker ended MAX_STARTS times and was never ready.
        """
        now = time.monotonic()
        for worker in self._workers:
            code = worker.process.poll() if worker.process else None
            if code is not None:
                if now - worker.started > RAN_WELL_S:
                    worker.back_off = BACK_OFF_S
                how = exit_codes.describe(code)
                if worker.starts == MAX_STARTS and not worker.was_ready:
                    raise TelexError(
                        f"The {worker.title} ended {MAX_STARTS} times ({how}) and was never ready: see its messages above."
                    )
                logger.warning("The %s ended (%s): it starts again in %.1f s.", worker.title, how, worker.back_off)
                worker.process, worker.due = None, now + worker.back_off
                worker.back_off = min(2 * worker.back_off, MAX_BACK_OFF_S)
            if worker.process is None and now >= worker.due and worker.name in self._may_start:
                worker.process, worker.started = self._start(worker), now
                worker.starts += 1

    def _start(self, worker: _Supervised) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *INSTALLED, "-m", "streams.cli", *worker.arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if worker.name == WEB else None,  # `telex up` prints its address
            preexec_fn=partial(die_with_parent, os.getpid()),
            start_new_session=True,  # Ctrl-C reaches this process alone, which then ends its workers in order
        )

    def waiting(self) -> dict[str, str]:
        """The processes that are not ready, by the stage or `WEB`, each with the reason that it gives."""
        reasons = {worker.name: self._not_ready(worker) for worker in self._workers}
        waiting = {name: reason for name, reason in reasons.items() if reason}
        if not self._first & waiting.keys():
            self._may_start = reasons.keys()
        return waiting

    def _not_ready(self, worker: _Supervised) -> str | None:
        if worker.name not in self._may_start:
            return "starts after the stages"
        try:
            with _opener.open(f"http://{self._host}:{worker.port}/readyz", timeout=READY_LIMIT_S):
                worker.was_ready = True
                return None
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode(errors="replace").strip()
        except OSError:
            return "starting"

    def stop(self) -> None:
        """Let every worker finish its batches in flight, and kill those that take longer than STOP_LIMIT_S."""
        running = [worker.process for worker in self._workers if worker.process and worker.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_LIMIT_S
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def pids(self) -> dict[str, int]:
        """The id of each running process, by its stage or `WEB`."""
        return {worker.name: worker.process.pid for worker in self._workers if worker.process}


def ports_after(first: int) -> dict[str, int]:
    """The ports after `first` for the workers of all stages in their order; free ports when `first` is 0."""
    return {stage: first + number if first else free_port() for number, stage in enumerate(WORKERS, 1)}


def free_ports() -> dict[str, int]:
    """A free port for each stage of the pipeline."""
    return {stage: free_port() for stage in STAGES}


def require_free(host: str, ports: Mapping[str, int]) -> None:
    """Raises TelexError when one of the ports is in use."""
    for name, port in ports.items():
        if not is_free(host, port):
            what = "the web page is served" if name == WEB else f"the {name} worker serves its metrics"
            raise TelexError(f"Port {port}, where {what}, is in use: stop the other program, or set TELEX_WEB_PORT.")
