"""The intake of a worker: batches of what is there, and room for more."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiokafka.structs import ConsumerRecord
from faust.types import TP

from streams.records.originals import Original
from streams.worker.faust_adapter.intake import ENOUGH, FetchedRecord, Intake

TOPIC = "articles.raw"


class Books:
    """The bookkeeping of a consumer that fetches the records of some offsets again."""

    def __init__(self, *fetched_again: int) -> None:
        self._fetched_again = fetched_again
        self.finished: list[int] = []

    def awaits(self, record: FetchedRecord) -> bool:
        return record.offset not in self._fetched_again

    def ack(self, record: FetchedRecord) -> bool:
        self.finished.append(record.offset)
        return True


def record(offset: int, books: Books | None = None, checksum: Any = None) -> FetchedRecord:
    headers = [("ce_id", b"1"), ("ce_id", None)]
    fetched = ConsumerRecord(TOPIC, 3, offset, 1700000000123, 0, b"k", b"v", checksum, 1, 1, headers)
    return FetchedRecord(books or Books(), TP(TOPIC, 3), fetched)


def filled(*offsets: int) -> Intake:
    intake = Intake()
    for offset in offsets:
        intake.put(record(offset))
    return intake


async def taken(intake: Intake, most: int) -> list[int]:
    return [record.offset for record in await intake.batch(most)]


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_a_batch_has_what_is_there_and_no_more_than_the_limit() -> None:
    async def work() -> None:
        intake = filled(1, 2, 3, 4, 5)
        assert await taken(intake, 3) == [1, 2, 3]
        assert await taken(intake, 3) == [4, 5]

    run(work())


def test_the_first_record_does_not_wait_for_others() -> None:
    async def work() -> None:
        intake = Intake()
        batch = asyncio.ensure_future(taken(intake, 32))
        await asyncio.sleep(0)
        assert not batch.done()
        intake.put(record(1))
        for _ in range(3):  # turns of the event loop, and no time
            await asyncio.sleep(0)
        assert batch.result() == [1]

    run(work())


def test_it_has_room_until_enough_records_wait_and_again_when_some_are_taken() -> None:
    async def work() -> None:
        intake = filled(*range(ENOUGH - 1))
        assert intake.has_room
        intake.put(record(ENOUGH))
        assert not intake.has_room
        waiting = asyncio.ensure_future(intake.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        assert len(await taken(intake, 2)) == 2
        assert intake.has_room
        await waiting

    run(work())


def test_a_record_has_every_field_of_what_was_fetched() -> None:
    found = record(7)
    assert (found.topic, found.partition, found.offset, found.key, found.value) == (TOPIC, 3, 7, b"k", b"v")
    assert found.headers == (("ce_id", b"1"), ("ce_id", None))
    assert (found.timestamp_ms, found.original) == (1700000000123, None)
    original = Original("a wrong checksum", {"value": 1}, "")
    assert record(7, checksum=original).original is original
    assert record(7, checksum=123).original is None


def test_a_record_asks_the_books_of_its_consumer() -> None:
    books = Books(1)
    assert [record(offset, books).awaited for offset in (1, 2)] == [False, True]
    record(2, books).ack()
    assert books.finished == [2]
