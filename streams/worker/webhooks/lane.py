"""A lane: the matches of one watch in one partition, delivered one after the other, in their order.

A lane is live, or it is behind. In a live lane a match waits in memory until it is delivered, and only then is it
acknowledged. When a delivery fails, or too many matches wait, the lane falls behind: it stores its position, and from
then on acknowledges what arrives without delivering it. It delivers later from the topic, where all matches stay. So an
endpoint that does not answer holds no offset of the others and takes no memory, and its lane survives any restart.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections import deque
from collections.abc import Callable
from typing import Protocol

import msgspec

from streams.worker.delivery import Record
from streams.worker.stored_record import StoredRecord
from streams.worker.webhooks.positions import Key, Position
from streams.worker.webhooks.post import NotDeliveredError
from streams.worker.webhooks.stored_matches import Reading

logger = logging.getLogger(__name__)

# Matches that wait in memory for a slow endpoint.
MAX_WAITING = 50
# Seconds until the next attempt: after one failure, the factor for each further one, and at most.
FIRST_RETRY_S, FACTOR, MAX_RETRY_S = 1.0, 3, 3600.0
# A spread of the retries, so that watches with one endpoint do not all come back to it at the same moment.
_SPREAD = 0.2


class GoneError(Exception):
    """The watch was removed, or it has no URL any more."""


class Services(Protocol):
    """What the lanes of a worker share."""

    async def attempt(self, watch: str, record: Record) -> None:
        """Try to deliver a match. Raises NotDeliveredError or GoneError."""

    async def read(self, watch: str, partition: int, offset: int) -> Reading:
        """Read matches again from their topic."""

    async def put(self, key: Key, position: Position) -> None:
        """Store the position of a lane."""

    async def remove(self, key: Key, last: Position) -> None:
        """Remove the position that the lane stored last."""

    async def give_up(self, record: StoredRecord, position: Position) -> None:
        """Write the dead letter of a match."""

    def is_expired(self, record: Record) -> bool:
        """Whether a match is so old that it is given up when it fails."""

    def now(self) -> float:
        """Seconds since 1970."""

    async def wait(self, watch: str, seconds: float) -> None:
        """Wait so long, or until the watch is written again."""


class Lane:
    """The matches of one watch in one partition.

    Args:
        key: the name of the watch, and the partition.
        services: what the lanes of a worker share.
        on_change: is called when the lane falls behind or is live again.
        position: from where it is behind; None for a live lane.
    """

    def __init__(
        self, key: Key, services: Services, on_change: Callable[[], None], position: Position | None = None
    ) -> None:
        self._key, self._services, self._on_change, self._position = key, services, on_change, position
        self._waiting: deque[Record] = deque()
        # Offsets before the first are delivered. Those before the second were acknowledged while the lane was behind.
        self._delivered_end, self._acknowledged_end = 0, 0
        self._falling = asyncio.Lock()

    @property
    def is_behind(self) -> bool:
        """Whether matches of this lane wait in their topic."""
        return self._position is not None

    @property
    def waiting(self) -> int:
        """The number of matches in memory."""
        return len(self._waiting)

    async def put(self, record: Record) -> None:
        """Take over a match. Raises TelexError when the broker does not take the position of a full lane."""
        if self._position or record.offset < self._delivered_end:
            self._pass(record)
            return
        self._waiting.append(record)
        if len(self._waiting) > MAX_WAITING:
            await self._fall_behind(0, "")

    async def run(self) -> None:
        """Deliver until nothing is left. Raises TelexError when the broker fails."""
        while True:
            try:
                if self._position:
                    await self._catch_up(self._position)
                elif self._waiting:
                    await self._deliver_first()
                else:
                    return
            except GoneError:
                await self._discard()

    async def _deliver_first(self) -> None:
        record = self._waiting[0]
        try:
            await self._services.attempt(self._key[0], record)
        except NotDeliveredError as error:
            logger.warning(
                "The webhook of the watch %s fails: %s. Telex tries again until TELEX_WEBHOOK_GIVE_UP_S has passed.",
                self._key[0],
                error,
            )
            await self._fall_behind(1, str(error))
            return
        if self._position:  # too many came during the attempt
            await self._store(msgspec.structs.replace(self._position, offset=record.offset + 1))
        else:
            self._waiting.popleft().ack()

    async def _fall_behind(self, attempts: int, error: str) -> None:
        async with self._falling:
            if self._position or not self._waiting:
                return
            # Only the confirmed position allows the lane to acknowledge what is not delivered.
            await self._store(self._position_at(self._waiting[0].offset, attempts, error))
            while self._waiting:
                self._pass(self._waiting.popleft())
        self._on_change()

    def _pass(self, record: Record) -> None:
        self._acknowledged_end = max(self._acknowledged_end, record.offset + 1)
        record.ack()

    async def _catch_up(self, position: Position) -> None:
        if position.attempts:
            # No longer than the delay, because the clock of another machine may be wrong.
            remaining = position.due_ms / 1000 - self._services.now()
            await self._services.wait(self._key[0], min(remaining, self._delay(position.attempts)))
        reading = await self._services.read(*self._key, position.offset)
        for number, record in enumerate(reading.matches):
            try:
                await self._services.attempt(self._key[0], record)
            except NotDeliveredError as error:
                rest = reading._replace(matches=reading.matches[number:])
                await self._fail(rest, position.attempts + 1, str(error))
                return
            position = Position(offset=record.offset + 1, attempts=0, error="")
            await self._store(position)
        # From here to the end of the condition nothing is awaited, so no match is passed meanwhile.
        if reading.is_complete and reading.end >= self._acknowledged_end:
            last, self._position, self._delivered_end = self._position, None, reading.end
            assert last
            logger.info("The webhook of the watch %s is up to date again.", self._key[0])
            self._on_change()
            await self._services.remove(self._key, last)
        elif reading.end > position.offset:
            await self._store(Position(offset=reading.end, attempts=0, error=""))

    async def _fail(self, reading: Reading, attempts: int, error: str) -> None:
        """Give up all matches from here on that are too old, and try the next one later."""
        position = self._position_at(reading.matches[0].offset, attempts, error)
        while True:
            for record in reading.matches:
                if not self._services.is_expired(record):
                    await self._store(position)
                    return
                await self._services.give_up(record, position)
                position = msgspec.structs.replace(position, offset=record.offset + 1)
            position = msgspec.structs.replace(position, offset=reading.end)
            await self._store(position)
            if reading.is_complete:
                return
            reading = await self._services.read(*self._key, position.offset)

    async def _discard(self) -> None:
        """The watch or its URL is gone: nobody waits for its matches."""
        while self._waiting:
            self._waiting.popleft().ack()
        if last := self._position:
            self._position, self._delivered_end = None, self._acknowledged_end
            self._on_change()
            await self._services.remove(self._key, last)

    async def _store(self, position: Position) -> None:
        await self._services.put(self._key, position)
        self._position = position

    def _position_at(self, offset: int, attempts: int, error: str) -> Position:
        """The position after so many failed attempts in a row, the last of them now."""
        due = self._services.now() + self._delay(attempts) if attempts else 0
        return Position(offset=offset, attempts=attempts, error=error, due_ms=round(due * 1000))

    def _delay(self, attempts: int) -> float:
        delay = min(FIRST_RETRY_S * float(FACTOR) ** min(attempts - 1, 20), MAX_RETRY_S)
        spread = zlib.crc32(self._key[0].encode()) % 1000 / 1000 * 2 - 1
        return delay * (1 + _SPREAD * spread)
