"""Faust's consumer with Telex's own bookkeeping of offsets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import Any

from aiokafka.errors import IllegalStateError, NoOffsetForPartitionError, OffsetOutOfRangeError
from faust import Service
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.errors import TelexError
from streams.kafka.lost_records import out_of_range
from streams.worker.commit_pace import CommitPace
from streams.worker.faust_adapter.consumer_client import ConsumerClient, assignment_of
from streams.worker.faust_adapter.intake import FetchedRecord, Intake
from streams.worker.partition_watch import PartitionWatch
from streams.worker.progress import Progress

logger = logging.getLogger(__name__)

# Seconds for which a rebalance may wait for this worker: for its batches in flight, and in all, with the delivery that
# is under way and the commit. The group gives up a member after REBALANCE_TIMEOUT_S (engine.py).
FINISH_LIMIT_S, REVOCATION_LIMIT_S = 1.0, 4.0
# Seconds that one call for records waits.
POLL_S = 1.0


class Consumer(driver.Consumer):
    """Commits the first unfinished offset of a partition, or the consumer's position when nothing is unfinished.

    Faust 0.15.3 looks for consecutive acknowledged offsets. That goes wrong in four ways, mostly at gaps (the marker of
    a transaction, a compacted topic). It counts the record behind a gap as part of the gap, and so as done before it
    ran. It counts a record at the committed offset as done when the next one is
    (https://github.com/faust-streaming/faust/issues/606). It stalls at a gap of two offsets or more behind offset 0. It
    never commits past a gap at the end, and every tool shows that as lag. Here each record counts as unfinished from
    the moment of its fetch. A record that a rebalance drops from a buffer is therefore fetched again.

    Faust commits by a timer, and leaves a partition to its next owner without a commit. Records that were delivered
    since the timer last ran come out again. Here `CommitPace` tells when to commit, and a rebalance waits for a commit
    of all delivered records.

    Attributes:
        progress: the unfinished offsets of each partition.
        intake: the unfinished records.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.progress = Progress()
        self._pace, self._committing = CommitPace(), asyncio.Lock()
        self.intake = Intake(self._finished)
        self._recreations_seen = 0

    def _new_consumer_thread(self) -> ConsumerClient:
        return ConsumerClient(self, loop=self.loop, thread_loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: Any) -> None:
        """Give the fetched records to the agent, until the worker stops. `Intake` describes the fault of Faust's way.

        Between a fetch and its last record nothing is awaited, so no rebalance comes between them.
        """
        while not (self.should_stop or fetcher.should_stop):
            if not self.intake.has_capacity:
                await self.wait_first(self.intake.wait(), self.suspend_flow.wait())
            records, _ = await self._wait_next_records(POLL_S)
            if self.flow_active:
                # A whole rebalance may have passed during the fetch. Records that it took away are fetched again.
                own = self.assignment()
                for tp, fetched in _in_turn(records or {}):
                    if tp in own and self.progress.is_unfinished(tp, fetched.offset):
                        self.intake.put(FetchedRecord(self.intake, tp, fetched))
            elif not self.should_stop:
                # A rebalance began during the fetch, and drops the fetched records.
                try:
                    await self.perform_seek()
                except IllegalStateError:
                    pass  # the rebalance has taken a partition away
                except Exception as error:  # as in Faust: the end of the rebalance seeks again
                    logger.warning("The worker could not go to the committed offsets during a rebalance: %r", error)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109 (as Faust calls it)
        watch = self._watch
        if (recreations := watch.recreations) != self._recreations_seen and active_partitions:
            with suppress(IllegalStateError):  # a rebalance has changed the assignment; the next call handles it
                await self._begin_again(self.assignment())
                self._recreations_seen = recreations
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
        with suppress(IllegalStateError):  # a rebalance has taken the partition away; its new owner tries again
            for tp, position in missing.items():
                await self._go_on_at_beginning(tp, position)
            for tp in unknown:
                await self._seek_to_beginning(tp)
        return {}

    async def _seek_to_beginning(self, *tps: Any) -> None:
        client: Any = self._thread
        await client.seek_to_beginning(*tps)

    async def _go_on_at_beginning(self, tp: Any, position: int) -> None:
        """Handle a position that the partition does not have, and log a line.

        If retention deleted records, go to the first offset and count the lost ones. If the position is beyond the end,
        the topic was re-created: begin again.
        """
        client: Any = self._thread
        begin = (await client.run(lambda consumer: consumer.beginning_offsets([tp])))[tp]
        end = (await client.run(lambda consumer: consumer.end_offsets([tp])))[tp]
        report = out_of_range(tp.topic, tp.partition, position, begin, end)
        if report.lost:
            await self._seek_to_beginning(tp)
            app: Any = self.app
            app.on_lost(tp.partition, report.lost)
        else:
            await self._begin_again({TP(tp.topic, tp.partition)})
        logger.warning("%s", report.message)

    async def _begin_again(self, tps: set[TP]) -> None:
        """Forget all offsets of partitions whose topic was created again, and read them from their beginning."""
        client: Any = self._thread
        self.progress.forget(tps)
        for tp in tps:
            for known in (self._read_offset, self._committed_offset):
                known.pop(tp, None)
            self.intake.drop(tp)
        own = [driver.ensure_aiokafka_TP(tp) for tp in tps]
        if not own:
            return
        await self._seek_to_beginning(*own)
        # The committed offset may belong to the deleted topic, and a worker that starts later would begin there.
        await self._commit(await client.run(lambda consumer: consumer.beginning_offsets(own)))

    @property
    def _watch(self) -> PartitionWatch:
        app: Any = self.app
        watch: PartitionWatch = app.partition_watch
        return watch

    def _finished(self, record: FetchedRecord) -> None:
        self.progress.finished(record.tp, record.offset)
        self._pace.acknowledged()

    @property
    def fenced(self) -> TelexError | None:
        """The error that ends this worker when another one has its instance id."""
        client: Any = self._thread
        coordinator = client._consumer and client._consumer._coordinator
        return coordinator.fenced if coordinator else None

    async def leave(self) -> None:
        """Commit what was acknowledged, and leave the group."""
        client: Any = self._thread
        await self.force_commit()
        await client.leave()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish the batches in flight, commit, and forget the revoked partitions.

        The other members of the group wait meanwhile. After the time limit, the rest of the batches is dropped: the
        next owner of the partitions fetches it again. The consumer may still fetch from these partitions, and Faust
        drops those records.
        """
        app: Any = self.app
        client: Any = self._thread
        # A member that the group has given up cannot commit, and others have its records.
        if revoked and client.is_member:
            with suppress(TimeoutError):
                async with asyncio.timeout(REVOCATION_LIMIT_S):
                    await app.runtime.settle(FINISH_LIMIT_S)
                    await self.force_commit()
        self.progress.forget(revoked)
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self.intake.drop(tp)
        app.runtime.resume()

    async def perform_seek(self) -> None:
        """Go to the committed offset of each partition, or to its beginning without one, and find what is held."""
        await super().perform_seek()
        client: Any = self._thread
        await client.run(self._watch.find_held)
        # Without any committed offset everything is read from its beginning, so a re-created topic needs no reset.
        if all(self._read_offset[tp] is None for tp in self.assignment()):
            self._recreations_seen = self._watch.recreations

    @Service.task
    async def _commit_handler(self) -> None:
        while not self.should_stop:
            await self._pace.due()
            await self.force_commit()

    @Service.task
    async def _commit_livelock_detector(self) -> None:
        """Do nothing.

        Faust only logs slow partitions here. Its check raises and ends the worker if aiokafka is looking up a position.
        """

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Commit the first unfinished offset of each partition. Returns whether anything was committed.

        Only one commit is under way at a time, so that none overtakes another. Faust 0.15.3 records a failed commit as
        done, for example a commit during a rebalance. It then never commits up to that offset again.
        """
        async with self._committing:
            assignment = assignment_of(self._thread._ensure_consumer())
            done = {tp: self.progress.done(tp, assignment) for tp in self.assignment()}
            offsets = {tp: end for tp, end in done.items() if end is not None and self._should_commit(tp, end)}
            committed = bool(offsets) and bool(await self._commit(offsets))
            if committed:
                self._committed_offset.update(offsets)
            return committed

    def lag(self, tp: TP) -> int:
        """The number of unfinished records of a partition; 0 while it is not known.

        The markers of transactions do not count once the position is past them.
        """
        aiokafka = self._thread._ensure_consumer()
        assignment = assignment_of(aiokafka)
        state = assignment and assignment.state_value(tp)
        end = aiokafka.last_stable_offset(tp)
        if end is None or state is None or not state.has_valid_position:
            return 0
        done = self.progress.done(tp, assignment)
        return max(0, int(end - (state.position if done is None else done)))


def _in_turn(records: Mapping[TP, Sequence[Any]]) -> Iterator[tuple[TP, Any]]:
    """The records with their partitions: one of each partition, then the next one of each."""
    rows = zip_longest(*([(tp, record) for record in fetched] for tp, fetched in records.items()))
    return (pair for row in rows for pair in row if pair)
