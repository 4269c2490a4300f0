"""The lanes of a worker, each with the task that runs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from streams.worker.delivery import Record
from streams.worker.webhooks.lane import Lane, Services
from streams.worker.webhooks.positions import Key, Position
from streams.worker.webhooks.webhook_metrics import WebhookMetrics


class Lanes:
    """The lanes of the partitions that this worker has.

    Args:
        services: what the lanes share.
        metrics: of the worker.
        start_task: starts a task whose exception stops the worker.
    """

    def __init__(
        self,
        services: Services,
        metrics: WebhookMetrics,
        start_task: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        self._services, self._metrics, self._start_task = services, metrics, start_task
        self._lanes: dict[Key, Lane] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._lanes

    @property
    def has_waiting(self) -> bool:
        """Whether a match is in memory."""
        return any(lane.waiting for lane in self._lanes.values())

    async def put(self, key: Key, record: Record) -> None:
        """Give a match to its lane. Raises TelexError when the broker does not take the position of a full lane."""
        await self._lanes.setdefault(key, Lane(key, self._services, self._count_behind)).put(record)
        self._start(key)

    def restore(self, positions: Iterable[tuple[Key, Position]]) -> None:
        """Start the lanes that are behind, from their stored positions."""
        for key, position in positions:
            self._lanes[key] = Lane(key, self._services, self._count_behind, position)
            self._start(key)
        self._count_behind()

    def clear(self) -> None:
        """Stop all lanes, and forget them. What they have not delivered is not acknowledged."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        self._lanes.clear()
        self._count_behind()

    def _start(self, key: Key) -> None:
        """Run a lane, unless it runs already."""
        if key not in self._tasks or self._tasks[key].done():
            self._tasks[key] = self._start_task(self._lanes[key].run())
            self._tasks[key].add_done_callback(lambda task: self._end(key, task))

    def _end(self, key: Key, task: asyncio.Task[None]) -> None:
        # The lane stays: it knows what it has delivered. A match may have come after it had nothing left.
        if self._tasks.get(key) is task and not task.cancelled():
            del self._tasks[key]
            if self._lanes[key].waiting:
                self._start(key)

    def _count_behind(self) -> None:
        self._metrics.behind(sum(lane.is_behind for lane in self._lanes.values()))
