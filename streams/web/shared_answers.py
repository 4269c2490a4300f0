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
        self._making: dict[tuple[str, int], asyncio.Task[bytes]] = {}

    async def get(self, path: str, limit: int, max_age_s: float, make: Callable[[], Awaitable[Any]]) -> bytes:
        """The answer, made now or up to `max_age_s` ago.

        Those who ask meanwhile wait for it, and share its failure too: else each of them would try in turn while Kafka
        does not answer, and they would become more and more.

        Args:
            path: of the request.
            limit: the most results, as the request says.
            max_age_s: seconds for which an answer is valid.
            make: makes the answer. Its exceptions are raised here.
        """
        made_at, answer = self._answers.get((path, limit), (-max_age_s, b""))
        if answer and time.monotonic() - made_at <= max_age_s:
            return answer
        making = self._making.get((path, limit))
        if making is None:
            making = self._making[path, limit] = asyncio.create_task(self._make((path, limit), make))
        return await asyncio.shield(making)  # for the others, when this one leaves

    async def _make(self, key: tuple[str, int], make: Callable[[], Awaitable[Any]]) -> bytes:
        try:
            answer = msgspec.json.encode(await make())
        finally:
            del self._making[key]
        if len(self._answers) >= MAX_ANSWERS:
            self._answers.clear()
        self._answers[key] = time.monotonic(), answer
        return answer
