"""The positions of watches whose webhooks are behind, in a table of their own.

The matches themselves stay in their topic. So what is stored grows with the number of endpoints that do not answer, and
not with the number of matches that wait for them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from streams.errors import TelexError
from streams.kafka.connections import DELIVERY_LIMIT_S
from streams.kafka.table import Table
from streams.records.outputs import Output
from streams.settings import Settings
from streams.stages import WEBHOOKS

logger = logging.getLogger(__name__)

Send = Callable[[Output], Awaitable[Awaitable[Any]]]
# A watch's name and a partition of the matches.
Key = tuple[str, int]


class Position(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """From where a watch's matches in a partition still have to be delivered.

    Attributes:
        offset: of the first match that is not delivered.
        attempts: the failed attempts in a row.
        error: why the last one failed; empty where the endpoint is only slow.
        due_ms: when the next attempt is due after a failed one, in milliseconds since 1970. So a worker that restarts
            waits no longer than the one before it would have.
    """

    offset: int
    attempts: int
    error: str
    due_ms: int = 0


_decoder = msgspec.json.Decoder(Position)


class Positions:
    """The stored positions.

    Args:
        settings: of the cluster.

    Attributes:
        send: sends a record. Set it before the first change.
    """

    send: Send

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topic(WEBHOOKS)
        self._table = Table(settings, WEBHOOKS, followed=False)
        self._refreshing = asyncio.Lock()

    async def start(self) -> None:
        """Read the table. Raises TelexError when that is impossible."""
        await self._table.start()

    async def stop(self) -> None:
        """Close the connection."""
        await self._table.stop()

    async def of_partition(self, partition: int) -> list[tuple[Key, Position]]:
        """The current positions in a partition of the matches. Raises TelexError when they cannot be read."""
        await self._refresh()
        return [(key, position) for key, position in self._positions() if key[1] == partition]

    async def put(self, key: Key, position: Position) -> None:
        """Store a position. Raises TelexError when the broker does not confirm it."""
        await self._write(key, msgspec.json.encode(position))

    async def remove(self, key: Key, last: Position) -> None:
        """Remove a position that this worker stored last.

        Raises:
            TelexError: another worker has stored another one since, or the broker does not confirm it. A worker that
                was frozen may not know yet that the partition is no longer its own.
        """
        await self._refresh()
        stored = self._table.contents.get(_encoded(key))
        if stored != msgspec.json.encode(last):
            raise TelexError(f"Another worker sends the webhooks of {key[0]} too: this one stops.")
        await self._write(key, None)

    async def _refresh(self) -> None:
        async with self._refreshing:
            await self._table.refresh()

    async def _write(self, key: Key, value: bytes | None) -> None:
        try:
            async with asyncio.timeout(DELIVERY_LIMIT_S):
                await (await self.send(Output(self._topic, _encoded(key), value, [], None)))
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise TelexError(
                f"The broker did not take a position for {self._topic} ({why}): check that the topic is there, and that Telex may write it."
            ) from error

    def _positions(self) -> Iterator[tuple[Key, Position]]:
        for key, value in self._table.contents.items():
            name, _, partition = key.decode(errors="replace").rpartition(":")
            try:
                yield (name, int(partition)), _decoder.decode(value)
            except (ValueError, msgspec.DecodeError) as error:
                logger.warning("The record %r of %s is not used: %s", key[:200], self._topic, error)


def _encoded(key: Key) -> bytes:
    return f"{key[0]}:{key[1]}".encode()
