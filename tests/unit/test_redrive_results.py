"""The end of a redrive when the producer does not stop in time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata, TopicPartition

from streams.dead_letters import error_headers, redrive
from streams.dead_letters.reader import DeadLetter
from streams.errors import TelexError
from streams.kafka import exact_sender
from streams.settings import Settings

POSITION = {error_headers.TOPIC: "articles.raw", error_headers.PARTITION: "0"}
DEAD_LETTER = DeadLetter(0, 7, 0, None, b"article", (), POSITION)


class SlowProducer:
    """A producer that delivers at once or fails, and then does not stop."""

    def __init__(self, failure: Exception | None) -> None:
        self._failure = failure

    async def send(self, topic: str, *_: Any, **__: Any) -> asyncio.Future[Any]:
        delivery = asyncio.get_running_loop().create_future()
        if self._failure:
            delivery.set_exception(self._failure)
        else:
            delivery.set_result(RecordMetadata(topic, 0, TopicPartition(topic, 0), 12, 0, 0, 0))
        return delivery

    async def stop(self) -> None:
        await asyncio.sleep(60)


@pytest.fixture(autouse=True)
def stop_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact_sender, "STOP_LIMIT_S", 0.01)


def redriven(monkeypatch: pytest.MonkeyPatch, failure: Exception | None) -> list[tuple[DeadLetter, int]]:
    async def producer(_: Settings) -> SlowProducer:
        return SlowProducer(failure)

    monkeypatch.setattr(exact_sender, "_producer", producer)
    return list(redrive.redrive(Settings(), [DEAD_LETTER]))


def test_confirmed_records_are_redriven_although_the_producer_does_not_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    assert redriven(monkeypatch, None) == [(DEAD_LETTER, 12)]


def test_the_error_of_a_delivery_is_reported_although_the_producer_does_not_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(TelexError, match=r"after 0 dead letters .*disk is full"):
        redriven(monkeypatch, KafkaError("the disk is full"))
