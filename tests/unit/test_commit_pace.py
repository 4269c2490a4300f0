"""When a worker commits: at once, with others under load, and never without a record."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from streams.worker import commit_pace
from streams.worker.commit_pace import MAX_RECORDS, CommitPace


async def is_due(commit: asyncio.Future[None]) -> bool:
    """Whether a commit is due now: after some turns of the event loop, and no time."""
    for _ in range(10):
        await asyncio.sleep(0)
    return commit.done()


def run(work: Coroutine[Any, Any, None], monkeypatch: pytest.MonkeyPatch, pause_s: float) -> None:
    monkeypatch.setattr(commit_pace, "PAUSE_S", pause_s)
    asyncio.run(work)


def test_the_first_record_is_committed_at_once_and_nothing_without_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        pace = CommitPace()
        commit = asyncio.ensure_future(pace.due())
        assert not await is_due(commit)
        pace.acknowledged()
        assert await is_due(commit)
        after = asyncio.ensure_future(pace.due())
        assert not await is_due(after)
        after.cancel()

    run(work(), monkeypatch, 0)


def test_further_records_wait_for_others_until_they_are_as_many_as_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        pace = CommitPace()
        pace.acknowledged()
        await pace.due()
        commit = asyncio.ensure_future(pace.due())
        for _ in range(MAX_RECORDS - 1):
            pace.acknowledged()
        assert not await is_due(commit)
        pace.acknowledged()
        assert await is_due(commit)

    run(work(), monkeypatch, 3600)


def test_further_records_are_committed_after_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        pace = CommitPace()
        pace.acknowledged()
        await pace.due()
        pace.acknowledged()
        await pace.due()

    run(work(), monkeypatch, 0.01)


def test_a_record_that_is_acknowledged_during_a_commit_is_due_with_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work() -> None:
        pace = CommitPace()
        pace.acknowledged()
        await pace.due()
        pace.acknowledged()  # the commit is under way
        assert await is_due(asyncio.ensure_future(pace.due()))

    run(work(), monkeypatch, 0)
