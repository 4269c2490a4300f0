"""The bytes of a worker's unfinished records. Records that compress well can be large and many."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from faust.types import TP

# At this size, no further record goes to the stage until one is finished. It is the size of 8 of the largest values, or
# of thousands of ordinary articles.
MAX_BYTES = 64 * 1024 * 1024
# Memory of a header's Python objects, beside its bytes.
_HEADER_BYTES = 150


class Backlog:
    """Counts the bytes of unfinished records."""

    def __init__(self) -> None:
        self._sizes: defaultdict[TP, dict[int, int]] = defaultdict(dict)
        self._total = 0
        self._capacity = asyncio.Event()
        self._capacity.set()

    @property
    def has_capacity(self) -> bool:
        """Whether a further record may go to the stage."""
        return self._capacity.is_set()

    async def wait(self) -> None:
        """Wait until a further record may go to the stage."""
        await self._capacity.wait()

    def add(self, tp: TP, message: Any) -> None:
        """Count a fetched record."""
        size = len(message.key or b"") + len(message.value or b"")
        size += sum(len(name) + len(value or b"") + _HEADER_BYTES for name, value in message.headers or ())
        self._total += size - self._sizes[tp].get(message.offset, 0)
        self._sizes[tp][message.offset] = size
        self._update()

    def remove(self, tp: TP, offset: int) -> None:
        """Discount a finished record."""
        self._total -= self._sizes[tp].pop(offset, 0)
        self._update()

    def drop(self, tp: TP) -> None:
        """Discount all records of a partition that went to another worker."""
        self._total -= sum(self._sizes.pop(tp, {}).values())
        self._update()

    def _update(self) -> None:
        if self._total < MAX_BYTES:
            self._capacity.set()
        else:
            self._capacity.clear()
