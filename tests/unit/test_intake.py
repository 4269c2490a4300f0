"""The intake of a worker: batches of what is there, and only of records that nobody fetches again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from streams.worker.faust_adapter.intake import batches


@dataclass(frozen=True)
class Event:
    message: int


@dataclass
class Stream:
    """The parts of a Faust stream that the intake uses: its queue, and the consumer with its bookkeeping."""

    fetched_again: set[int] = field(default_factory=set)
    queue: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)

    @property
    def channel(self) -> Stream:
        return self

    @property
    def app(self) -> Stream:
        return self

    @property
    def consumer(self) -> Stream:
        return self

    def awaits(self, message: int) -> bool:
        return message not in self.fetched_again

    def put(self, *messages: int) -> None:
        for message in messages:
            self.queue.put_nowait(Event(message))


def messages(batch: list[Any]) -> list[int]:
    return [event.message for event in batch]


def test_a_batch_has_what_is_there_and_no_more_than_the_limit() -> None:
    async def work() -> None:
        stream = Stream()
        intake = batches(stream, 3)
        stream.put(1, 2, 3, 4, 5)
        assert messages(await anext(intake)) == [1, 2, 3]
        assert messages(await anext(intake)) == [4, 5]

    asyncio.run(work())


def test_the_first_event_does_not_wait_for_others() -> None:
    async def work() -> None:
        stream = Stream()
        batch = asyncio.ensure_future(anext(batches(stream, 32)))
        await asyncio.sleep(0)
        assert not batch.done()
        stream.put(1)
        for _ in range(3):  # turns of the event loop, and no time
            await asyncio.sleep(0)
        assert messages(batch.result()) == [1]

    asyncio.run(work())


def test_an_event_whose_record_is_fetched_again_is_left_out() -> None:
    async def work() -> None:
        stream = Stream(fetched_again={1, 2, 4})
        intake = batches(stream, 2)
        stream.put(1, 2, 3, 4, 5)
        assert messages(await anext(intake)) == [3]
        assert messages(await anext(intake)) == [5]

    asyncio.run(work())
