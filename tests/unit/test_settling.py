"""What the stage runtime does before a rebalance and after it: it delivers all of a batch or nothing, and once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.records.headers import Headers
from streams.records.originals import Original
from streams.records.outcomes import Done, Outcome
from streams.records.outputs import Output
from streams.stages import STAGES
from streams.worker.delivery import Delivery
from streams.worker.metrics import StageMetrics
from streams.worker.runtime import StageRuntime

STAGE = STAGES["language"]


@dataclass(eq=False)
class Consumed:
    """A record, and what the runtime did with it."""

    offset: int
    awaited: bool = True
    acknowledged: bool = False
    key: bytes | None = None
    value: bytes | None = b"{}"
    headers: Headers = ()
    topic: str = STAGE.source
    partition: int = 0
    timestamp_ms: int | None = None
    original: Original | None = None

    def ack(self) -> None:
        self.acknowledged = True


@dataclass
class Scene:
    """A runtime with an analysis and a broker that finish when the test lets them.

    Attributes:
        sent: the offsets of the records whose outputs were sent.
    """

    analysed: asyncio.Event = field(default_factory=asyncio.Event)
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    sent: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        delivery = Delivery(STAGE, "", self._send, self._limit)
        self.runtime = StageRuntime(STAGE, self._analyse, delivery, StageMetrics(STAGE.name), 4)

    async def _analyse(self, values: Sequence[bytes | None]) -> list[Outcome]:
        await self.analysed.wait()
        return [Done(value or b"", (value or b"").decode(), "fr", True, {}, 0.0) for value in values]

    async def _send(self, output: Output) -> Awaitable[Any]:
        self.sent.append(int(output.key or b""))
        return asyncio.ensure_future(self.confirmed.wait())

    async def _limit(self, topic: str) -> int | None:
        return None

    async def take(self, *offsets: int) -> list[Consumed]:
        records = [Consumed(offset, value=b"%d" % offset) for offset in offsets]
        await self.runtime.take(records)
        return records


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


async def turns() -> None:
    """Some turns of the event loop, and no time."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_settling_finishes_the_batches_in_flight_and_takes_no_other() -> None:
    async def work() -> None:
        scene = Scene()
        first, second = await scene.take(1, 2), await scene.take(3)
        settling = asyncio.ensure_future(scene.runtime.settle(3600))
        await turns()
        third = asyncio.ensure_future(scene.take(4))
        scene.analysed.set()
        scene.confirmed.set()
        await settling
        assert all(record.acknowledged for record in first + second)
        assert not third.done()
        scene.runtime.resume()
        await third
        await scene.runtime.settle(3600)
        assert scene.sent == [1, 2, 3, 4]

    run(work())


def test_settling_waits_for_the_delivery_under_way_and_begins_no_other() -> None:
    async def work() -> None:
        scene = Scene()
        scene.analysed.set()
        first, second = await scene.take(1), await scene.take(2)
        await turns()
        settling = asyncio.ensure_future(scene.runtime.settle(0))
        await asyncio.wait([settling], timeout=0.1)
        assert not settling.done()
        scene.confirmed.set()
        await settling
        await turns()
        assert (first[0].acknowledged, second[0].acknowledged, scene.sent) == (True, False, [1])

    run(work())


def test_records_that_a_rebalance_took_away_are_neither_delivered_nor_acknowledged() -> None:
    async def work() -> None:
        scene = Scene()
        records = await scene.take(1, 2, 3)
        await scene.runtime.settle(0)
        records[0].awaited = records[2].awaited = False
        scene.runtime.resume()
        scene.analysed.set()
        scene.confirmed.set()
        await scene.runtime.settle(3600)
        assert [record.acknowledged for record in records] == [False, True, False]
        assert (scene.sent, scene.runtime.finished, scene.runtime.idle) == ([2], 1, True)

    run(work())


def test_records_that_a_rebalance_took_away_before_they_were_taken_are_not_analysed() -> None:
    async def work() -> None:
        scene = Scene()
        await scene.runtime.take([Consumed(1, awaited=False)])
        assert scene.runtime.idle

    run(work())


def test_a_drained_runtime_does_not_resume() -> None:
    async def work() -> None:
        scene = Scene()
        await scene.take(1)
        await scene.runtime.drain(0)
        scene.runtime.resume()
        scene.analysed.set()
        taking = asyncio.ensure_future(scene.take(2))
        await turns()
        assert not taking.done()
        assert scene.sent == []
        taking.cancel()

    run(work())
