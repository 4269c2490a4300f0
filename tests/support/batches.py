"""Batches for tests of their reader, and what it reads from bytes."""

from __future__ import annotations

import aiokafka.record.default_records
import aiokafka.record.legacy_records
import kafka.record.default_records
import kafka.record.legacy_records
import pytest

from streams.kafka.batch_entries import Entry
from streams.kafka.batches import BatchReader, Library
from tests.support.wire import (
    GZIP,
    LZ4,
    NONE,
    SNAPPY,
    ZSTD,
    Batch,
    Wire,
)

# The parsers of each client library. Workers read with aiokafka, and commands and subscribers with kafka-python.
AIOKAFKA: Library = (
    aiokafka.record.default_records.DefaultRecordBatch,
    aiokafka.record.legacy_records.LegacyRecordBatch,
)
KAFKA_PYTHON: Library = (
    kafka.record.default_records.DefaultRecordBatch,
    kafka.record.legacy_records.LegacyRecordBatch,
)
with_each_library = pytest.mark.parametrize("library", [AIOKAFKA, KAFKA_PYTHON], ids=["aiokafka", "kafka-python"])

CODECS = (NONE, GZIP, SNAPPY, LZ4, ZSTD)
GOOD = (
    Wire(b"one", b"k", [(b"name", b"value"), (b"name", None), (b"", b"")]),
    Wire(None, None),
    Wire(b"", b"", timestamp_delta=7),
)
LATIN_1 = Wire(b"v", b"k", [(b"Gr\xf6\xdfe", b"12")])


def read(
    library: Library,
    data: bytes,
    position: int = 0,
    end: int | None = None,
    aborted: list[tuple[int, int]] | None = None,
) -> list[Entry]:
    reader = BatchReader(data, position, end, aborted, library)
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
