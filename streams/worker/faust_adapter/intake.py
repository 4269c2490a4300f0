"""The intake of a worker: records that were fetched and wait for the agent."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from faust.types import TP

from streams.records.headers import Headers
from streams.records.originals import Original

# When so many records wait, no further ones are fetched.
ENOUGH = 256


class Bookkeeping(Protocol):
    """Knows which records are finished, and which are fetched again."""

    def awaits(self, record: FetchedRecord) -> bool:
        """Whether the record has to be processed: it is unfinished, and not fetched again."""

    def ack(self, record: FetchedRecord) -> bool:
        """Mark the record as finished."""


class FetchedRecord:
    """A fetched record, as the runtime takes it.

    Args:
        books: of the consumer that fetched the record.
        tp: the partition.
        fetched: the record as aiokafka returns it.
    """

    __slots__ = ("_books", "headers", "key", "offset", "original", "partition", "timestamp_ms", "topic", "tp", "value")

    def __init__(self, books: Bookkeeping, tp: TP, fetched: Any) -> None:
        self._books, self.tp = books, tp
        self.topic, self.partition = tp
        self.key: bytes | None = fetched.key
        self.value: bytes | None = fetched.value
        self.headers: Headers = tuple(fetched.headers or ())
        self.offset: int = fetched.offset
        self.timestamp_ms: int | None = fetched.timestamp
        # aiokafka's field of this name is what `streams.worker.faust_adapter.lenient_fetcher` puts there.
        self.original: Original | None = fetched.checksum if isinstance(fetched.checksum, Original) else None

    @property
    def awaited(self) -> bool:
        """Whether the record has to be processed here: it is not finished, and nobody fetches it again."""
        return self._books.awaits(self)

    def ack(self) -> None:
        """Mark the record as finished, so that its offset may be committed."""
        self._books.ack(self)


class Intake:
    """The records that wait, in their order. Nothing is ever cleared: `FetchedRecord.awaited` tells what still counts.

    Faust's own way from the consumer to the agent is longer. Faust 0.15.3 makes four tasks for each record
    (`wait_first` in `_drain_messages` of its transport/consumer.py), clears the queues of its agents when a rebalance
    ends and may drop records that nobody fetches again (`FlowControlEvent.resume`), and drops events of another
    generation for the same reason (`StreamIterator._prepare_event` in its _cython/streams.pyx). Its `noack_take` asks
    every few milliseconds whether something has come.
    """

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[FetchedRecord] = asyncio.Queue()
        self._room = asyncio.Event()
        self._room.set()

    def put(self, record: FetchedRecord) -> None:
        """Add a record."""
        self._waiting.put_nowait(record)
        if self._waiting.qsize() >= ENOUGH:
            self._room.clear()

    async def batch(self, most: int) -> list[FetchedRecord]:
        """The next 1 to `most` records. Waits for the first one, and takes what is there with it."""
        records = [await self._waiting.get()]
        while len(records) < most and not self._waiting.empty():
            records.append(self._waiting.get_nowait())
        if self._waiting.qsize() < ENOUGH:
            self._room.set()
        return records

    @property
    def has_room(self) -> bool:
        """Whether fewer than ENOUGH records wait."""
        return self._room.is_set()

    async def wait(self) -> None:
        """Wait until fewer than ENOUGH records wait."""
        await self._room.wait()
