"""Faust as Telex needs it: records in and out as bytes, offsets that never pass an unfinished record.

Everything that knows Faust stands in this module; the rules of the road stand in `streams.worker.runtime`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import suppress
from typing import Any, cast

import faust
from aiokafka.errors import IllegalStateError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.record._crecords import default_records
from faust.tables import TableManager
from faust.tables.recovery import Recovery
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.errors import TelexError
from streams.kafka import raw_batch, snappy
from streams.kafka.lost_records import out_of_range
from streams.kafka.topics import COMPRESSION
from streams.records.codec import MAX_VALUE_BYTES
from streams.records.headers import Headers
from streams.records.originals import Original
from streams.records.outputs import Output
from streams.settings import Settings
from streams.stages import DEAD, Stage
from streams.worker import lenient_fetcher, refusals
from streams.worker.backlog import Backlog
from streams.worker.partition_watch import PartitionWatch
from streams.worker.producer_client import ProducerClient
from streams.worker.progress import Progress
from streams.worker.refusals import MAX_REQUEST_BYTES
from streams.worker.runtime import StageRuntime

logger = logging.getLogger(__name__)

# Found to work (see docs/decisions/0001-faust-this-way.md): a dead worker is noticed after 6 s, and the consumer's
# heartbeat has four tries in that time.
SESSION_TIMEOUT_S, HEARTBEAT_S, REBALANCE_TIMEOUT_S, COMMIT_INTERVAL_S = 6.0, 1.5, 10.0, 0.5
# A connection whose other end is gone without a word is given up after these; by default Faust waits 90 s and 20 minutes. The consumer's
# has to be longer than a rebalance, for which the broker lets a member wait.
CONSUMER_REQUEST_TIMEOUT_S, PRODUCER_REQUEST_TIMEOUT_S = 15.0, 10.0
# How old may be what a worker knows of the topics. When the broker goes away between a worker's first word with it and its question
# which partitions there are, aiokafka 0.14.0 does not ask again before this time is over (`_md_synchronizer` in its client.py), and may
# yet join its group. If it then is the one that shares the partitions out, it knows of none to share: everybody stands by, by default
# for 5 minutes.
METADATA_AGE_S = 1.0
STREAM_BUFFER = 256
# How long a batch waits for another article once it has one, in seconds: what a lone article pays.
TAKE_WITHIN_S = 0.005

default_records.snappy_decode = snappy.decode


class _ConsumerThread(driver.AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust reads uncommitted records unless it is itself transactional, and has no setting for it: what a
        # transactional publisher aborted was never published.
        consumer._isolation_level = "read_committed"
        return consumer

    @property
    def _progress(self) -> Progress:
        consumer: Any = self.consumer
        return cast(Progress, consumer.progress)

    async def _fetch_records(self, consumer: Any, *arguments: Any, **options: Any) -> Any:
        progress = self._progress
        try:
            records = await super()._fetch_records(consumer, *arguments, **options)
        except (OffsetOutOfRangeError, NoOffsetForPartitionError):
            raise  # instead of records: aiokafka has taken none
        except BaseException:
            # aiokafka drops what it has taken from other partitions when one cannot be read, their positions past it.
            progress.forget(self.assignment())
            raise
        # Nothing is awaited since the records were taken, so the positions are those right behind them.
        assignment = _assignment_of(consumer)
        if assignment is not None:
            positions = {TP(*tp): consumed.offset for tp, consumed in assignment.all_consumed_offsets().items()}
            progress.fetched(
                assignment, {TP(*tp): [record.offset for record in found] for tp, found in records.items()}, positions
            )
        return records

    async def seek_to_committed(self) -> Mapping[TP, int]:
        return dict(await self.call_thread(self._seek_to_committed))

    async def _seek_to_committed(self) -> dict[TP, int]:
        """Seek one partition after the other, and forget what was fetched from it in the same moment."""
        consumer, progress = self._ensure_consumer(), self._progress
        committed: dict[TP, int] = {}
        for tp in consumer.assignment():
            committed |= await consumer.seek_to_committed(tp)
            # aiokafka 0.14.0 does not seek to offset 0 (`seek_to_committed` in its consumer.py).
            if committed[tp] == 0:
                consumer.seek(tp, 0)
            # Where nothing is committed, `perform_seek` goes to the beginning afterwards.
            if committed[tp] is not None:
                progress.restart(TP(*tp))
        return committed

    async def seek_to_beginning(self, *partitions: TP) -> None:
        await self.call_thread(self._seek_to_beginning, *partitions)

    async def _seek_to_beginning(self, *partitions: TP) -> None:
        for tp in partitions:
            self._progress.restart(TP(*tp))
        # Before it first awaits something, this takes back the positions and what is fetched already.
        await self._ensure_consumer().seek_to_beginning(*partitions)

    async def run(self, work: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        """Do something with the aiokafka consumer in its thread. Faust's queue for that has two places, which reading and commits need."""
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(work(self._ensure_consumer()), self.thread_loop)
        )

    async def leave(self) -> None:
        # aiokafka leaves the partitions of a static member with it until its session ends, in case it comes back: whoever stops a
        # worker in order wants them taken over at once. Closing the coordinator keeps it from joining again.
        coordinator = self._ensure_consumer()._coordinator
        coordinator._group_instance_id = None
        await coordinator.close()


