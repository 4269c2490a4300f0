"""The pace of requests: one at a time to each host, with a pause between two."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from streams.errors import FeedError
from streams.feeds.addresses import shown
from streams.feeds.feed_memory import FeedMemory
from streams.records import rfc3339

# Most seconds that a server may ask to wait, and most seconds of its `Crawl-delay`.
MAX_WAIT_S, MAX_DELAY_S = 86_400.0, 60.0


class Hosts:
    """Gives each host one turn after the other. Lives as long as one round over the feeds.

    Args:
        pause_s: seconds between the end of a request and the next one to the same host.
        memory: keeps until when a host asks to wait.
    """

    def __init__(self, pause_s: float, memory: FeedMemory) -> None:
        self._pause_s, self._memory = pause_s, memory
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._delays: dict[str, float] = {}
        self._next: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, url: httpx.URL) -> AsyncIterator[None]:
        """Wait until a request for the address may begin. The turn of its host ends with the block.

        Raises:
            FeedError: the host has asked to wait.
        """
        host = url.host
        async with self._locks[host]:
            until = self._memory.blocked_until(host)
            if (wait_s := until - time.time()) > 0:
                raise FeedError(
                    f"{host} asks to wait until {rfc3339.of_seconds(until)}: {shown(str(url))} was not requested.",
                    wait_s=wait_s,
                )
            await asyncio.sleep(max(0.0, self._next.get(host, 0) - time.monotonic()))
            try:
                yield
            finally:
                self._next[host] = time.monotonic() + max(self._pause_s, self._delays.get(host, 0))

    def slow_down(self, host: str, delay_s: float) -> None:
        """Make the pause of a host longer, as its robots.txt asks."""
        self._delays[host] = min(delay_s, MAX_DELAY_S)


def retry_after(value: str | None) -> float | None:
    """The seconds that a `Retry-After` header asks to wait; None where it says nothing (RFC 9110, section 10.2.3)."""
    if not value:
        return None
    try:
        if value.strip().isdecimal():
            seconds = float(value)
        else:
            moment = parsedate_to_datetime(value)
            seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_WAIT_S)
