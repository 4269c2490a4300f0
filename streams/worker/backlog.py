"""What a worker holds of records that it has fetched and not finished, in bytes: records that compress small can be large, and many."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from faust.types import TP

# Beyond this, no further record goes to the stage until one is finished: 8 of the largest values, or thousands of ordinary articles.
MOST_BYTES = 64 * 1024 * 1024
# What a header costs as Python objects, beside its bytes.
_HEADER_BYTES = 150


class Backlog:
    """Counts the bytes of unfinished records."""

    def __init__(self) -> None:
        self._sizes: defaultdict[TP, dict[int, int]] = defaultdict(dict)
        self._total = 0
        self._room = asyncio.Event()
        self._room.set()

    @property
    def has_room(self) -> bool:
        """Whether a further record may go to the stage."""
        return self._room.is_set()

    async def wait(self) -> None:
        """Until there is room."""
        await self._room.wait()

    def add(self, tp: TP, message: Any) -> None:
        """A record was fetched."""
        size = len(message.key or b"") + len(message.value or b"")
        size += sum(len(name) + len(value or b"") + _HEADER_BYTES for name, value in message.headers or ())
        self._total += size - self._sizes[tp].get(message.offset, 0)
        self._sizes[tp][message.offset] = size
        self._update()

    def remove(self, tp: TP, offset: int) -> None:
        """A record is finished."""
        self._total -= self._sizes[tp].pop(offset, 0)
        self._update()

    def drop(self, tp: TP) -> None:
        """The partition is another worker's: what was fetched of it is not waited for."""
        self._total -= sum(self._sizes.pop(tp, {}).values())
        self._update()

    def _update(self) -> None:
        if self._total < MOST_BYTES:
            self._room.set()
        else:
            self._room.clear()
