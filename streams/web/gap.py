"""Reads records between two positions of a topic, for a reader that comes back after a long time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from kafka import TopicPartition

from streams.client.copies import Copies
from streams.client.subscribed_topic import METADATA_AGE_MS
from streams.kafka.connections import POLL_MS, connection, kafka_errors
from streams.kafka.lenient_consumer import LenientConsumer
from streams.records.filters import FilteredArticle
from streams.settings import Settings
from streams.web.topic_reading import READ_BEFORE
from streams.web.topic_record import TopicRecord, topic_record

# A part of the gap has about so many records or bytes.
PART_RECORDS, PART_BYTES = 500, 8 * 2**20
# Records that one reader remembers, to leave out copies. After a `kill -9` a partition has some dozens.
REMEMBERED = 5000
# Seconds for a part. When Kafka has not given all of it by then, the part ends earlier.
LIMIT_S = 10.0
CLOSE_LIMIT_MS = 2000


@dataclass(frozen=True)
class Part:
    """A part of a gap.

    Attributes:
        records: the records, without copies, in the order of each partition.
        position: where the next part begins, for each partition of the gap.
        lost: records that retention deleted before they were read.
    """

    records: list[TopicRecord]
    position: dict[int, int]
    lost: int


class Gap:
    """The records that one reader has missed. It remembers them, to leave out copies."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._settings, self._topic = settings, settings.topic(topic)
        self._copies = Copies(REMEMBERED)
        self._begun: set[int] = set()

    def read(self, start: Mapping[int, int], end: Mapping[int, int]) -> Part:
        """Read the first part of what lies between the positions. Blocks.

        Args:
            start: the first offset, by partition.
            end: the offset to stop at, for the same partitions. Some later records may come too.

        Raises:
            TelexError: Kafka does not answer.
        """
        with kafka_errors(self._settings):
            consumer = LenientConsumer(
                **connection(self._settings),
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                metadata_max_age_ms=METADATA_AGE_MS,
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                fetch_max_bytes=PART_BYTES,
                max_partition_fetch_bytes=PART_BYTES // 8,
            )
            try:
                return self._read(consumer, start, end)
            finally:
                consumer.close(timeout_ms=CLOSE_LIMIT_MS)

    def _read(self, consumer: LenientConsumer, start: Mapping[int, int], end: Mapping[int, int]) -> Part:
        tps = {partition: TopicPartition(self._topic, partition) for partition in start}
        consumer.assign(list(tps.values()))
        begins = consumer.beginning_offsets(list(tps.values()))
        first = {partition: max(offset, begins[tps[partition]]) for partition, offset in start.items()}
        lost = sum(first[partition] - offset for partition, offset in start.items())
        for partition, tp in tps.items():
            before = 0 if partition in self._begun else READ_BEFORE
            consumer.seek(tp, max(begins[tp], first[partition] - before))
            self._begun.add(partition)
        position, records, size = dict(first), list[TopicRecord](), 0
        deadline = time.monotonic() + LIMIT_S
        while size < PART_BYTES and len(records) < PART_RECORDS and time.monotonic() < deadline:
            if all(position[partition] >= end[partition] for partition in tps):
                break
            for found in consumer.poll(timeout_ms=POLL_MS).values():
                for record in (topic_record(each, FilteredArticle) for each in found):
                    is_copy = self._copies.is_copy(record.key, record.value)
                    if record.offset >= first[record.partition] and record.document is not None and not is_copy:
                        records.append(record)
                        size += len(record.value or b"")
            position = {partition: max(first[partition], consumer.position(tp) or 0) for partition, tp in tps.items()}
        return Part(records, position, lost)
