"""Those who ask for the same within a second share one answer."""

from __future__ import annotations

import asyncio

import pytest

from streams.errors import TelexError
from streams.web.shared_answers import MAX_ANSWERS, SharedAnswers


class Counting:
    """Makes answers, and counts them. The first attempt can fail."""

    def __init__(self, fails: bool = False) -> None:
        self.made, self._fails = 0, fails

    async def make(self) -> int:
        await asyncio.sleep(0.01)
        if self._fails:
            self._fails = False
            raise TelexError("not now")
        self.made += 1
        return self.made


def test_a_hundred_who_ask_at_once_get_one_answer() -> None:
    async def scenario() -> list[bytes]:
        answers, counting = SharedAnswers(), Counting()
        return await asyncio.gather(*(answers.get("/hour", 0, 60, counting.make) for _ in range(100)))

    assert asyncio.run(scenario()) == [b"1"] * 100


def test_a_hundred_who_ask_at_once_share_one_failure() -> None:
    async def scenario() -> tuple[set[str], bytes]:
        answers, counting = SharedAnswers(), Counting(fails=True)
        questions = (answers.get("/status", 0, 60, counting.make) for _ in range(100))
        failures = await asyncio.gather(*questions, return_exceptions=True)
        return set(map(str, failures)), await answers.get("/status", 0, 60, counting.make)

    assert asyncio.run(scenario()) == ({"not now"}, b"1")


def test_one_who_leaves_takes_the_answer_from_nobody() -> None:
    async def scenario() -> bytes:
        answers, counting = SharedAnswers(), Counting()
        first, second = (asyncio.create_task(answers.get("/hour", 0, 60, counting.make)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert asyncio.run(scenario()) == b"1"


def test_an_old_answer_and_one_with_another_limit_are_made_anew() -> None:
    async def scenario() -> list[bytes]:
        answers, counting = SharedAnswers(), Counting()
        return [
            await answers.get("/stories", limit, max_age_s, counting.make)
            for limit, max_age_s in ((5, 60), (6, 60), (5, 60), (5, 0))
        ]

    assert asyncio.run(scenario()) == [b"1", b"2", b"1", b"3"]


def test_a_failure_is_no_answer() -> None:
    async def scenario() -> bytes:
        answers, counting = SharedAnswers(), Counting(fails=True)
        with pytest.raises(TelexError):
            await answers.get("/hour", 0, 60, counting.make)
        return await answers.get("/hour", 0, 60, counting.make)

    assert asyncio.run(scenario()) == b"1"


def test_the_answers_that_are_kept_are_limited() -> None:
    async def scenario() -> int:
        answers, counting = SharedAnswers(), Counting()
        for limit in range(3 * MAX_ANSWERS):
            await answers.get("/stories", limit, 60, counting.make)
        return len(answers._answers)

    assert asyncio.run(scenario()) <= MAX_ANSWERS
