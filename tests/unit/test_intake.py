"""The intake of a worker: batches of what is there, and room for more."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiokafka.structs import ConsumerRecord
from faust.types import TP

from streams.records.originals import Original
from streams.worker.backlog import MAX_BYTES
from streams.worker.faust_adapter.intake import ENOUGH, FetchedRecord, Intake

TOPIC = "articles.raw"


TP_3 = TP(TOPIC, 3)


def new_intake(finished: list[FetchedRecord] | None = None) -> Intake:
    """An intake that adds the finished records to a list."""
    return Intake((finished if finished is not None else []).append)


def record(offset: int, intake: Intake | None = None, checksum: Any = None, value: bytes = b"v") -> FetchedRecord:
    headers = [("ce_id", b"1"), ("ce_id", None)]
    fetched = ConsumerRecord(TOPIC, 3, offset, 1700000000123, 0, b"k", value, checksum, 1, 1, headers)
    return FetchedRecord(intake or new_intake(), TP_3, fetched)


def filled(*offsets: int) -> Intake:
    intake = new_intake()
    for offset in offsets:
        intake.put(record(offset, intake))
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
        intake = new_intake()
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
        assert intake.has_capacity
        intake.put(record(ENOUGH))
        assert not intake.has_capacity
        waiting = asyncio.ensure_future(intake.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        assert len(await taken(intake, 2)) == 2
        assert intake.has_capacity
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


def test_a_record_is_awaited_until_it_is_finished_and_counts_once() -> None:
    async def work() -> None:
        finished: list[FetchedRecord] = []
        intake = new_intake(finished)
        first, second = record(1, intake), record(2, intake)
        intake.put(first)
        intake.put(second)
        assert (first.awaited, second.awaited) == (True, True)
        second.ack()
        second.ack()
        assert (first.awaited, second.awaited) == (True, False)
        assert finished == [second]

    run(work())


def test_a_record_that_is_fetched_again_is_not_awaited_and_cannot_be_finished() -> None:
    """The partition was taken away and came back, or its topic was created again with another record at the offset."""

    async def work() -> None:
        finished: list[FetchedRecord] = []
        intake = new_intake(finished)
        before, again = record(1, intake), record(1, intake)
        intake.put(before)
        intake.drop(TP_3)
        assert not before.awaited
        intake.put(again)
        before.ack()
        assert (before.awaited, again.awaited, finished) == (False, True, [])
        again.ack()
        assert finished == [again]

    run(work())


def test_it_has_no_room_while_the_unfinished_records_have_too_many_bytes() -> None:
    async def work() -> None:
        intake = new_intake()
        large = record(1, intake, value=bytes(MAX_BYTES))
        intake.put(large)
        assert await intake.batch(1) == [large]
        assert not intake.has_capacity
        waiting = asyncio.ensure_future(intake.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        large.ack()
        assert intake.has_capacity
        await waiting

    run(work())
