"""The runtime of the webhooks worker: it gives each match to the lane of its watch, and keeps the delivery rules.

A match is acknowledged when its endpoint has it, when the position of its lane is stored, when its dead letter is
delivered, or when its watch has no URL. Trouble with the broker stops the worker, and acknowledges nothing more.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from streams.errors import Reason
from streams.records import originals
from streams.records.outcomes import Dead
from streams.records.watches import Watch
from streams.worker.delivery import Delivery, Record
from streams.worker.stored_record import StoredRecord
from streams.worker.webhooks.lane import GoneError, Lane
from streams.worker.webhooks.positions import Key, Position, Positions
from streams.worker.webhooks.post import NotDeliveredError, Poster
from streams.worker.webhooks.stored_matches import Reading, StoredMatches
from streams.worker.webhooks.webhook_metrics import WebhookMetrics

# Seconds between two looks for partitions that this worker has, and none of whose matches it has seen.
ADOPT_INTERVAL_S = 1.0


class _Match(msgspec.Struct, frozen=True):
    """What the worker reads of a match."""

    id: str
    watch: str


_decoder = msgspec.json.Decoder(_Match)


class WebhookRuntime:
    """Takes matches and delivers them. It has the methods of `streams.worker.runtime.StageRuntime`.

    Args:
        poster: sends webhooks.
        positions: of the lanes that are behind.
        stored: reads matches again.
        delivery: of dead letters.
        metrics: of the worker.
        give_up_s: seconds after which a match that fails becomes a dead letter.
        assigned: the partitions of this worker.

    Attributes:
        finished: the number of acknowledged records.
        watches: the watches by their names. Set the first ones here, and others with `change`.
    """

    def __init__(
        self,
        poster: Poster,
        positions: Positions,
        stored: StoredMatches,
        delivery: Delivery,
        metrics: WebhookMetrics,
        give_up_s: float,
        assigned: Callable[[], Collection[int]],
    ) -> None:
        self._poster, self._positions, self._stored = poster, positions, stored
        self._delivery, self._metrics, self._give_up_s, self._assigned = delivery, metrics, give_up_s, assigned
        self.watches: Mapping[str, Watch] = {}
        self.finished = 0
        self._lanes: dict[Key, Lane] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        # The partitions of the assignment whose stored lanes are known, and the number of the assignment.
        self._adopted: set[int] = set()
        self._assignment = 0
        self._adopting = asyncio.Lock()
        # By watch: whether it was written again since its last attempt began. The attempt may have used another URL.
        self._written = defaultdict[str, asyncio.Event](asyncio.Event)
        self._may_take, self._may_attempt = asyncio.Event(), asyncio.Event()
        self._attempts, self._quiet = 0, asyncio.Event()
        self._quiet.set()
        self._draining = False
        self.failure: BaseException | None = None
        self.resume()
        self._adopter = self._guarded(self._adopt_assigned())

    def change(self, watches: Mapping[str, Watch], written: Iterable[str]) -> None:
        """Use other watches from now on.

        Args:
            watches: all of them.
            written: the names of those that were added, changed, removed, or added again as they were. Their lanes try
                again at once: the URL may be another one, or the endpoint was repaired.
        """
        self.watches = watches
        for name in written:
            self._written[name].set()

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
        return not any(lane.waiting for lane in self._lanes.values())

    async def settle(self, limit_s: float) -> None:
        """Take nothing more, start no attempt, and let those under way end within `limit_s` seconds.

        The others are made again by the next owner of the partition.
        """
        self._may_take.clear()
        self._may_attempt.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), limit_s)
        self._forget()

    def resume(self) -> None:
        """Begin again with nothing known, except after `drain`: a rebalance has fetched all unfinished records anew."""
        self._forget()
        if not self._draining:
            self._may_take.set()
            self._may_attempt.set()

    async def drain(self, limit_s: float) -> None:
        """Settle for good."""
        self._draining = True
        self._adopter.cancel()
        await self.settle(limit_s)

    def _forget(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        self._lanes.clear()
        self._adopted.clear()
        self._assignment += 1
        self._count_lanes()

    async def _take(self, record: Record) -> None:
        name = _watch_of(record)
        if isinstance(name, Dead):
            await self._delivery.deliver([record], [name])
            record.ack()
            self._metrics.dead_letter(name.reason)
        else:
            key, watch = (name, record.partition), self.watches.get(name)
            if key in self._lanes or (watch and watch.url):
                lane = self._lanes.setdefault(key, Lane(key, self, self._count_lanes))
                await lane.put(record)
                self._start(key)
            else:
                record.ack()
        self.finished += 1
        self._metrics.taken()

    def _start(self, key: Key) -> None:
        """Run a lane, unless it runs already."""
        if key not in self._tasks or self._tasks[key].done():
            self._tasks[key] = self._guarded(self._lanes[key].run())
            self._tasks[key].add_done_callback(lambda task: self._end(key, task))

    def _end(self, key: Key, task: asyncio.Task[None]) -> None:
        # The lane stays: it knows what it has delivered. A match may have come after it had nothing left.
        if self._tasks.get(key) is task and not task.cancelled():
            del self._tasks[key]
            if self._lanes[key].waiting:
                self._start(key)

    def _guarded(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task whose exception stops the worker."""

        async def guarded() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                self.failure = error
                await asyncio.Event().wait()

        return asyncio.create_task(guarded())

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
            found = await self._positions.of_partition(partition)
            if assignment != self._assignment:  # a rebalance came during the reading
                return
            self._adopted.add(partition)
            for key, position in found:
                self._lanes[key] = Lane(key, self, self._count_lanes, position)
                self._start(key)
            self._count_lanes()

    def _count_lanes(self) -> None:
        self._metrics.behind(sum(lane.is_behind for lane in self._lanes.values()))

    # The methods of `streams.worker.webhooks.lane.Office`.

    async def attempt(self, watch: str, record: Record) -> None:
        """Try to deliver a match. Raises NotDeliveredError or GoneError."""
        await self._may_attempt.wait()
        known = self.watches.get(watch)
        if known is None or known.url is None:
            raise GoneError
        self._written[watch].clear()
        match = _decoder.decode(record.value or b"")
        begin = time.monotonic()
        self._attempts += 1
        self._quiet.clear()
        try:
            await self._poster.post(watch, known.url, match.id, record.value or b"", record.timestamp_ms or 0)
        except NotDeliveredError:
            self._metrics.attempted("failed", time.monotonic() - begin)
            raise
        finally:
            self._attempts -= 1
            if not self._attempts:
                self._quiet.set()
        self._metrics.attempted("delivered", time.monotonic() - begin)

    async def read(self, watch: str, partition: int, offset: int) -> Reading:
        """Read matches again from their topic."""
        return await self._stored.read(watch, partition, offset)

    async def put(self, key: Key, position: Position) -> None:
        """Store the position of a lane."""
        await self._positions.put(key, position)

    async def remove(self, key: Key, last: Position) -> None:
        """Remove the position that the lane stored last."""
        await self._positions.remove(key, last)

    async def give_up(self, record: StoredRecord, position: Position) -> None:
        """Write the dead letter of a match."""
        dead = Dead(
            Reason.DELIVERY_FAILED,
            f"The webhook could not be delivered for {self._give_up_s:g} s: {position.error}.",
            f"{NotDeliveredError.__module__}.{NotDeliveredError.__qualname__}",
            position.attempts,
        )
        await self._delivery.deliver([record], [dead])
        self._metrics.dead_letter(dead.reason)

    def is_expired(self, record: Record) -> bool:
        """Whether a match is so old that it is given up when it fails."""
        return self.now() - (record.timestamp_ms or 0) / 1000 > self._give_up_s

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    async def wait(self, watch: str, seconds: float) -> None:
        """Wait so long, or until the watch is written again."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._written[watch].wait(), seconds)


def _watch_of(record: Record) -> str | Dead:
    """The name of the watch of a match, or the dead letter of a record that is no match."""
    if unreadable := originals.dead_if_unreadable(record.original):
        return unreadable
    try:
        match = _decoder.decode(record.value or b"")
        if match.watch.encode() != record.key:
            raise ValueError("the key is not the name of the watch")
        return match.watch
    except (ValueError, RecursionError) as error:
        return Dead.of(Reason.INVALID_FIELD, ValueError(f"The record is no match: {error}."))
