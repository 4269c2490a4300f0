"""Answers that all who ask within a few seconds share: a hundred open pages cost what one costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

# The most answers that are kept. They differ by the path and the limit.
MAX_ANSWERS = 50


class SharedAnswers:
    """Answers as JSON, each for some seconds."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, int], tuple[float, bytes]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def get(self, path: str, limit: int, max_age_s: float, make: Callable[[], Awaitable[Any]]) -> bytes:
        """The answer, made now or up to `max_age_s` ago. Those who ask meanwhile wait for it.

        Args:
            path: of the request.
            limit: the most results, as the request says.
            max_age_s: seconds for which an answer is valid.
            make: makes the answer. What it raises is raised here.
        """
        async with self._locks.setdefault(path, asyncio.Lock()):
            made_at, answer = self._answers.get((path, limit), (-max_age_s, b""))
            if not answer or time.monotonic() - made_at > max_age_s:
                answer = msgspec.json.encode(await make())
                if len(self._answers) >= MAX_ANSWERS:
                    self._answers.clear()
                self._answers[path, limit] = time.monotonic(), answer
            return answer
