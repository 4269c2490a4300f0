"""kafka-python's consumer with `streams.kafka.batches` in place of its own loop over a fetch.

kafka-python 3.0.12 (`PartitionRecords._unpack_records` in consumer/fetcher.py) raises at a wrong checksum, at a header name that is not
UTF-8 and at bytes that it cannot unpack, and does not move its position: each further poll raises again. It unpacks a batch in one
piece, however large that gets. `tests/unit/test_lenient.py` says when the library reads these batches by itself; then this can go.
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
    """kafka-python's consumer, which goes on behind what it cannot read.

    Args:
        stand_ins: give a record also for each one that cannot be read or is too large to be held; `original` tells which. Otherwise
            a warning is logged, and reading goes on.
    """

    def __init__(self, *topics: str, stand_ins: bool = False, **configs: Any) -> None:
        super().__init__(*topics, **configs)
        fetcher = self._fetcher

        def records(fetch_offset: int, tp: TopicPartition, records: Any, **options: Any) -> _Records:
            return _Records(fetcher, stand_ins, fetch_offset, tp, records, **options)

        fetcher.PartitionRecords = records


class LenientRecord(ConsumerRecord):  # type: ignore[misc]
    """A record of kafka-python's that may stand for another.

    Attributes:
        original: what is known of a record that is not here with all its bytes; else None.
    """

    original: Original | None = None


class _Records(Fetcher.PartitionRecords):  # type: ignore[misc]
    def __init__(
        self, fetcher: Fetcher, stand_ins: bool, fetch_offset: int, tp: TopicPartition, records: Any, **options: Any
    ) -> None:
        self._fetcher, self._stand_ins = fetcher, stand_ins
        super().__init__(fetch_offset, tp, records, **options)

    def _unpack_records(self, tp: TopicPartition, records: Any, *_: Any) -> Iterator[ConsumerRecord]:
        aborted = [(each.producer_id, each.first_offset) for each in self.aborted_transactions]
        committed_only = self.isolation_level == IsolationLevel.READ_COMMITTED
        state = self._fetcher._subscriptions.assignment.get(tp)
        reader = BatchReader(
            bytes(records._buffer),
            self.fetch_offset,
            state and state.highwater,
            aborted if committed_only else None,
            _LIBRARY,
        )
        for why, run in groupby(reader, key=self._why_not):
            if why:
                offsets = [entry.offset for entry in run]
                logger.warning("%s", passed_over(tp, offsets, why))
                continue
            for entry in run:
                self.next_fetch_offset = entry.offset + 1
                self.records_read += 1
                yield _record(tp, entry)
        self.next_fetch_offset = reader.next_offset
        self.drain()

    def _why_not(self, entry: Entry) -> str | None:
        """Why a record is passed over; None where it is given."""
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


def passed_over(tp: TopicPartition, offsets: Sequence[int], why: str) -> str:
    """One line on records, one behind the other, that are not given to the reader."""
    which = f"record {offsets[0]}" if len(offsets) == 1 else f"records {offsets[0]} to {offsets[-1]}"
    return f"The {which} of {tp.topic}, partition {tp.partition}, cannot be had and {'is' if len(offsets) == 1 else 'are'} passed over: {why}."
