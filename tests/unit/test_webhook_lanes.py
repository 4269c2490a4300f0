"""The lanes of webhooks: whatever fails and whenever the worker dies, every match arrives, and in its order.

`tests/support/webhook_world.py` is their world, and `tests/integration/test_webhooks.py` runs the worker on a real
Kafka.
"""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.worker.webhooks.lane import MAX_WAITING
from streams.worker.webhooks.positions import Position
from tests.support.webhook_world import World

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
        world = World(topic=["a"] * (3 * MAX_WAITING), slow={"a"})
        await world.take()
        assert max(lane.waiting for lane in world.lanes.values()) <= MAX_WAITING
        await world.finish()
        return world

    assert asyncio.run(run()).accepted == {"a": list(range(3 * MAX_WAITING))}


def test_a_match_that_fails_for_too_long_is_given_up_and_the_next_ones_are_not() -> None:
    async def run() -> World:
        world = World(topic=["a"] * 6, down={"a"}, give_up_s=10)
        world.written.update({3: 1e6, 4: 1e6, 5: 1e6})
        await world.take()
        await world.steps(200)
        world.down.clear()
        await world.finish()
        return world

    world = asyncio.run(run())
    assert list(world.given_up) == [0, 1, 2]
    assert world.accepted == {"a": [3, 4, 5]}


def test_an_old_match_is_tried_before_it_is_given_up() -> None:
    async def run() -> World:
        world = World(topic=["a"] * 3, give_up_s=10, clock=1000)
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
