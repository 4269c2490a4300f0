"""A worker: one process that runs one stage until SIGTERM, SIGINT or a failure."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from streams import logs
from streams.errors import TelexError, UnreachableError
from streams.kafka import consumer_groups, topics
from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stage import Stage
from streams.stages import DEAD, ENRICHED, SENDER, STAGES, TOPICS
from streams.worker import process_end
from streams.worker.delivery import Delivery
from streams.worker.engine import Engine
from streams.worker.faust_adapter import app
from streams.worker.health import HealthServer
from streams.worker.metrics import StageMetrics
from streams.worker.needed_languages import NeededLanguages
from streams.worker.process_pool import Pool
from streams.worker.runtime import Runtime, StageRuntime
from streams.worker.second_pass import SecondPass
from streams.worker.table_analysis import TableAnalysis
from streams.worker.webhooks.sender import Webhooks
from streams.worker.worker_watch import WorkerWatch

logger = logging.getLogger(__name__)

# Seconds after SIGTERM: to finish the batches in flight, then to leave the consumer group, and in all. After the last,
# the process ends at once, because Faust can wait forever for records that nobody will acknowledge.
DRAIN_LIMIT_S, LEAVE_LIMIT_S, STOP_LIMIT_S = 4.0, 4.0, 9.0
# Seconds that a starting worker waits for a broker. Then it ends, and its supervisor restarts it.
BROKER_LIMIT_S = 600.0
# Seconds between two log lines that say so.
LOG_INTERVAL_S = 30.0
# The name of Faust's partition assignor.
ASSIGNOR = "faust"


# The part that the worker starts before it joins its group: the processes that analyse, or a table.
Work = Pool | TableAnalysis | Webhooks


class _Stopped(Exception):
    """The process received SIGTERM or SIGINT."""


class Worker:
    """One worker of one stage."""

    def __init__(self, settings: Settings, stage: Stage) -> None:
        app.install()  # before the first consumer is made
        self._settings, self._stage = settings, stage
        self._metrics = StageMetrics(stage.name, settings.sources_shown)
        self._engine: Engine | None = None
        self._second: SecondPass | None = None
        self._runtime: Runtime | None = None
        self._watch = WorkerWatch(settings, stage, self._metrics)
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises when the stage cannot go on; it has then acknowledged nothing more."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._end)
        web = HealthServer(
            self._settings.web_host,
            self._settings.web_port,
            self._metrics.registry,
            self._watch.live,
            self._watch.ready,
        )
        instance = self._settings.instance_id or f"{socket.gethostname()}-{web.port}"
        folder = self._settings.data_dir / "workers" / instance
        if self._stage.target == ENRICHED:
            self._metrics.sources.keep_in(folder, time.time())
        work = self._new_work(folder)
        try:
            await self._unless_stopped(self._prepare(work))
            self._engine = Engine(self._settings, self._stage, instance, folder, self._lost)
            self._runtime = self._runtime_of(self._engine, work)
            await self._unless_stopped(self._run(self._engine, self._runtime))
        except _Stopped:
            if self._engine and self._runtime:
                await self._runtime.drain(DRAIN_LIMIT_S)
                if self._second:
                    await self._second.stop(LEAVE_LIMIT_S)
                # Without a broker the worker cannot leave its group. Records that were not committed are consumed
                # again.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._engine.leave(), LEAVE_LIMIT_S)
        await work.stop()

    async def _run(self, engine: Engine, runtime: Runtime) -> None:
        running = [self._watch.run(engine, runtime), *([self._second.run(engine)] if self._second else [])]
        await asyncio.gather(*running)

    def _new_work(self, folder: Path) -> Work:
        if self._stage is SENDER:
            return Webhooks(self._settings, self._metrics)
        if self._stage.table:
            return TableAnalysis(self._settings, self._stage)
        return Pool(
            self._stage.name,
            self._settings.processes,
            self._settings.analysis_timeout_s,
            self._metrics.restarted,
            NeededLanguages(folder),
        )

    async def _prepare(self, work: Work) -> None:
        """Load the models, and check the topics meanwhile. A table can be read only once its topic is there."""
        if self._stage.table:
            await self._find_topics()
            await work.start()
        else:
            await asyncio.gather(self._find_topics(), work.start())

    async def _find_topics(self) -> None:
        """Check the topics, and wait for a broker while there is none. The models load meanwhile."""
        begin, last_line = time.monotonic(), 0.0
        while True:
            try:
                # Topics with different numbers of partitions do no harm: the engine does not read the surplus
                # ones.
                await asyncio.to_thread(topics.check, self._settings, self._needed_topics())
                await asyncio.to_thread(self._refuse_foreign_members)
                break
            except UnreachableError as error:
                waited = time.monotonic() - begin
                if waited > BROKER_LIMIT_S:
                    raise
                if not last_line or waited - last_line > LOG_INTERVAL_S:
                    logger.warning("%s It is tried again for %.0f s.", error, BROKER_LIMIT_S - waited)
                    last_line = waited
                self._watch.waits_for = "waiting for a broker"
        self._watch.waits_for = "loading models"

    def _needed_topics(self) -> Sequence[str]:
        stage = self._stage
        if stage.name in STAGES:
            return TOPICS
        return [topic for topic in (stage.source, stage.target, stage.table, stage.second, DEAD) if topic]

    def _refuse_foreign_members(self) -> None:
        """Raises TelexError when the group has members of another program.

        Aiokafka would try to join forever, silently.
        """
        group = self._settings.group(self._stage.name)
        with admin(self._settings) as client:
            how = consumer_groups.foreign_protocol(client, group, ASSIGNOR)
        if how:
            raise TelexError(
                f"The group {group} has members of another program, which share the partitions {how}: end them "
                f"(kafka-consumer-groups.sh --describe --members --group {group} names them), or set TELEX_TOPIC_PREFIX."
            )

    def _runtime_of(self, engine: Engine, work: Work) -> Runtime:
        delivery = Delivery(self._stage, self._settings.topic_prefix, engine.send, self._record_limit)
        if isinstance(work, Webhooks):
            return work.runtime(engine, delivery)
        if isinstance(work, TableAnalysis) and self._stage.second:
            self._second = SecondPass(self._settings, self._stage, work, delivery, self._metrics)
        # One batch for each process, and two more so that no process waits during a delivery.
        in_flight = self._settings.processes + 2
        return StageRuntime(self._stage, work.analyse, delivery, self._metrics, in_flight)

    async def _record_limit(self, topic: str) -> int | None:
        return await asyncio.to_thread(topics.record_limit, self._settings, topic)

    def _lost(self, partition: int, records: int) -> None:
        self._metrics.lost(self._settings.topic(self._stage.source), partition, records)

    def _end(self) -> None:
        self._stop.set()
        process_end.end_within(STOP_LIMIT_S)

    async def _unless_stopped(self, work: Coroutine[Any, Any, Any]) -> None:
        task, stop = asyncio.create_task(work), asyncio.create_task(self._stop.wait())
        await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
        if stop.done():
            task.cancel()
            raise _Stopped
        stop.cancel()
        task.result()


def run(settings: Settings, stage: Stage) -> None:
    """Run a worker in this process and end the process, with 0 after SIGTERM or SIGINT and with 1 after a failure."""
    logs.set_up(settings.log_level, settings.log_format, stage.name)
    asyncio.run(_main(settings, stage))


async def _main(settings: Settings, stage: Stage) -> NoReturn:
    code = 1
    try:
        await Worker(settings, stage).run()
        code = 0
    except BaseException as error:
        process_end.log_failure(error, stage.name)
    # Faust's tasks and threads can wait forever for records that nobody will acknowledge, and both asyncio.run and the
    # interpreter wait for them. So the process ends here, inside the event loop.
    process_end.end(code)
