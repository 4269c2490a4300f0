"""The lanes of webhooks: whatever fails and whenever the worker dies, every match arrives, and in its order.

The lanes are those of the worker. The topic, the positions and the endpoints are in memory, so that hundreds of
histories run in a second; `tests/integration/test_webhooks.py` runs the worker on a real Kafka.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.records.headers import Headers
from streams.records.originals import Original
from streams.worker.delivery import Record
from streams.worker.stored_record import StoredRecord
from streams.worker.webhooks.lane import MOST_WAITING, GoneError, Lane
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
        expired: the offsets that are old enough to be given up.
    """

    topic: list[str] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    accepted: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    attempts: int = 0
    expired: set[int] = field(default_factory=set)
    given_up: list[int] = field(default_factory=list)
    stored: dict[Key, Position] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)
    taken: int = 0
    lanes: dict[Key, Lane] = field(default_factory=dict)
    tasks: dict[Key, asyncio.Task[None]] = field(default_factory=dict)

    # What the lanes need (`streams.worker.webhooks.lane.Office`).

    async def attempt(self, watch: str, record: Record) -> None:
        self.attempts += 1
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
            StoredRecord("articles.matches", 0, at, watch.encode(), b"{}", (), 0)
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
        self.given_up.append(record.offset)

    def is_expired(self, record: Record) -> bool:
        return record.offset in self.expired

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(0)

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


# A match comes and is taken, or waits until others are taken. The endpoint of `a` alone fails.
ACTIONS = st.sampled_from(["a", "b", "a waits", "b waits", "down", "up", "1", "2", "3", "5", "8", "die"])


@settings(max_examples=400)
@given(st.lists(ACTIONS, max_size=40))
def test_every_match_arrives_in_its_order_whatever_happens(history: list[str]) -> None:
    async def run() -> None:
        world = World()
        for action in history:
            match action:
                case "a" | "b":
                    world.topic.append(action)
                    await world.take()
                case "a waits" | "b waits":
                    world.topic.append(action[0])
                case "down":
                    world.down.add("a")
                case "up":
                    world.down.clear()
                case "die":
                    world.die()
                case steps:
                    await world.steps(int(steps))
        world.down.clear()
        await world.finish()
        for watch in ("a", "b"):
            wanted = [at for at, each in enumerate(world.topic) if each == watch]
            accepted = world.accepted[watch]
            firsts = list(dict.fromkeys(accepted))
            assert firsts == wanted
            # Only a death causes copies.
            assert accepted == firsts or "die" in history

    asyncio.run(run())


def test_without_a_fault_every_match_arrives_once() -> None:
    async def run() -> World:
        world = World(topic=["a", "b", "a", "a", "b"])
        await world.finish()
        return world

    assert asyncio.run(run()).accepted == {"a": [0, 2, 3], "b": [1, 4]}


def test_an_endpoint_that_is_down_delays_no_other_and_holds_no_offset() -> None:
    async def run() -> World:
        world = World(topic=["a", "b"] * 100, down={"a"})
        await world.take()
        await world.steps(2000)
        return world

    world = asyncio.run(run())
    assert world.accepted == {"b": list(range(1, 200, 2))}
    assert world.acknowledged == set(range(200))
    assert world.stored[("a", 0)].offset == 0
    assert world.stored[("a", 0)].attempts > 1


def test_a_slow_endpoint_keeps_few_matches_in_memory_and_gets_each_once() -> None:
    async def run() -> World:
        world = World(topic=["a"] * (3 * MOST_WAITING), slow={"a"})
        await world.take()
        assert max(lane.waiting for lane in world.lanes.values()) <= MOST_WAITING
        await world.finish()
        return world

    assert asyncio.run(run()).accepted == {"a": list(range(3 * MOST_WAITING))}


def test_a_match_that_fails_for_too_long_is_given_up_and_the_next_ones_are_not() -> None:
    async def run() -> World:
        world = World(topic=["a"] * 6, down={"a"}, expired={0, 1, 2})
        await world.take()
        await world.steps(200)
        world.down.clear()
        await world.finish()
        return world

    world = asyncio.run(run())
    assert world.given_up == [0, 1, 2]
    assert world.accepted == {"a": [3, 4, 5]}


def test_an_old_match_is_tried_before_it_is_given_up() -> None:
    async def run() -> World:
        world = World(topic=["a"] * 3, expired={0, 1, 2})
        await world.finish()
        return world

    assert asyncio.run(run()).accepted == {"a": [0, 1, 2]}


@pytest.mark.parametrize("down", [False, True])
def test_the_matches_of_a_watch_that_was_removed_wait_for_nobody(down: bool) -> None:
    async def run() -> World:
        world = World(topic=["a"] * 10, down={"a"} if down else set())
        await world.take()
        await world.steps(50 if down else 0)
        world.gone.add("a")
        world.topic += ["b"]
        await world.finish()
        return world

    world = asyncio.run(run())
    assert world.accepted["b"] == [10]
    assert world.accepted["a"] == []


def test_what_was_read_again_after_a_restart_is_not_delivered_once_more_when_it_is_fetched() -> None:
    async def run() -> World:
        world = World(topic=["a"] * 3, stored={("a", 0): Position(offset=0, attempts=1, error="it is down")})
        world.die()
        await world.steps(100)
        assert world.accepted == {"a": [0, 1, 2]}
        await world.finish()
        return world

    assert asyncio.run(run()).accepted == {"a": [0, 1, 2]}
