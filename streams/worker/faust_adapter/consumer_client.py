"""The client by which Faust uses its aiokafka consumer: it fetches, seeks and leaves without passing over a record."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from inspect import isawaitable
from typing import Any, cast

from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust import Service
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.kafka.async_consumers import FETCHER_INTERVAL_S
from streams.kafka.consumers import SHARED_OPTIONS
from streams.worker.progress import Progress


def assignment_of(consumer: Any) -> Any:
    """The assignment of an aiokafka consumer.

    It is a new object after each rebalance, and None before the first one. The consumer's own `assignment()` is a set
    of partitions, which is equal when the same partitions come back.
    """
    subscription = consumer._subscription.subscription
    return subscription and subscription.assignment


class ConsumerClient(driver.AIOKafkaConsumerThread):
    """Runs the aiokafka consumer in the event loop of the worker, and tells `Progress` about each fetch.

    Faust 0.15.3 runs it in a thread, so that it sends heartbeats while an agent blocks the event loop. No agent of
    Telex does: analyses run in processes of their own. With a thread, each fetch and each commit goes through a queue
    from one event loop to the other and back, and two timers a second keep the thread awake.
    """

    async def start(self) -> None:
        """Start the consumer. Faust starts its thread here."""
        self._thread_started.set()
        await self._default_start()

    async def call_thread(self, fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the function. Faust calls it in the thread."""
        result = fun(*args, **kwargs)
        return await result if isawaitable(result) else result

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Tell the consumer about a rebalance. Faust does it in the thread of its app."""
        await self.consumer.on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Tell the consumer about a rebalance. Faust does it in the thread of its app."""
        await self.consumer.on_partitions_assigned(assigned, generation_id)

    @Service.task
    async def _thread_keepalive(self) -> None:
        """Do nothing: there is no thread."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust 0.15.3 has no setting for either. It reads uncommitted records unless it is transactional itself.
        consumer._isolation_level = SHARED_OPTIONS["isolation_level"]
        consumer._consumer_timeout = FETCHER_INTERVAL_S
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
        """Seek to the committed offset of each assigned partition, or to its beginning. Returns the committed offsets.

        Seeks one partition after the other, and forgets its fetched records in the same moment.

        Faust 0.15.3 may seek twice after a rebalance, and the second time when records are finished again
        (`getmany` in its transport/consumer.py). Then the seek goes to the first unfinished record.

        Faust drops the records that arrive between the assignment and the seek, and relies on fetching them again.
        aiokafka 0.14.0 seeks neither to offset 0 nor without a committed offset (`seek_to_committed` in its
        consumer.py, https://github.com/aio-libs/aiokafka/issues/1003), so it would skip these records.
        """
        consumer: Any = self._ensure_consumer()
        progress, assignment = self._progress, assignment_of(consumer)
        committed: dict[TP, Any] = {}
        for tp in consumer.assignment():
            committed |= await consumer.seek_to_committed(tp)
            offset, done = committed[tp], progress.done(TP(*tp), assignment_of(consumer)) or 0
            if offset is not None:
                if offset == 0 or done > offset:
                    consumer.seek(tp, max(done, offset))
                progress.restart(TP(*tp))
        fresh = [tp for tp, offset in committed.items() if offset is None]
        # After another rebalance these offsets are old, and another seek follows.
        if fresh and assignment_of(consumer) is assignment:
            await self.seek_to_beginning(*fresh)
        return committed

    async def seek_to_beginning(self, *partitions: TP) -> None:
        """Seek to the first offset of each partition, and forget its fetched records."""
        for tp in partitions:
            self._progress.restart(TP(*tp))
        # aiokafka drops the positions and the fetched records before it first awaits something.
        await self._ensure_consumer().seek_to_beginning(*partitions)

    async def run(self, work: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        """Call `work` with the aiokafka consumer."""
        return await work(self._ensure_consumer())

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
