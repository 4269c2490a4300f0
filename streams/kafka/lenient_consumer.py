"""kafka-python's consumer with `streams.kafka.batches` in place of its own loop over a fetch.

kafka-python 3.0.12 (`PartitionRecords._unpack_records` in consumer/fetcher.py) raises at a wrong checksum, at a header
name that is not UTF-8 and at bytes that it cannot unpack, and does not move its position: each further poll raises
again. It unpacks a batch in one piece, whatever its size. A test in `tests/unit/test_damaged_batches.py` fails when the
library reads these batches by itself; then this module can be removed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord, Fetcher, IsolationLevel
from kafka.record.default_records import DefaultRecordBatch
from kafka.record.legacy_records import LegacyRecordBatch

from streams.kafka.batch_entries import Entry
from streams.kafka.batches import BatchReader
from streams.records.originals import Original

logger = logging.getLogger(__name__)

_LIBRARY = (DefaultRecordBatch, LegacyRecordBatch)


class LenientConsumer(KafkaConsumer):  # type: ignore[misc]
    """kafka-python's consumer, which reads on after a record that it cannot read.

    Args:
        stand_ins: also return a stand-in for each record that cannot be read or is too large for memory; its `original`
            is set. Otherwise the consumer logs a warning and reads on.
    """

    def __init__(self, *topics: str, stand_ins: bool = False, **configs: Any) -> None:
        super().__init__(*topics, **configs)
        fetcher = self._fetcher

        def records(fetch_offset: int, tp: TopicPartition, records: Any, **options: Any) -> _Records:
            return _Records(fetcher, fetch_offset, tp, records, stand_ins=stand_ins, **options)

        fetcher.PartitionRecords = records


class LenientRecord(ConsumerRecord):  # type: ignore[misc]
    """A record of kafka-python's, or the stand-in for one.

    Attributes:
        original: describes a record whose bytes are not all here; None for a complete record.
    """

    original: Original | None = None


class _Records(Fetcher.PartitionRecords):  # type: ignore[misc]
    def __init__(
        self, fetcher: Fetcher, fetch_offset: int, tp: TopicPartition, records: Any, *, stand_ins: bool, **options: Any
    ) -> None:
        self._fetcher, self._stand_ins = fetcher, stand_ins
        super().__init__(fetch_offset, tp, records, **options)

    def _unpack_records(self, tp: TopicPartition, records: Any, *_: Any) -> Iterator[ConsumerRecord]:
        aborted = [(each.producer_id, each.first_offset) for each in self.aborted_transactions]
        committed_only = self.isolation_level == IsolationLevel.READ_COMMITTED
        state = self._fetcher._subscriptions.assignment.get(tp)
        reader = BatchReader(
            bytes(records._buffer),  # the library's own reader of a fetch has no method for its bytes
            self.fetch_offset,
            state and state.highwater,
            aborted if committed_only else None,
            _LIBRARY,
        )
        for reason, entries in groupby(reader, key=self._skip_reason):
            if reason:
                offsets = [entry.offset for entry in entries]
                logger.warning("%s", passed_over(tp, offsets, reason))
                continue
            for entry in entries:
                self.next_fetch_offset = entry.offset + 1
                self.records_read += 1
                yield _record(tp, entry)
        self.next_fetch_offset = reader.next_offset
        self.drain()

    def _skip_reason(self, entry: Entry) -> str | None:
        """The reason to pass over a record; None for a record that the consumer returns."""
        original = entry.original
        if original is None or self._stand_ins:
            return None
        return original.fault or f"it has {sum(original.sizes.values()):,} bytes"


def _record(tp: TopicPartition, entry: Entry) -> LenientRecord:
    headers = list(entry.headers)
    sizes = (-1 if entry.key is None else len(entry.key), -1 if entry.value is None else len(entry.value), -1)
    timestamp = -1 if entry.timestamp is None else entry.timestamp
    record = LenientRecord(
        tp.topic,
        tp.partition,
        -1,
        entry.offset,
        timestamp,
        entry.timestamp_type,
        entry.key,
        entry.value,
        headers,
        None,
        *sizes,
    )
    record.original = entry.original
    return record


def passed_over(tp: TopicPartition, offsets: Sequence[int], reason: str) -> str:
    """One line for the log on consecutive records that the consumer does not return."""
    subject, verb = (
        (f"record {offsets[0]}", "is") if len(offsets) == 1 else (f"records {offsets[0]} to {offsets[-1]}", "are")
    )
    return f"The {subject} of {tp.topic}, partition {tp.partition}, {verb} passed over: {reason}."
