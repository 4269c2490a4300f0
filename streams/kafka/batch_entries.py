"""The entries of a batch: its records, and stand-ins for records that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

from streams.records.headers import Headers
from streams.records.originals import HEAD_BYTES, Original


class UndecodableError(Exception):
    """The rest of a batch cannot be read. `str(error)` is a clause that says why."""


@dataclass(frozen=True)
class Entry:
    """A record of a batch, or a stand-in for one.

    Attributes:
        timestamp: milliseconds since 1970; None in the oldest format.
        timestamp_type: 0 for a timestamp of the publisher, 1 for a timestamp of the broker.
        headers: a name that is not UTF-8 has surrogates in place of its bytes (PEP 383).
        original: None for a record that is complete and intact.
    """

    offset: int
    timestamp: int | None
    timestamp_type: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers
    original: Original | None = None


def entry_bytes(entry: Entry) -> int:
    """The size of a record in its batch, or of key and value where the record is complete."""
    return sum(entry.original.sizes.values()) if entry.original else len(entry.key or b"") + len(entry.value or b"")


class FaultyBatch:
    """A batch with a fault. Its digest is computed once: a batch may have 100,000 records."""

    def __init__(self, batch: memoryview) -> None:
        self._batch = batch

    @cached_property
    def _sha256(self) -> str:
        return sha256(self._batch).hexdigest()

    def original(self, fault: str, *, whole: bool = False) -> Original:
        """The description of a record of this batch."""
        return Original(fault, {"batch": len(self._batch)}, self._sha256, whole=whole)

    def stand_in(self, offset: int, fault: str) -> Entry:
        """The entry for a record that cannot be read. Its value is the head of the batch."""
        return Entry(offset, None, None, None, bytes(self._batch[:HEAD_BYTES]), (), self.original(fault))

    def suspect(self, entry: Entry, fault: str) -> Entry:
        """The entry of a batch whose checksum is wrong: its bytes may differ from the published bytes."""
        return replace(entry, original=self.original(fault, whole=entry.original is None or entry.original.whole))