class _Consumer(driver.Consumer):
    """Commits the consumer's position, or the first unfinished record where there is one, whatever Faust believes.

    Faust 0.15.3 searches its acknowledged offsets for consecutive ones, and gaps (a transaction's marker, a compacted topic)
    break that in three ways: it counts the record behind a gap as part of the gap, hence as done before it ran; at a gap
    right behind offset 0 or behind the committed offset it stalls for ever; and it never commits past a gap at the end, which
    every tool then shows as lag. Here every record counts as unfinished from the moment it was fetched. So a record that a
    rebalance drops from a buffer is never passed either: it is fetched again.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.progress = Progress()
        self._backlog = Backlog()
        # The messages themselves, by offset: in a topic that was made anew another record has the same offset.
        self._given: defaultdict[TP, dict[int, Any]] = defaultdict(dict)
        self._generation = 0

    def _new_consumer_thread(self) -> _ConsumerThread:
        return _ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109 (as Faust calls it)
        async for tp, message in super().getmany(timeout):
            if not self._backlog.has_room:
                await self.wait_first(self._backlog.wait(), self.suspend_flow.wait())
            self._backlog.add(tp, message)
            self._given[tp][message.offset] = message
            yield tp, message

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109 (as Faust calls it)
        watch = self._watch
        if (generations := watch.generations) != self._generation and active_partitions:
            with suppress(IllegalStateError):  # a rebalance has changed the assignment: then for the next one
                await self._begin_again(self.assignment())
                self._generation = generations
        readable = {tp for tp in active_partitions or () if tp.partition not in watch.held}
        if not readable:
            await self.sleep(timeout)
            return {}
        try:
            return await super()._getmany(readable, timeout)
        except OffsetOutOfRangeError as error:
            missing, unknown = error.args[0], ()
        except NoOffsetForPartitionError as error:
            missing, unknown = {}, error.args
        with suppress(IllegalStateError):  # a rebalance has taken the partition away; whoever has it now looks again
            for tp, position in missing.items():
                await self._go_on_at_beginning(tp, position)
            for tp in unknown:
                await self._seek_to_beginning(tp)
        return {}

    async def _seek_to_beginning(self, *tps: Any) -> None:
        thread: Any = self._thread
        await thread.seek_to_beginning(*tps)

    async def _go_on_at_beginning(self, tp: Any, position: int) -> None:
        """The partition has no such offset: say so, count what was lost, and go to its first record."""
        thread: Any = self._thread
        begin = (await thread.run(lambda consumer: consumer.beginning_offsets([tp])))[tp]
        end = (await thread.run(lambda consumer: consumer.end_offsets([tp])))[tp]
        found = out_of_range(tp.topic, tp.partition, position, begin, end)
        if found.lost:
            await self._seek_to_beginning(tp)
            self._engine.on_lost(tp.partition, found.lost)
        else:
            await self._begin_again({TP(tp.topic, tp.partition)})
        logger.warning("%s", found.message)

    async def _begin_again(self, tps: set[TP]) -> None:
        """Forget what is known of the partitions, whose offsets mean other records now, and read them from their beginning."""
        thread: Any = self._thread
        self.progress.forget(tps)
        for tp in tps:
            for known in (self._given, self._acked, self._acked_index, self._read_offset, self._committed_offset):
                known.pop(tp, None)
            self._backlog.drop(tp)
        own = [driver.ensure_aiokafka_TP(tp) for tp in tps]
        if not own:
            return
        await self._seek_to_beginning(*own)
        # What the group has committed may be an offset of the topic that was deleted: a worker that starts later would believe it.
        await self._commit(await thread.run(lambda consumer: consumer.beginning_offsets(own)))

    @property
    def _engine(self) -> Engine:
        app: Any = self.app
        engine: Engine = app.engine
        return engine

    @property
    def _watch(self) -> PartitionWatch:
        return self._engine.watch

    def ack(self, message: Any) -> bool:
        # A message of an earlier assignment is fetched again, and then that message counts.
        given = self._given[message.tp]
        counts = given.get(message.offset) is message
        if counts:
            del given[message.offset]
            self._backlog.remove(message.tp, message.offset)
            self.progress.finished(message.tp, message.offset)
        return counts and bool(super().ack(message))

    async def leave(self) -> None:
        """Commit what was acknowledged, a commit that is under way or not, and leave the group."""
        thread: Any = self._thread
        await self.force_commit()
        await thread.call_thread(thread.leave)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        # Until the next assignment the consumer may still fetch under this one, and Faust drops that.
        self.progress.forget(revoked)
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._given.pop(tp, None)
            self._backlog.drop(tp)

    async def perform_seek(self) -> None:
        """Go to where the group is; where it has committed nothing, to the beginning.

        Faust drops what was fetched between the assignment and this, and relies on fetching it again. aiokafka 0.14.0 leaves a
        partition without a committed offset where it is (`seek_to_committed` in its consumer.py): what was dropped never came.
        """
        await super().perform_seek()
        thread: Any = self._thread
        fresh = [driver.ensure_aiokafka_TP(tp) for tp in self.assignment() if self._read_offset[tp] is None]
        if fresh:
            await self._seek_to_beginning(*fresh)
        await thread.run(self._watch.look_at_topics)
        if len(fresh) == len(self.assignment()):  # that is the beginning, of a topic that was made anew too
            self._generation = self._watch.generations

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        """Faust 0.15.3 believes also in a commit that failed, as one does that a rebalance overtakes, and never commits up to it again."""
        before = {tp: self._committed_offset[tp] for tp in offsets}
        done = bool(await super()._commit_offsets(offsets, start_new_transaction))
        if not done:
            self._committed_offset.update(before)
        return done

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing. Faust would log here that a partition is slow, and ends the worker when aiokafka is just looking up its position."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Nothing: a gap needs no bookkeeping here."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        """Every assigned partition: a position moves without acknowledged records too. Faust commits only offsets that moved."""
        return (tp for tp in self.assignment() if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        # Faust's own bookkeeping, which nothing reads here.
        self._acked.pop(tp, None)
        self._acked_index.pop(tp, None)
        return self.progress.done(tp, _assignment_of(self._thread._ensure_consumer()))

    def lag(self, tp: TP) -> int:
        """Records of the partition that are not finished; the markers of transactions are none."""
        aiokafka = self._thread._ensure_consumer()
        assignment = _assignment_of(aiokafka)
        state = assignment and assignment.state_value(tp)
        end = aiokafka.last_stable_offset(tp)
        if end is None or state is None or not state.has_valid_position:
            return 0
        done = self.progress.done(tp, assignment)
        return max(0, int(end - (state.position if done is None else done)))


def _assignment_of(consumer: Any) -> Any:
    """The consumer's assignment as aiokafka keeps it, an object of its own after each rebalance; None before the first."""
    subscription = consumer._subscription.subscription
    return subscription and subscription.assignment


