"""The intake of a worker: records that were fetched, until the stage has finished them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from faust.types import TP

from streams.kafka.async_consumers import fetched_original
from streams.records.headers import Headers
from streams.records.originals import Original
from streams.worker.backlog import Backlog

# When so many records wait, no further ones are fetched.
ENOUGH = 256


class FetchedRecord:
    """A fetched record, as the runtime takes it.

    Args:
        intake: that holds the record until it is finished.
        tp: the partition.
        fetched: the record as aiokafka returns it.
    """

    __slots__ = ("_intake", "headers", "key", "offset", "original", "partition", "timestamp_ms", "topic", "tp", "value")

    def __init__(self, intake: Intake, tp: TP, fetched: Any) -> None:
        self._intake, self.tp = intake, tp
        self.topic, self.partition = tp
        self.key: bytes | None = fetched.key
        self.value: bytes | None = fetched.value
        self.headers: Headers = tuple(fetched.headers or ())
        self.offset: int = fetched.offset
        self.timestamp_ms: int | None = fetched.timestamp
        self.original: Original | None = fetched_original(fetched)

    @property
    def awaited(self) -> bool:
        """Whether the record has to be processed here: it is not finished, and nobody fetches it again."""
        return self._intake.holds(self)

    def ack(self) -> None:
        """Mark the record as finished, so that its offset may be committed."""
        self._intake.finish(self)


class Intake:
    """The unfinished records: those that wait, in their order, and those that the stage has taken.

    The queue is never cleared: `FetchedRecord.awaited` tells which of its records still count.

    Faust's own way from the consumer to the agent is longer. Faust 0.15.3 makes four tasks for each record
    (`wait_first` in `_drain_messages` of its transport/consumer.py), clears the queues of its agents when a rebalance
    ends and may drop records that nobody fetches again (`FlowControlEvent.resume`), and drops events of another
    generation for the same reason (`StreamIterator._prepare_event` in its _cython/streams.pyx). Its `noack_take` asks
    every few milliseconds whether something has come.

    Args:
        on_finished: receives each record that is finished.
    """

    def __init__(self, on_finished: Callable[[FetchedRecord], None]) -> None:
        self._on_finished = on_finished
        self._waiting: asyncio.Queue[FetchedRecord] = asyncio.Queue()
        # In a topic that was deleted and created again, another record has the same offset, so the object itself
        # identifies the record.
        self._held: defaultdict[TP, dict[int, FetchedRecord]] = defaultdict(dict)
        self._backlog = Backlog()
        self._capacity = asyncio.Event()
        self._capacity.set()

    def put(self, record: FetchedRecord) -> None:
        """Add a record."""
        self._backlog.add(record.tp, record)
        self._held[record.tp][record.offset] = record
        self._waiting.put_nowait(record)
        if self._waiting.qsize() >= ENOUGH:
            self._capacity.clear()

    async def batch(self, most: int) -> list[FetchedRecord]:
        """The next 1 to `most` records. Waits for the first one, and takes what is there with it."""
        records = [await self._waiting.get()]
        while len(records) < most and not self._waiting.empty():
            records.append(self._waiting.get_nowait())
        if self._waiting.qsize() < ENOUGH:
            self._capacity.set()
        return records

    def holds(self, record: FetchedRecord) -> bool:
        """Whether the record has to be processed: it is unfinished, and not fetched again."""
        return self._held.get(record.tp, {}).get(record.offset) is record

    def finish(self, record: FetchedRecord) -> None:
        """Mark a record as finished. One of an earlier assignment does not count: it is fetched again."""
        if self.holds(record):
            del self._held[record.tp][record.offset]
            self._backlog.remove(record.tp, record.offset)
            self._on_finished(record)

    def drop(self, tp: TP) -> None:
        """Hold no record of a partition any more: they are fetched again, here or by another worker."""
        self._held.pop(tp, None)
        self._backlog.drop(tp)

    @property
    def has_capacity(self) -> bool:
        """Whether fewer than ENOUGH records wait, and the unfinished ones leave room for more bytes."""
        return self._capacity.is_set() and self._backlog.has_capacity

    async def wait(self) -> None:
        """Wait until it has room."""
        await self._backlog.wait()
        await self._capacity.wait()
