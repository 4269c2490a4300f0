"""A worker: one process that runs one stage until it is told to stop or something is wrong."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, NoReturn

from streams import logs
from streams.errors import TelexError, UnreachableError
from streams.kafka import consumer_groups, topics
from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stages import Stage
from streams.system.usage import release_memory
from streams.worker.engine import Engine
from streams.worker.health import WebServer
from streams.worker.metrics import StageMetrics
from streams.worker.process_pool import ATTEMPTS_ALONE, Pool
from streams.worker.runtime import StageRuntime

logger = logging.getLogger(__name__)

# After SIGTERM: seconds to finish what is in flight, then to leave the consumer group, and in all, after which the process
# ends whatever it is doing: Faust can wait for ever for records that nobody will acknowledge.
DRAIN_LIMIT_S, LEAVE_LIMIT_S, STOP_LIMIT_S = 4.0, 4.0, 9.0
# How often lag and health are looked at, in seconds.
WATCH_INTERVAL_S = 0.5
# How often the partitions that there are are compared with those that are read, in seconds: one small request each time.
LOOK_INTERVAL_S = 2.0
# An event loop that has not been around for so many seconds is stuck.
LOOP_LIMIT_S = 15.0
# Seconds for which a worker that starts waits for a broker, before it ends and its supervisor decides.
BROKER_LIMIT_S = 600.0
# How often it says so, in seconds.
SAY_INTERVAL_S = 30.0
# The name of the assignor by which Faust's workers share partitions.
ASSIGNOR = "faust"
# Seconds in which a worker has to be a member of its group. A session timeout that the broker rejects, for one, leaves
# Faust alive and doing nothing.
JOIN_LIMIT_S = 90.0
# Seconds that records may wait while the worker has nothing in hand: then its consumer is stuck, and a new one is better. The one
# cause that was found is mended (`_Recovery` in the engine); this is for those that were not.
IDLE_LIMIT_S = 30.0
# How often memory that was freed is given back to the system, in seconds.
GIVE_BACK_INTERVAL_S = 60.0


class _Stopped(Exception):
    """SIGTERM or SIGINT came."""


class Worker:
    """One worker of one stage."""

    def __init__(self, settings: Settings, stage: Stage) -> None:
        self._settings, self._stage = settings, stage
        self._metrics = StageMetrics(stage.name)
        self._pool = Pool(stage.name, settings.processes, settings.analysis_timeout_s, self._metrics.restarted)
        self._engine: Engine | None = None
        self._runtime: StageRuntime | None = None
        self._beat = self._moved = time.monotonic()
        self._lag = 0
        self._waits_for = "loading models"
        self._stop = asyncio.Event()
        # An article may fail with its batch and then alone before it is a dead letter; until then all is well.
        self._stuck_after_s = settings.analysis_timeout_s * (ATTEMPTS_ALONE + 1) + 30

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises when the stage cannot go on; then nothing more was acknowledged."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._end)
        web = WebServer(self._settings.web_host, self._settings.web_port, self._metrics.registry, self.live, self.ready)
        instance = self._settings.instance_id or f"{socket.gethostname()}-{web.port}"
        try:
            await self._unless_stopped(self._prepare())
            self._engine = Engine(self._settings, self._stage, instance, self._lost)
            self._runtime = self._runtime_of(self._engine)
            await self._unless_stopped(self._watch(self._engine, self._runtime))
        except _Stopped:
            if self._engine and self._runtime:
                await self._runtime.drain(DRAIN_LIMIT_S)
                # Without a broker there is nobody to say good-bye to; what was not committed comes again.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._engine.leave(), LEAVE_LIMIT_S)
        await self._pool.stop()

    async def _prepare(self) -> None:
        """Load the models, and meanwhile see to it that there are topics."""
        await asyncio.gather(self._find_topics(), self._pool.start())

    async def _find_topics(self) -> None:
        """Check the topics. Without a broker, wait for one: a worker that has its models by then is there when it returns."""
        begin, told = time.monotonic(), 0.0
        while True:
            try:
                # Different numbers of partitions are no obstacle: the engine leaves out what cannot go on.
                await asyncio.to_thread(topics.check, self._settings)
                await asyncio.to_thread(self._refuse_foreign_members)
                break
            except UnreachableError as error:
                waited = time.monotonic() - begin
                if waited > BROKER_LIMIT_S:
                    raise
                if not told or waited - told > SAY_INTERVAL_S:
                    logger.warning("%s It is tried again for %.0f s.", error, BROKER_LIMIT_S - waited)
                    told = waited
                self._waits_for = "waiting for a broker"
        self._waits_for = "loading models"

    def _refuse_foreign_members(self) -> None:
        """Raises TelexError where the group has members of another program: aiokafka would try to join for ever, without a word."""
        group = self._settings.group(self._stage.name)
        with admin(self._settings) as client:
            how = consumer_groups.foreign_protocol(client, group, ASSIGNOR)
        if how:
            raise TelexError(
                f"The group {group} has members of another program, which share the partitions {how}: end them "
                f"(kafka-consumer-groups.sh --describe --members --group {group} names them), or set TELEX_TOPIC_PREFIX."
            )

    def _runtime_of(self, engine: Engine) -> StageRuntime:
        # One batch for each process, and two more so that none waits while another is delivered.
        in_flight = self._settings.processes + 2
        return StageRuntime(
            self._stage,
            self._settings.topic_prefix,
            self._pool.analyse,
            engine.send,
            self._record_limit,
            self._metrics,
            in_flight,
        )

    async def _record_limit(self, topic: str) -> int | None:
        return await asyncio.to_thread(topics.record_limit, self._settings, topic)

    def _lost(self, partition: int, records: int) -> None:
        self._metrics.lost(self._settings.topic(self._stage.source), partition, records)

    def _end(self) -> None:
        self._stop.set()
        timer = threading.Timer(STOP_LIMIT_S, os._exit, [1])
        timer.daemon = True
        timer.start()

    async def _unless_stopped(self, work: Coroutine[Any, Any, Any]) -> None:
        task, stop = asyncio.create_task(work), asyncio.create_task(self._stop.wait())
        await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
        if stop.done():
            task.cancel()
            raise _Stopped
        stop.cancel()
        task.result()

    async def _watch(self, engine: Engine, runtime: StageRuntime) -> None:
        """Start the engine and watch it. Raises what stopped the engine or the runtime."""
        starting = asyncio.create_task(engine.start(runtime.take))
        looking = asyncio.create_task(_look(engine))
        begin = time.monotonic()
        gave_back, last = -GIVE_BACK_INTERVAL_S, 0
        while True:
            await asyncio.sleep(WATCH_INTERVAL_S)
            self._beat = time.monotonic()
            for failure in (
                runtime.failure,
                engine.crashed,
                *(task.exception() for task in (starting, looking) if task.done()),
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
            lags = engine.lag()
            self._lag = sum(lags.values())
            self._metrics.lag(self._settings.topic(self._stage.source), lags | engine.watch.unread)
            if not self._lag or runtime.finished != last:
                self._moved = self._beat
            last = runtime.finished
            if not self._lag or not runtime.idle:
                begin = self._beat
            elif self._beat - begin > IDLE_LIMIT_S:
                raise TelexError(
                    f"{self._lag} records wait and none of them came for {IDLE_LIMIT_S:g} s: does every partition have a leader?"
                )

    def live(self) -> tuple[bool, str]:
        """Whether the event loop goes round."""
        silence = time.monotonic() - self._beat
        return silence < LOOP_LIMIT_S or self._engine is None, f"the event loop was around {silence:.1f} s ago"

    def ready(self) -> tuple[bool, str]:
        """Whether models are loaded, partitions assigned (or the worker stands by), and records move while there are any."""
        if not self._engine:
            return False, self._waits_for
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


async def _look(engine: Engine) -> None:
    while True:
        await asyncio.sleep(LOOK_INTERVAL_S)
        await engine.look()


def run(settings: Settings, stage: Stage) -> None:
    """Run a worker in this process and end the process: with 0 after SIGTERM or SIGINT, with 1 when it could not go on."""
    logs.set_up(settings.log_level, settings.log_format, stage.name)
    asyncio.run(_main(settings, stage))


async def _main(settings: Settings, stage: Stage) -> NoReturn:
    code = 1
    try:
        await Worker(settings, stage).run()
        code = 0
    except TelexError as error:
        logger.error("%s", error)
    except BaseException as error:
        what = f"{type(error).__name__}: {error}"
        logger.error(
            "The %s worker stops, what is not acknowledged comes again. %s",
            stage.name,
            what,
            exc_info=logger.isEnabledFor(logging.DEBUG),
        )
    logging.shutdown()
    sys.stderr.flush()
    # From inside the loop: Faust's tasks and threads can wait for ever for records that nobody will acknowledge, and
    # both asyncio.run and the interpreter wait for them.
    os._exit(code)