class _Producer(driver.Producer):
    _producer_type = ProducerClient

    def _settings_extra(self) -> dict[str, Any]:
        # Faust turns idempotence on for its own transactions only; without it a retry may reorder and repeat.
        return {"acks": "all", "enable_idempotence": True}


class _Transport(driver.Transport):
    Consumer = _Consumer
    Producer = _Producer


class _Recovery(Recovery):
    async def _wait(self, coro: Any, timeout: Any = None) -> None:  # noqa: ASYNC109 (as Faust calls it)
        # After a rebalance Faust 0.15.3 waits here for the offsets to begin at. When its limit runs out, because the broker is away, it
        # takes that for its own end (mode's `wait_first` calls both "stopped"), and the worker never reads another record
        # (https://github.com/faust-streaming/faust/issues/523). Without a limit it reads on when the broker is back.
        await super()._wait(coro)


class _TableManager(TableManager):
    @property
    def recovery(self) -> Recovery:
        self._recovery = self._recovery or _Recovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery


class _App(faust.App):
    engine: Engine

    def _new_transport(self) -> _Transport:
        return _Transport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> _Transport:
        return _Transport(self.conf.broker_producer, self)


class _Event:
    """A Faust event as the runtime's record."""

    def __init__(self, event: Any) -> None:
        message = event.message
        self._event = event
        self.key: bytes | None = message.key
        self.value: bytes | None = message.value
        self.headers: Headers = tuple(message.headers or ())
        self.topic: str = message.topic
        self.partition: int = message.partition
        self.offset: int = message.offset
        # Faust's field of this name is what `streams.worker.lenient_fetcher` puts there.
        self.original: Original | None = message.checksum if isinstance(message.checksum, Original) else None
        self.timestamp_ms: int | None = None if message.timestamp is None else round(message.timestamp * 1000)

    def ack(self) -> None:
        self._event.ack()


