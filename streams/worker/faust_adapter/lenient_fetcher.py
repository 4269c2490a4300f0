"""aiokafka's fetcher, as Faust uses it, with `streams.kafka.batches` in place of its own loop over a fetch.

aiokafka 0.14.0 (`PartitionRecords._unpack_records` in consumer/fetcher.py) raises CorruptRecordException at a wrong
checksum, at a header name that is not UTF-8 and at a batch that cannot be read, or whatever the library of the codec
raises. It does not move its position, so each further fetch raises again
(https://github.com/aio-libs/aiokafka/issues/321). It unpacks a batch in one piece, and gives all records of a fetch at
once, whatever their size. Tests in `tests/unit/test_damaged_batches.py` and `test_replacements_of_aiokafka.py` fail
when the library reads these batches by itself; then this module can be removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.legacy_records import LegacyRecordBatch
from aiokafka.structs import ConsumerRecord

from streams.kafka.batch_entries import Entry
from streams.kafka.batches import BatchReader

# Bytes of records that are taken out of one fetch of a partition before others have their turn, and the group's
# heartbeats theirs.
AT_ONCE_BYTES = 16 * 1024 * 1024

_LIBRARY = (DefaultRecordBatch, LegacyRecordBatch)


class _Batches:
    """The bytes of a fetch of a partition, not parsed yet (in place of `MemoryRecords`)."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def has_next(self) -> bool:
        return bool(self.data)

    def size_in_bytes(self) -> int:
        return len(self.data)


class _PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    next_fetch_offset: int
    # The high watermark; set when the fetch's result is made.
    end: int | None = None
    reader: BatchReader | None = None

    def _unpack_records(self) -> Iterator[ConsumerRecord]:
        committed_only = self._isolation_level == fetcher.READ_COMMITTED
        aborted = self._aborted_transactions if committed_only else None
        self.reader = BatchReader(self._records.data, self.next_fetch_offset, self.end, aborted, _LIBRARY)
        for entry in self.reader:
            self.next_fetch_offset = self.reader.next_offset
            yield _record(self._tp, entry)
        self.next_fetch_offset = self.reader.next_offset

    @property
    def unpacked(self) -> int:
        return self.reader.unpacked if self.reader else 0


class _FetchResult(fetcher.FetchResult):  # type: ignore[misc]
    _partition_records: Any

    def __init__(self, tp: Any, *, assignment: Any, partition_records: _PartitionRecords, backoff: float) -> None:
        super().__init__(tp, assignment=assignment, partition_records=partition_records, backoff=backoff)
        partition_records.end = assignment.state_value(tp).highwater

    def getall(self, max_records: int | None = None) -> list[ConsumerRecord]:
        if not self.check_assignment(self._topic_partition) or not self.has_more():
            return []
        records: _PartitionRecords = self._partition_records
        before, found = records.unpacked, []
        for record in records:
            found.append(record)
            if records.unpacked - before > AT_ONCE_BYTES or len(found) == max_records:
                self._update_position()
                return found
        self._update_position()
        self._partition_records = None
        return found


def _record(tp: Any, entry: Entry) -> ConsumerRecord:
    # Faust hands on these fields and no others. Today's records have no checksum of their own, and nobody else sets it.
    return ConsumerRecord(
        tp.topic,
        tp.partition,
        entry.offset,
        entry.timestamp,
        entry.timestamp_type,
        entry.key,
        entry.value,
        entry.original,
        -1 if entry.key is None else len(entry.key),
        -1 if entry.value is None else len(entry.value),
        entry.headers,
    )


def install() -> None:
    """Have every consumer of aiokafka's in this process read so from now on."""
    fetcher.MemoryRecords = _Batches
    fetcher.PartitionRecords = _PartitionRecords
    fetcher.FetchResult = _FetchResult
