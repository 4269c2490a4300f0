"""The stage runtime: the delivery rules by which nothing is lost, the same for every stage.

The runtime takes a batch and analyses it in the pool. Batches finish in the order in which they were taken: the runtime
delivers the outcomes of a batch (`streams.worker.delivery`), and only then acknowledges its records. When a delivery
fails, the runtime raises it and acknowledges nothing more, and the worker stops. After a crash, records that were not
acknowledged are processed again. Their outputs are copies, with the same id and the same bytes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from streams.records import originals
from streams.records.outcomes import Outcome
from streams.stage import Stage
from streams.stages import ENRICHED
from streams.worker.delivery import Delivery, Record
from streams.worker.metrics import StageMetrics

Analyse = Callable[[Sequence[bytes | None]], Coroutine[Any, Any, list[Outcome]]]


class Runtime(Protocol):
    """The part of a runtime that its worker uses."""

    finished: int

    @property
    def idle(self) -> bool:
        """Whether no record is in flight."""

    @property
    def failure(self) -> BaseException | None:
        """The exception that stopped the runtime; None while it runs."""

    async def take(self, records: Sequence[Record]) -> None:
        """Take a batch. Waits until there is room."""

    async def settle(self, limit_s: float) -> None:
        """Take no more, and finish what is in flight within `limit_s` seconds."""

    def resume(self) -> None:
        """Take records again."""

    async def drain(self, limit_s: float) -> None:
        """Settle for good."""


class StageRuntime:
    """Takes batches of one stage and finishes them in order.

    Args:
        stage: the stage to run.
        analyse: analyses the values of a batch.
        delivery: delivers the outcomes of a batch.
        metrics: of the stage.
        in_flight: the capacity of the queue of unfinished batches. The batch that finishes is not in the queue.

    Attributes:
        finished: the number of acknowledged records.
    """

    def __init__(
        self, stage: Stage, analyse: Analyse, delivery: Delivery, metrics: StageMetrics, in_flight: int
    ) -> None:
        self._stage, self._analyse, self._delivery, self._metrics = stage, analyse, delivery, metrics
        self._queue: asyncio.Queue[tuple[Sequence[Record], asyncio.Task[list[Outcome]], float]] = asyncio.Queue(
            in_flight
        )
        self._finisher: asyncio.Task[None] | None = None
        self._may_take, self._may_deliver = asyncio.Event(), asyncio.Event()
        self._delivering = asyncio.Lock()
        self._draining = False
        self._in_flight = 0
        self.finished = 0
        self.resume()

    async def take(self, records: Sequence[Record]) -> None:
        """Start the analysis of a batch and queue it.

        Waits for room in the queue, after `settle` until `resume`, and forever after `drain` or a failure.
        """
        if self._finisher is None:
            self._finisher = asyncio.create_task(self._finish())
        await self._may_take.wait()
        if self._finisher.done():
            await asyncio.Event().wait()
        if records := [record for record in records if record.awaited]:
            self._in_flight += 1
            work = asyncio.create_task(self._outcomes(records))
            await self._queue.put((records, work, time.monotonic()))

    async def _outcomes(self, records: Sequence[Record]) -> list[Outcome]:
        # A record that the Kafka client could not read is not analysed: its outcome is a dead letter already.
        unreadable = [originals.dead_if_unreadable(record.original) for record in records]
        analysed = iter(
            await self._analyse([record.value for record, dead in zip(records, unreadable, strict=True) if not dead])
        )
        return [dead or next(analysed) for dead in unreadable]

    @property
    def idle(self) -> bool:
        """Whether no batch is in flight."""
        return self._in_flight == 0

    @property
    def failure(self) -> BaseException | None:
        """The exception that stopped the runtime; None while it runs."""
        return self._finisher.exception() if self._finisher and self._finisher.done() else None

    async def settle(self, limit_s: float) -> None:
        """Take no more batches, and finish those in flight within `limit_s` seconds.

        After that only the delivery that is under way goes on, and this call waits for its end. Nothing is taken or
        delivered until `resume`, so that a commit covers every record whose output is delivered.
        """
        self._may_take.clear()
        if self._finisher and not self._finisher.done():
            joined = asyncio.create_task(self._queue.join())
            await asyncio.wait([joined, self._finisher], timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
            joined.cancel()
        self._may_deliver.clear()
        async with self._delivering:
            pass

    def resume(self) -> None:
        """Take and deliver batches again, except after `drain`."""
        if not self._draining:
            self._may_take.set()
            self._may_deliver.set()

    async def drain(self, limit_s: float) -> None:
        """Settle for good.

        Unfinished batches are not acknowledged, so they are consumed again after a restart.
        """
        self._draining = True
        await self.settle(limit_s)

    async def _finish(self) -> None:
        while True:
            records, work, taken = await self._queue.get()
            outcomes = await work
            await self._may_deliver.wait()
            async with self._delivering:
                await self._deliver(records, outcomes, taken)
            self._queue.task_done()
            self._in_flight -= 1

    async def _deliver(self, records: Sequence[Record], outcomes: Sequence[Outcome], taken: float) -> None:
        # After a rebalance the records in flight are fetched again, by this worker or another one. To deliver them here
        # too would only make copies.
        pairs = [(record, outcome) for record, outcome in zip(records, outcomes, strict=True) if record.awaited]
        if not pairs:
            return
        records, outcomes = [record for record, _ in pairs], [outcome for _, outcome in pairs]
        outcomes = await self._delivery.deliver(records, outcomes)
        for record in records:
            record.ack()
        self.finished += len(records)
        seconds, enriched = time.monotonic() - taken, self._stage.target == ENRICHED
        self._metrics.finished([record.headers for record in records], outcomes, seconds, enriched=enriched)