class Engine:
    """One stage's Faust app: it feeds the runtime with batches and carries its outputs away."""

    def __init__(
        self,
        settings: Settings,
        stage: Stage,
        instance: str,
        runtime: Callable[[Callable[[Output], Awaitable[Awaitable[Any]]]], StageRuntime],
        on_lost: Callable[[int, int], None],
    ) -> None:
        self._settings, self._stage, self.on_lost = settings, stage, on_lost
        self.watch = PartitionWatch(
            settings.topic_prefix + stage.source, [settings.topic_prefix + topic for topic in (stage.target, DEAD)]
        )
        lenient_fetcher.install()
        refusals.install()
        folder = settings.data_dir / "workers" / instance
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TelexError(
                f"{folder} cannot be made ({error.strerror}): set TELEX_DATA_DIR to a folder that can be written."
            ) from None
        self._app = _App(
            f"{settings.topic_prefix}telex.{stage.name}",
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
            # What the group has not committed is read from its beginning, and what was deleted is said: `_getmany` does both.
            consumer_auto_offset_reset="none",
            consumer_metadata_max_age_ms=round(METADATA_AGE_S * 1000),
            consumer_group_instance_id=instance,
            broker_session_timeout=SESSION_TIMEOUT_S,
            broker_heartbeat_interval=HEARTBEAT_S,
            broker_rebalance_timeout=REBALANCE_TIMEOUT_S,
            broker_request_timeout=CONSUMER_REQUEST_TIMEOUT_S,
            producer_request_timeout=PRODUCER_REQUEST_TIMEOUT_S,
            broker_commit_interval=COMMIT_INTERVAL_S,
            stream_buffer_maxsize=STREAM_BUFFER,
            # Else Faust waits on SIGTERM until every record that it has buffered is acknowledged; they come again.
            stream_wait_empty=False,
            TableManager=_TableManager,
        )
        self._app.engine = self
        self.runtime = runtime(self._send)
        self.joined = False
        self._app.on_partitions_assigned.connect(self._join, weak=False)
        source = self._app.topic(settings.topic_prefix + stage.source, key_type=bytes, value_type=bytes)
        self._app.agent(source, name=stage.name)(self._agent)

    async def _join(self, *_: Any, **__: Any) -> None:
        self.joined = True

    async def _agent(self, stream: Any) -> None:
        async for events in stream.noack_take(self._settings.batch_size, within=TAKE_WITHIN_S):
            await self.runtime.take([_Event(event) for event in events])

    async def _send(self, output: Output) -> Awaitable[Any]:
        if raw_batch.is_needed(output):
            return await raw_batch.send(self._producer._ensure_producer(), output)
        # The producer itself, not Faust's topic: that one loses null and repeated headers. Half a millisecond is added
        # because Faust turns the seconds back into milliseconds by cutting off.
        seconds = None if output.timestamp_ms is None else (output.timestamp_ms + 0.5) / 1000
        delivery: Awaitable[Any] = await self._producer.send(
            output.topic, output.key, output.value, output.partition, seconds, output.headers
        )
        return delivery

    async def start(self) -> None:
        """Join the consumer group and begin to take records."""
        await self._app.start()

    async def look(self) -> None:
        """Compare the partitions that there are with those that are read, once; `watch` has what was found."""
        consumer: Any = self._app.consumer
        if self.joined:
            await consumer._thread.run(self.watch.look)

    async def leave(self) -> None:
        """Commit what was acknowledged and leave the group, so that its other members go on with the partitions. Then end the process."""
        consumer: Any = self._app.consumer
        if self.joined:
            await consumer.leave()

    @property
    def crashed(self) -> BaseException | None:
        """Why Faust itself gave up; None while it has not."""
        return self._app.crash_reason or RuntimeError("Faust crashed") if self._app.crashed else None

    @property
    def _producer(self) -> Any:
        return self._app.producer

    def lag(self) -> dict[int, int]:
        """Records that are not finished, by assigned partition."""
        consumer: Any = self._app.consumer
        return {tp.partition: consumer.lag(tp) for tp in self.assignment() if tp.partition not in self.watch.held}

    def assignment(self) -> set[TP]:
        """The topic partitions that this worker reads now."""
        try:
            return {
                tp
                for tp in self._app.consumer.assignment()
                if tp.topic == self._settings.topic_prefix + self._stage.source
            }
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
