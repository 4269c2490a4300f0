"""Runs and supervises one worker of each stage: a worker that ends is started again, with back-off, and said so."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from streams.errors import TelexError
from streams.stages import STAGES
from streams.system import exit_codes
from streams.system.lifeline import die_with_parent
from streams.system.ports import free_port, is_free
from streams.worker.process_pool import INSTALLED

logger = logging.getLogger(__name__)

# Seconds before a worker that ended is started again: doubled from the first to the last, back to the first when it ran
# for a minute.
BACK_OFF_S, MAX_BACK_OFF_S, RAN_WELL_S = 0.5, 30.0, 60.0
# A worker that ends so often before it was ever ready is not going to be: a setting or the machine is at fault.
MAX_STARTS = 4
# Seconds that a worker has to end by itself before it is killed; it gives itself nine.
STOP_LIMIT_S = 11.0
READY_LIMIT_S = 2.0

# Past any http_proxy of the environment: the workers are on this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class _Supervised:
    """A worker process and its history."""

    stage: str
    port: int
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    back_off: float = BACK_OFF_S
    starts: int = 0
    was_ready: bool = False
    due: float = field(default_factory=time.monotonic)


class Supervisor:
    """The workers of this machine, one a stage.

    Args:
        ports: where each stage's worker serves metrics and health.
        host: the address of those ports.
        environment: settings for the workers beside those of this process.
    """

    def __init__(self, ports: Mapping[str, int], host: str, environment: Mapping[str, str]) -> None:
        self._host, self._environment = host, {**os.environ, **environment}
        self._workers = [_Supervised(stage, port) for stage, port in ports.items()]

    def tend(self) -> None:
        """Start what is due and notice what has ended. Call it from the main thread, a few times a second.

        The main thread, because a worker dies with the thread that started it (PR_SET_PDEATHSIG).

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
                        f"The {worker.stage} worker ended {MAX_STARTS} times ({how}) and was never ready: why stands above."
                    )
                logger.warning(
                    "The %s worker ended (%s): it starts again in %.1f s.", worker.stage, how, worker.back_off
                )
                worker.process, worker.due = None, now + worker.back_off
                worker.back_off = min(2 * worker.back_off, MAX_BACK_OFF_S)
            if worker.process is None and now >= worker.due:
                worker.process, worker.started = self._start(worker), now
                worker.starts += 1

    def _start(self, worker: _Supervised) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *INSTALLED, "-m", "streams.cli", "worker", worker.stage, "--web-port", str(worker.port)],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            preexec_fn=partial(die_with_parent, os.getpid()),
            start_new_session=True,  # Ctrl-C reaches Telex alone, which then ends its workers in order
        )

    def waiting(self) -> dict[str, str]:
        """The stages whose workers are not ready, each with why not in the worker's own words."""
        said = {worker.stage: self._not_ready(worker) for worker in self._workers}
        return {stage: why for stage, why in said.items() if why}

    def _not_ready(self, worker: _Supervised) -> str | None:
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
        """Let every worker finish what it has in flight, and end those that do not within STOP_LIMIT_S."""
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
        """The process of each stage's worker, where there is one."""
        return {worker.stage: worker.process.pid for worker in self._workers if worker.process}


def ports_after(first: int) -> dict[str, int]:
    """The ports after `first` for the stages, in their order; free ones when it is 0."""
    if first:
        return {stage: first + number for number, stage in enumerate(STAGES, 1)}
    return {stage: free_port() for stage in STAGES}


def require_free(host: str, ports: Mapping[str, int]) -> None:
    """Raises TelexError when one of the ports is in use."""
    for stage, port in ports.items():
        if not is_free(host, port):
            raise TelexError(
                f"Port {port}, where the {stage} worker serves its metrics, is in use: does another Telex run here? Set TELEX_WEB_PORT."
            )
