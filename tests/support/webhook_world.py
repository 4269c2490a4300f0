"""A world for the lanes of webhooks: a topic, positions, endpoints and a clock in memory, and a worker that dies.

The lanes in it are those of the worker. Hundreds of histories run in a second, and a day does too.
"""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from dataclasses import dataclass, field

from streams.records.headers import Headers
from streams.records.originals import Original
from streams.worker.delivery import Record
from streams.worker.stored_record import StoredRecord
from streams.worker.webhooks.lane import GoneError, Lane
from streams.worker.webhooks.positions import Key, Position
from streams.worker.webhooks.post import NotDeliveredError
from streams.worker.webhooks.stored_matches import Reading


@dataclass
class Consumed:
    """A match that the worker has fetched."""

    offset: int
    key: bytes | None
    acknowledged: set[int]
    value: bytes | None = b"{}"
    headers: Headers = ()
    topic: str = "articles.matches"
    partition: int = 0
    timestamp_ms: int | None = 0
    original: Original | None = None
    awaited: bool = True

    def ack(self) -> None:
        self.acknowledged.add(self.offset)


@dataclass
class World:
    """A topic of matches with one partition, the stored positions, the endpoints, and a worker that may die.

    Attributes:
        topic: the watch of each match, by offset.
        down: the watches whose endpoints fail.
        slow: the watches whose endpoints take many steps.
        gone: the watches that were removed.
        accepted: the offsets that each endpoint accepted, in their order.
        attempted: when each attempt was made.
        given_up: when each match became a dead letter, by offset.
        give_up_s: seconds after which a match that fails is given up.
        written: when each match was written, by offset; 0 where nothing is said.
        clock: the time. It moves while a lane waits for its next attempt.
        waiting: the number of lanes that wait for their next attempt.
    """

    topic: list[str] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    accepted: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    attempted: list[float] = field(default_factory=list)
    given_up: dict[int, float] = field(default_factory=dict)
    give_up_s: float = math.inf
    written: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    clock: float = 0.0
    waiting: int = 0
    stored: dict[Key, Position] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)
    taken: int = 0
    lanes: dict[Key, Lane] = field(default_factory=dict)
    tasks: dict[Key, asyncio.Task[None]] = field(default_factory=dict)

    # What the lanes need (`streams.worker.webhooks.lane.Services`).

    async def attempt(self, watch: str, record: Record) -> None:
        self.attempted.append(self.clock)
        for _ in range(200 if watch in self.slow else 2):
            await asyncio.sleep(0)
        if watch in self.gone:
            raise GoneError
        if watch in self.down:
            raise NotDeliveredError("it is down")
        self.accepted[watch].append(record.offset)

    async def read(self, watch: str, partition: int, offset: int) -> Reading:
        await asyncio.sleep(0)
        end = min(len(self.topic), offset + 5)
        found = [
            StoredRecord("articles.matches", 0, at, watch.encode(), b"{}", (), round(self.written[at] * 1000))
            for at in range(offset, end)
            if self.topic[at] == watch
        ]
        await asyncio.sleep(0)
        return Reading(found, end, end == len(self.topic))

    async def put(self, key: Key, position: Position) -> None:
        await asyncio.sleep(0)
        self.stored[key] = position
        await asyncio.sleep(0)

    async def remove(self, key: Key, last: Position) -> None:
        await asyncio.sleep(0)
        assert self.stored.pop(key) == last
        await asyncio.sleep(0)

    async def give_up(self, record: StoredRecord, position: Position) -> None:
        self.given_up[record.offset] = self.clock

    def is_expired(self, record: Record) -> bool:
        return self.clock - (record.timestamp_ms or 0) / 1000 > self.give_up_s

    def now(self) -> float:
        return self.clock

    async def wait(self, watch: str, seconds: float) -> None:
        self.waiting += 1
        try:
            slice_s = max(seconds / 4, 0.25)
            await asyncio.sleep(0)
            while seconds > 0:
                self.clock += min(seconds, slice_s)
                seconds -= slice_s
                await asyncio.sleep(0)
        finally:
            self.waiting -= 1

    # The worker.

    def die(self) -> None:
        """End all at once, and begin again with what is committed and stored."""
        for task in self.tasks.values():
            task.cancel()
        self.tasks.clear()
        self.lanes = {key: Lane(key, self, lambda: None, position) for key, position in self.stored.items()}
        self.taken = next((at for at in range(len(self.topic)) if at not in self.acknowledged), len(self.topic))
        # What was acknowledged beyond the committed offset is forgotten.
        self.acknowledged = set(range(self.taken))
        self._start()

    async def take(self) -> None:
        """Take all new matches."""
        while self.taken < len(self.topic):
            at, watch = self.taken, self.topic[self.taken]
            self.taken += 1
            lane = self.lanes.setdefault((watch, 0), Lane((watch, 0), self, lambda: None))
            await lane.put(Consumed(at, watch.encode(), self.acknowledged))
            self._start()

    def _start(self) -> None:
        for key, lane in self.lanes.items():
            if (lane.waiting or lane.is_behind) and (key not in self.tasks or self.tasks[key].done()):
                self.tasks[key] = asyncio.create_task(lane.run())

    async def steps(self, count: int) -> None:
        for _ in range(count):
            await asyncio.sleep(0)
        self._start()

    async def finish(self) -> None:
        """Let everything be delivered."""
        for _ in range(1000):
            await self.take()
            await self.steps(50)
            if not any(lane.waiting or lane.is_behind for lane in self.lanes.values()):
                break
        assert not [task for task in self.tasks.values() if task.done() and task.exception()]
        assert self.acknowledged == set(range(len(self.topic)))
        assert self.stored == {}
