"""The runtime of the webhooks worker: it gives each match to the lane of its watch, and keeps the delivery rules.

A match is acknowledged when its endpoint has it, when the position of its lane is stored, when its dead letter is
delivered, or when its watch has no URL. Trouble with the broker stops the worker, and acknowledges nothing more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any

from streams.records.outcomes import Dead
from streams.worker.delivery import Delivery, Record
from streams.worker.webhooks.lane_services import LaneServices
from streams.worker.webhooks.lanes import Lanes
from streams.worker.webhooks.match_record import watch_of
from streams.worker.webhooks.positions import Positions
from streams.worker.webhooks.webhook_metrics import WebhookMetrics

# Seconds between two looks for partitions that this worker has, and none of whose matches it has seen.
ADOPT_INTERVAL_S = 1.0


class WebhookRuntime:
    """Takes matches and delivers them. It has the methods of `streams.worker.runtime.Runtime`.

    Args:
        services: what the lanes share.
        positions: of the lanes that are behind.
        delivery: of dead letters.
        metrics: of the worker.
        assigned: the partitions of this worker.

    Attributes:
        finished: the number of acknowledged records.
        failure: the exception that stopped the runtime; None while it runs.
    """

    def __init__(
        self,
        services: LaneServices,
        positions: Positions,
        delivery: Delivery,
        metrics: WebhookMetrics,
        assigned: Callable[[], Collection[int]],
    ) -> None:
        self._services, self._positions, self._delivery = services, positions, delivery
        self._metrics, self._assigned = metrics, assigned
        self.finished = 0
        self.failure: BaseException | None = None
        self._lanes = Lanes(services, metrics, self._start_task)
        # The partitions of the assignment whose stored lanes are known, and the number of the assignment.
        self._adopted: set[int] = set()
        self._assignment = 0
        self._adopting = asyncio.Lock()
        self._may_take = asyncio.Event()
        self._draining = False
        self.resume()
        self._adopter = self._start_task(self._adopt_assigned())

    async def take(self, records: Sequence[Record]) -> None:
        """Give records to their lanes. Waits after `settle` until `resume`, and forever after a failure."""
        for record in records:
            await self._may_take.wait()
            if self.failure:
                await asyncio.Event().wait()
            while record.awaited and record.partition not in self._adopted:
                await self._adopt(record.partition)
            if record.awaited:
                await self._take(record)

    @property
    def idle(self) -> bool:
        """Whether no match is in memory."""
        return not self._lanes.has_waiting

    async def settle(self, limit_s: float) -> None:
        """Take nothing more, start no attempt, and let those under way end within `limit_s` seconds.

        The others are made again by the next owner of the partition.
        """
        self._may_take.clear()
        await self._services.stop_attempts(limit_s)
        self._forget()

    def resume(self) -> None:
        """Begin again with nothing known, except after `drain`: a rebalance has fetched all unfinished records anew."""
        self._forget()
        if not self._draining:
            self._may_take.set()
            self._services.allow_attempts()

    async def drain(self, limit_s: float) -> None:
        """Settle for good."""
        self._draining = True
        self._adopter.cancel()
        await self.settle(limit_s)

    def _forget(self) -> None:
        self._lanes.clear()
        self._adopted.clear()
        self._assignment += 1

    async def _take(self, record: Record) -> None:
        watch = watch_of(record)
        if isinstance(watch, Dead):
            await self._delivery.deliver([record], [watch])
            record.ack()
            self._metrics.dead_letter(watch.reason)
        else:
            key = watch, record.partition
            if key in self._lanes or self._services.url_of(watch):
                await self._lanes.put(key, record)
            else:
                record.ack()
        self.finished += 1
        self._metrics.taken()

    async def _adopt_assigned(self) -> None:
        while True:
            await asyncio.sleep(ADOPT_INTERVAL_S)
            await self._may_take.wait()
            assignment = self._assignment
            for partition in self._assigned():
                if assignment == self._assignment:
                    await self._adopt(partition)

    async def _adopt(self, partition: int) -> None:
        """Start the lanes of a partition that are behind, before its first match is delivered."""
        async with self._adopting:
            assignment = self._assignment
            if partition in self._adopted:
                return
            positions = await self._positions.of_partition(partition)
            if assignment == self._assignment:  # else a rebalance came during the reading
                self._adopted.add(partition)
                self._lanes.restore(positions)

    def _start_task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a task whose exception stops the worker."""

        async def guarded() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                self.failure = error
                await asyncio.Event().wait()

        return asyncio.create_task(guarded())
