"""Reading a topic while somebody looks: what the server knows of it while Kafka does not answer, and afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streams.errors import TelexError
from streams.settings import Settings
from streams.stages import ENRICHED
from streams.web import tail, topic_reading
from streams.web.recent import RecentArticles
from streams.web.tail import Tail
from streams.web.topic_record import TopicRecord
from tests.support.web_server import NO_KAFKA


class Taker:
    """Takes what comes."""

    def __init__(self) -> None:
        self.recent = RecentArticles()

    def start_over(self, mark: str, offsets: dict[int, int]) -> None:
        self.recent.start_over(mark, offsets)

    def take(self, records: list[TopicRecord]) -> None:
        self.recent.append(records)


def test_a_server_that_nobody_asks_any_more_is_ready_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A balancer sends nobody to a server that is not ready. So nobody would ask, and it would stay so for ever."""
    monkeypatch.setattr(tail, "IDLE_S", 0.0)
    monkeypatch.setattr(tail, "CHECK_S", 0.05)
    monkeypatch.setattr(topic_reading, "RETRY_S", 30.0)

    async def scenario() -> None:
        reading = Tail(Settings(bootstrap_servers=NO_KAFKA, data_dir=tmp_path), ENRICHED, bytes, Taker(), 10)
        with reading.held(), pytest.raises(TelexError, match=NO_KAFKA):
            await reading.catch_up()
        assert reading.problem
        async with asyncio.timeout(20):
            while reading.problem:  # noqa: ASYNC110 (nothing tells that it is gone)
                await asyncio.sleep(0.01)
        assert reading.lag == 0

    asyncio.run(scenario())
