"""Batches for tests of their reader, and what it reads from bytes."""

from __future__ import annotations

from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.legacy_records import LegacyRecordBatch

from streams.kafka.batch_entries import Entry
from streams.kafka.batches import BatchReader
from tests.support.wire import (
    GZIP,
    LZ4,
    NONE,
    SNAPPY,
    ZSTD,
    Batch,
    Wire,
)

LIBRARY = (DefaultRecordBatch, LegacyRecordBatch)
CODECS = (NONE, GZIP, SNAPPY, LZ4, ZSTD)
GOOD = (
    Wire(b"one", b"k", [(b"name", b"value"), (b"name", None), (b"", b"")]),
    Wire(None, None),
    Wire(b"", b"", timestamp_delta=7),
)
LATIN_1 = Wire(b"v", b"k", [(b"Gr\xf6\xdfe", b"12")])


def read(
    data: bytes, position: int = 0, end: int | None = None, aborted: list[tuple[int, int]] | None = None
) -> list[Entry]:
    reader = BatchReader(data, position, end, aborted, LIBRARY)
    entries = list(reader)
    assert reader.next_offset >= position
    assert [entry.offset for entry in entries] == sorted({entry.offset for entry in entries})
    return entries


def offsets(entries: list[Entry]) -> list[int]:
    return [entry.offset for entry in entries]


def faults(entries: list[Entry]) -> dict[int, str | None]:
    return {entry.offset: entry.original.fault if entry.original else None for entry in entries}


def around(batch: Batch | bytes, offset: int = 10, count: int = 3) -> bytes:
    """A batch between two good ones, as in a partition."""
    data = batch if isinstance(batch, bytes) else Batch(**{**vars(batch), "base_offset": offset}).encode()
    return Batch(GOOD, base_offset=offset - 3).encode() + data + Batch(GOOD, base_offset=offset + count).encode()
