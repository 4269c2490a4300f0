"""What the lanes of a worker share: attempts, reading again, stored positions, dead letters and waiting."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress

from streams.errors import Reason
from streams.records.outcomes import Dead
from streams.records.watches import Watch
from streams.worker.delivery import Delivery, Record
from streams.worker.stored_record import StoredRecord
from streams.worker.webhooks.lane import GoneError
from streams.worker.webhooks.match_record import id_of
from streams.worker.webhooks.positions import Key, Position, Positions
from streams.worker.webhooks.post import NotDeliveredError, Poster
from streams.worker.webhooks.stored_matches import Reading, StoredMatches
from streams.worker.webhooks.webhook_metrics import WebhookMetrics


class LaneServices:
    """The `streams.worker.webhooks.lane.Services` of a worker.

    Args:
        poster: sends webhooks.
        positions: of the lanes that are behind.
        stored: reads matches again.
        delivery: of dead letters.
        metrics: of the worker.
        give_up_s: seconds after which a match that fails becomes a dead letter.
        watches: the watches by their names.
    """

    def __init__(
        self,
        poster: Poster,
        positions: Positions,
        stored: StoredMatches,
        delivery: Delivery,
        metrics: WebhookMetrics,
        give_up_s: float,
        watches: Mapping[str, Watch],
    ) -> None:
        self._poster, self._positions, self._stored = poster, positions, stored
        self._delivery, self._metrics, self._give_up_s, self._watches = delivery, metrics, give_up_s, watches
        # By watch: whether it was written again since its last attempt began. The attempt may have used another URL.
        self._written = defaultdict[str, asyncio.Event](asyncio.Event)
        self._may_attempt = asyncio.Event()
        self._attempts, self._quiet = 0, asyncio.Event()
        self._quiet.set()

    def change(self, watches: Mapping[str, Watch], written: Iterable[str]) -> None:
        """Use other watches from now on.

        Args:
            watches: all of them.
            written: the names of those that were added, changed, removed, or added again as they were. Their lanes try
                again at once: the URL may be another one, or the endpoint was repaired.
        """
        self._watches = watches
        for name in written:
            self._written[name].set()

    def url_of(self, watch: str) -> str | None:
        """The URL of a watch; None if the watch has none or was removed."""
        known = self._watches.get(watch)
        return known.url if known else None

    def allow_attempts(self) -> None:
        """Let attempts start."""
        self._may_attempt.set()

    async def stop_attempts(self, limit_s: float) -> None:
        """Let no attempt start, and wait up to `limit_s` seconds for those under way."""
        self._may_attempt.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), limit_s)

    async def attempt(self, watch: str, record: Record) -> None:
        """Try to deliver a match. Raises NotDeliveredError or GoneError."""
        await self._may_attempt.wait()
        url = self.url_of(watch)
        if url is None:
            raise GoneError
        self._written[watch].clear()
        match_id = id_of(record)
        begin = time.monotonic()
        self._attempts += 1
        self._quiet.clear()
        try:
            await self._poster.post(watch, url, match_id, record.value or b"", record.timestamp_ms or 0)
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
