"""Watches a worker from inside: its lag, its health, and the failures that have to end it."""

from __future__ import annotations

import asyncio
import gc
import time

from streams.errors import TelexError
from streams.settings import Settings
from streams.stage import Stage
from streams.system.usage import release_memory
from streams.worker.engine import Engine
from streams.worker.metrics import StageMetrics
from streams.worker.process_pool import ATTEMPTS_ALONE
from streams.worker.runtime import Runtime

# Seconds between two checks of lag and health.
WATCH_INTERVAL_S = 1.0
# Seconds between two comparisons of the topic's partitions with the assigned ones. Each costs one small request.
COMPARE_INTERVAL_S = 2.0
# An event loop that has not run for so many seconds is stuck.
LOOP_LIMIT_S = 15.0
# Seconds in which a worker has to join its group. When the broker rejects the session timeout, for example, Faust stays
# alive and does nothing.
JOIN_LIMIT_S = 90.0
# Seconds that records may wait while the worker has no batch. After that its consumer is stuck, and a new process is
# better. The known causes are corrected (`Recovery` and the intake in faust_adapter); this limit is for unknown ones.
IDLE_LIMIT_S = 30.0
# Seconds between two returns of freed memory to the system.
GIVE_BACK_INTERVAL_S = 60.0


class WorkerWatch:
    """The watch of one worker.

    Attributes:
        waits_for: the reason why the worker has not started yet, in a few words.
    """

    def __init__(self, settings: Settings, stage: Stage, metrics: StageMetrics) -> None:
        self._stage, self._source, self._metrics = stage, settings.topic(stage.source), metrics
        self._engine: Engine | None = None
        self._beat = self._moved = time.monotonic()
        self._lag = 0
        self.waits_for = "loading models"
        # An article may fail with its batch and then alone before it becomes a dead letter. Until then the worker is
        # healthy.
        self._stuck_after_s = settings.analysis_timeout_s * (ATTEMPTS_ALONE + 1) + 30

    async def run(self, engine: Engine, runtime: Runtime) -> None:
        """Start the engine and watch it. Raises what stopped the engine or the runtime."""
        self._engine = engine
        starting = asyncio.create_task(engine.start(runtime))
        comparing = asyncio.create_task(_compare_partitions(engine))
        # Since the worker was made, the models were loaded, which may take longer than LOOP_LIMIT_S.
        begin = self._beat = self._moved = time.monotonic()
        # The time of the last check at which no record waited, or the runtime had a batch.
        idle_since = begin
        gave_back, finished = -GIVE_BACK_INTERVAL_S, 0
        while True:
            await asyncio.sleep(WATCH_INTERVAL_S)
            self._beat = time.monotonic()
            for failure in (
                runtime.failure,
                engine.crashed,
                *(task.exception() for task in (starting, comparing) if task.done()),
            ):
                if failure:
                    raise failure
            if not engine.joined:
                if self._beat - begin > JOIN_LIMIT_S:
                    raise TelexError(
                        f"The {self._stage.name} worker could not join its group in {JOIN_LIMIT_S:g} s: see the broker's log."
                    )
                continue
            if self._beat - gave_back > GIVE_BACK_INTERVAL_S:
                release_memory()
                if gave_back < 0:
                    gc.freeze()
                gave_back = self._beat
            self._measure_lag(engine)
            if not self._lag or runtime.finished != finished:
                self._moved = self._beat
            finished = runtime.finished
            if not self._lag or not runtime.idle:
                idle_since = self._beat
            elif self._beat - idle_since > IDLE_LIMIT_S:
                raise TelexError(
                    f"{self._lag} records wait and none of them came for {IDLE_LIMIT_S:g} s: check that every partition has a leader."
                )

    def _measure_lag(self, engine: Engine) -> None:
        lags = engine.lag()
        self._lag = sum(lags.values())
        self._metrics.lag(self._source, lags | engine.watch.unread)

    def live(self) -> tuple[bool, str]:
        """Whether the event loop runs."""
        silence = time.monotonic() - self._beat
        return silence < LOOP_LIMIT_S or self._engine is None, f"the event loop last ran {silence:.1f} s ago"

    def ready(self) -> tuple[bool, str]:
        """Whether the models are loaded, the group has an assignment, and waiting records move."""
        if not self._engine:
            return False, self.waits_for
        if not self._engine.joined:
            return False, "waiting for partitions"
        silence = time.monotonic() - self._moved
        if silence > self._stuck_after_s:
            return False, f"{self._lag} records wait and none was finished for {silence:.0f} s"
        if self._engine.watch.trouble:
            return False, self._engine.watch.trouble
        alive, why = self.live()
        partitions = len(self._engine.assignment())
        if alive and partitions:
            why = f"{partitions} partitions, {self._lag} records wait"
        elif alive:
            why = "standing by: other workers have all partitions"
        return alive, why


async def _compare_partitions(engine: Engine) -> None:
    while True:
        await asyncio.sleep(COMPARE_INTERVAL_S)
        await engine.compare_partitions()
