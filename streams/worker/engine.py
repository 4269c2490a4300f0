"""The Faust app of one stage: it takes records from the source topic and sends outputs, all as bytes.

The delivery rules stand in `streams.worker.runtime`, and what Telex replaces in Faust and aiokafka in
`streams.worker.faust_adapter`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import faust
from faust.types import TP

from streams.errors import TelexError
from streams.kafka import raw_batch
from streams.kafka.topics import COMPRESSION
from streams.records.codec import MAX_VALUE_BYTES
from streams.records.outputs import Output
from streams.settings import Settings
from streams.stage import Stage
from streams.stages import DEAD, TABLES
from streams.worker.faust_adapter import app
from streams.worker.partition_watch import PartitionWatch
from streams.worker.refusals import MAX_REQUEST_BYTES
from streams.worker.runtime import Runtime

# A dead worker is noticed after 6 s, and the consumer's heartbeat has four tries in that time. These values were found
# by trial (docs/decisions/0001-faust-this-way.md).
SESSION_TIMEOUT_S, HEARTBEAT_S, REBALANCE_TIMEOUT_S = 6.0, 1.5, 10.0
# A client gives up a silent connection after these; Faust's defaults are 90 s and 20 minutes. The consumer's has to be
# longer than a rebalance, for which the broker lets a member wait.
CONSUMER_REQUEST_TIMEOUT_S, PRODUCER_REQUEST_TIMEOUT_S = 15.0, 10.0
# Maximum age of a worker's topic metadata. The broker may go away after a worker's first request and before the worker
# asks for the partitions. aiokafka 0.14.0 asks again only after this time (`_md_synchronizer` in its client.py), and
# may join its group before. If that worker then assigns the partitions, it knows of none: all workers stand by, by
# default for 5 minutes. `PartitionWatch` asks again too, once the worker has joined.
METADATA_AGE_S = 5.0


class Engine:
    """The Faust app of one stage.

    Args:
        settings: of the worker.
        stage: the stage that the worker runs.
        instance: name of this worker in its consumer group, for static membership.
        folder: of this worker. It is made.
        on_lost: receives a partition and how many of its offsets Kafka deleted before they were read.

    Raises:
        TelexError: the folder of the worker cannot be made.

    Attributes:
        watch: which partitions are read, and why others are not.
    """

    def __init__(
        self,
        settings: Settings,
        stage: Stage,
        instance: str,
        folder: Path,
        on_lost: Callable[[int, int], None],
    ) -> None:
        self._source = settings.topic(stage.source)
        self._batch_size = settings.batch_size
        # A stage writes to the partition of the same number, except to a table.
        targets = [settings.topic(topic) for topic in (stage.target, DEAD) if topic not in TABLES]
        self.watch = PartitionWatch(self._source, targets)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TelexError(
                f"{folder} cannot be made ({error.strerror}): set TELEX_DATA_DIR to a folder that can be written."
            ) from None
        self._app = app.App(
            settings.group(stage.name),
            broker=[f"kafka://{server.strip()}" for server in settings.bootstrap_servers.split(",")],
            broker_credentials=_credentials(settings),
            datadir=str(folder),
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            key_serializer="raw",
            value_serializer="raw",
            producer_acks=-1,
            producer_compression_type=COMPRESSION,
            producer_max_request_size=MAX_REQUEST_BYTES,
            consumer_max_fetch_size=MAX_VALUE_BYTES,
            # `Consumer._getmany` begins at the first record without a committed offset, and reports deleted records.
            consumer_auto_offset_reset="none",
            consumer_metadata_max_age_ms=round(METADATA_AGE_S * 1000),
            consumer_group_instance_id=instance,
            broker_session_timeout=SESSION_TIMEOUT_S,
            broker_heartbeat_interval=HEARTBEAT_S,
            broker_rebalance_timeout=REBALANCE_TIMEOUT_S,
            broker_request_timeout=CONSUMER_REQUEST_TIMEOUT_S,
            producer_request_timeout=PRODUCER_REQUEST_TIMEOUT_S,
            # Else Faust waits on SIGTERM until every record that it has buffered is acknowledged; they come again.
            stream_wait_empty=False,
            TableManager=app.TableManager,
        )
        self._app.partition_watch, self._app.on_lost = self.watch, on_lost
        self._has_joined = asyncio.Event()
        self._app.on_partitions_assigned.connect(self._join, weak=False)
        source = self._app.topic(self._source, key_type=bytes, value_type=bytes)
        self._app.agent(source, name=stage.name)(self._agent)

    async def _join(self, *_: Any, **__: Any) -> None:
        self._has_joined.set()

    @property
    def joined(self) -> bool:
        """Whether the consumer group has assigned partitions to this worker once."""
        return self._has_joined.is_set()

    async def until_joined(self) -> None:
        """Wait until the consumer group assigns partitions to this worker for the first time."""
        await self._has_joined.wait()

    async def _agent(self, stream: Any) -> None:
        """The Faust agent, the same for every stage: it gives each batch to the runtime, which runs the analyser."""
        intake = stream.app.consumer.intake
        while True:
            await self._app.runtime.take(await intake.batch(self._batch_size))

    async def send(self, output: Output) -> Awaitable[Any]:
        """Queue an output. The first await queues it, the second returns when the broker has it."""
        producer: Any = self._app.producer
        # aiokafka's producer itself: Faust's topic loses null and repeated headers, and Faust's producer tells signals
        # that nobody receives.
        return await raw_batch.send(producer._ensure_producer(), output)

    async def start(self, runtime: Runtime) -> None:
        """Join the consumer group and give batches of records to the runtime, one after the other."""
        self._app.runtime = runtime
        await self._app.start()

    async def compare_partitions(self) -> None:
        """Compare the topics' partitions with the assigned ones, and keep the result in `watch`.

        Also commit past gaps, where no record is acknowledged, and repeat a commit that failed.
        """
        consumer: Any = self._app.consumer
        if self.joined:
            await consumer.force_commit()
            await consumer._thread.run(self.watch.compare)

    async def leave(self) -> None:
        """Commit what was acknowledged and leave the group.

        Its other members take over the partitions, and this process has to end.
        """
        consumer: Any = self._app.consumer
        if self.joined:
            await consumer.leave()

    @property
    def crashed(self) -> BaseException | None:
        """The reason why Faust gave up, or why this worker is no member of its group any more; None while it runs."""
        if self._app.crashed:
            return self._app.crash_reason or RuntimeError("Faust crashed")
        consumer: Any = self._app.consumer
        fenced: TelexError | None = consumer.fenced
        return fenced

    def lag(self) -> dict[int, int]:
        """Records that are not finished, by assigned partition."""
        consumer: Any = self._app.consumer
        return {tp.partition: consumer.lag(tp) for tp in self.assignment() if tp.partition not in self.watch.held}

    @property
    def rebalancing(self) -> bool:
        """Whether the group shares its partitions out. Until the end, the assignment is the one before."""
        rebalancing: bool = self._app.rebalancing
        return rebalancing

    def assignment(self) -> set[TP]:
        """The topic partitions that this worker reads now."""
        try:
            return {tp for tp in self._app.consumer.assignment() if tp.topic == self._source}
        except faust.exceptions.ConsumerNotStarted:
            return set()


def _credentials(settings: Settings) -> Any:
    if settings.security_protocol.startswith("SASL") and settings.sasl_password:
        return faust.SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password.get_secret_value(),
            ssl_context=settings.ssl_context,
            mechanism=settings.sasl_mechanism,
        )
    return faust.SSLCredentials(settings.ssl_context) if settings.ssl_context else None
