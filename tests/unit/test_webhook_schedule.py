"""The schedule of webhooks that fail: attempts over a day, then the dead letter, whenever the worker dies meanwhile."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from streams.settings import Settings
from tests.support.webhook_world import World

HOUR_S, DAY_S = 3600.0, 86_400.0
# The most by which a retry comes earlier or later than its delay says.
SPREAD = 0.2


def until_given_up(watch: str, *, dies_every: int = 0) -> World:
    """The world after the one match of a watch was given up, because its endpoint failed all the time.

    Args:
        watch: the name of the watch.
        dies_every: the worker is killed at every n-th moment at which it waits for the next attempt; 0: never.
    """

    async def run() -> World:
        world, moments = World(topic=[watch], down={watch}, give_up_s=Settings().webhook_give_up_s), 0
        await world.take()
        while not world.given_up:
            await world.steps(1)
            moments += world.waiting
            assert moments < 10_000, "the worker makes no attempt any more"
            if dies_every and world.waiting and moments % dies_every == 0:
                world.die()
        return world

    return asyncio.run(run())


def gaps(world: World) -> list[float]:
    """The seconds between the attempts."""
    return [later - earlier for earlier, later in pairwise(world.attempted)]


def test_the_delay_grows_threefold_from_a_second_to_an_hour_and_stays_there() -> None:
    found = gaps(until_given_up("a"))
    first = found[0]
    assert 1 - SPREAD <= first <= 1 + SPREAD
    growing = [first * 3**number for number in range(8)]
    assert found == pytest.approx([*growing, *[first * HOUR_S] * (len(found) - 8)], rel=0.001)


def test_a_match_is_tried_for_a_day_and_given_up_at_the_first_failure_after_it() -> None:
    for watch in ("a", "merkel", "floods"):
        world = until_given_up(watch)
        assert world.attempted[-2] < DAY_S < world.attempted[-1]
        assert world.given_up == {0: world.attempted[-1]}
        assert world.attempted[-1] <= DAY_S + (1 + SPREAD) * HOUR_S
        assert 25 <= len(world.attempted) <= 40


def test_watches_of_one_endpoint_that_fail_together_come_back_apart() -> None:
    hourly = sorted(gaps(until_given_up(f"watch-{number}"))[-1] / HOUR_S for number in range(40))
    assert 1 - SPREAD <= hourly[0] < 0.85
    assert 1.15 < hourly[-1] <= 1 + SPREAD
    assert max(later - earlier for earlier, later in pairwise(hourly)) < 0.1


@pytest.mark.parametrize("dies_every", [2, 3, 5, 7])
def test_a_worker_that_dies_between_attempts_makes_the_next_one_when_it_was_due(dies_every: int) -> None:
    assert gaps(until_given_up("a", dies_every=dies_every)) == pytest.approx(gaps(until_given_up("a")), rel=0.001)


def test_no_match_of_a_steady_stream_waits_much_longer_than_a_day_for_its_dead_letter() -> None:
    interval = 60.0

    async def run() -> World:
        world = World(down={"a"}, give_up_s=DAY_S)
        while world.clock < 3 * DAY_S:
            while len(world.topic) * interval <= world.clock:
                world.written[len(world.topic)] = len(world.topic) * interval
                world.topic.append("a")
            await world.take()
            await world.steps(10)
        return world

    world = asyncio.run(run())
    waited = [at - world.written[offset] for offset, at in world.given_up.items()]
    assert len(waited) > DAY_S / interval
    assert list(world.given_up) == list(range(len(waited)))
    assert min(waited) > DAY_S
    assert max(waited) <= DAY_S + 2 * HOUR_S
