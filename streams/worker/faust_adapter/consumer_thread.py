"""The thread in which Faust runs its aiokafka consumer: it fetches, seeks and leaves without passing over a record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.worker.progress import Progress


def assignment_of(consumer: Any) -> Any:
    """The assignment of an aiokafka consumer.

    It is a new object after each rebalance, and None before the first one. The consumer's own `assignment()` is a set
    of partitions, which is equal when the same partitions come back.
    """
    subscription = consumer._subscription.subscription
    return subscription and subscription.assignment


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's thread. It reads committed records only and tells `Progress` about each fetch."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust 0.15.3 reads uncommitted records unless it is transactional itself, and has no setting for it. A record
        # that a transactional publisher aborted was never published.
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
            raise  # aiokafka raises these instead of taking records
        except BaseException:
            # When aiokafka 0.14.0 cannot read one partition, it drops the records that it took from others
            # (`fetched_records` in its fetcher.py). Their positions stay behind these records.
            progress.forget(self.assignment())
            raise
        # Nothing is awaited after aiokafka took the records, so the positions stand right behind them.
        assignment = assignment_of(consumer)
        if assignment is not None:
            positions = {TP(*tp): consumed.offset for tp, consumed in assignment.all_consumed_offsets().items()}
            offsets = {TP(*tp): [record.offset for record in fetched] for tp, fetched in records.items()}
            progress.fetched(assignment, offsets, positions)
        return records

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek to the committed offset of each assigned partition, and return these offsets."""
        return dict(await self.call_thread(self._seek_to_committed))

    async def _seek_to_committed(self) -> dict[TP, int]:
        """Seek one partition after the other, and forget its fetched records in the same moment."""
        consumer, progress = self._ensure_consumer(), self._progress
        committed: dict[TP, int] = {}
        for tp in consumer.assignment():
            committed |= await consumer.seek_to_committed(tp)
            # aiokafka 0.14.0 does not seek to offset 0 (`seek_to_committed` in its consumer.py,
            # https://github.com/aio-libs/aiokafka/issues/1003).
            if committed[tp] == 0:
                consumer.seek(tp, 0)
            # Without a committed offset, `Consumer.perform_seek` goes to the beginning afterwards.
            if committed[tp] is not None:
                progress.restart(TP(*tp))
        return committed

    async def seek_to_beginning(self, *partitions: TP) -> None:
        """Seek to the first offset of each partition, and forget what was fetched from it."""
        await self.call_thread(self._seek_to_beginning, *partitions)

    async def _seek_to_beginning(self, *partitions: TP) -> None:
        for tp in partitions:
            self._progress.restart(TP(*tp))
        # aiokafka drops the positions and the fetched records before it first awaits something.
        await self._ensure_consumer().seek_to_beginning(*partitions)

    async def run(self, work: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        """Call `work` with the aiokafka consumer, in the consumer's thread.

        Two calls at a time run from Faust's own queue (`MethodQueue` of mode 0.7.1), and reads and commits need both.
        """
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(work(self._ensure_consumer()), self.thread_loop)
        )

    async def commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commit, without the queue of `call_thread`. Returns False when the group has rebalanced."""
        return bool(await self.run(lambda _: self._commit(offsets)))

    @property
    def is_member(self) -> bool:
        """Whether the group still knows this worker, as far as it has heard."""
        generation: int = self._ensure_consumer()._coordinator.generation
        return generation > 0

    async def leave(self) -> None:
        """Leave the consumer group for good.

        aiokafka 0.14.0 does not leave the group for a static member (`_maybe_leave_group` in its group_coordinator.py),
        because the member may come back: the broker keeps its partitions for it until its session ends. A worker that
        stops in order hands them over at once. With a closed coordinator it does not join again.
        """
        coordinator = self._ensure_consumer()._coordinator
        coordinator._group_instance_id = None
        await coordinator.close()
