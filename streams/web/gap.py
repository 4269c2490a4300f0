"""Reads records between two positions of a topic, for a reader that comes back after a long time."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from kafka import TopicPartition

from streams.client.copies import Copies
from streams.client.received import Received, received_record
from streams.client.story_relations import StoryRelations
from streams.client.subscribed_topic import METADATA_AGE_MS
from streams.errors import TelexError
from streams.kafka.connections import POLL_MS, kafka_errors
from streams.kafka.consumers import new_consumer
from streams.kafka.lenient_consumer import LenientConsumer
from streams.records.filters import FilteredArticle
from streams.settings import Settings
from streams.stages import ENRICHED
from streams.web.topic_reading import READ_BEFORE
from streams.web.topic_record import TopicRecord, topic_record

logger = logging.getLogger(__name__)

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
    """The enriched articles that one reader has missed. It remembers them, to leave out copies.

    Args:
        settings: of the cluster.
        with_stories: whether the reader asks for the relation of an article to its story.
    """

    def __init__(self, settings: Settings, with_stories: bool = False) -> None:
        self._settings, self._topic, self._with_stories = settings, settings.topic(ENRICHED), with_stories
        self._copies = Copies(REMEMBERED)
        self._begun: set[int] = set()

    def read(self, start: Mapping[int, int], end: Mapping[int, int]) -> Part:
        """Read the first part of what lies between the positions. Blocks.

        Args:
            start: the first offset, by partition.
            end: the offset to stop at, for the same partitions. Some later records may come too.

        Raises:
            TelexError: Kafka does not answer, or the stories are not known.
        """
        with kafka_errors(self._settings), ExitStack() as stack:
            stories = (
                stack.enter_context(StoryRelations(self._settings, logger.warning)) if self._with_stories else None
            )
            consumer = new_consumer(
                self._settings,
                metadata_max_age_ms=METADATA_AGE_MS,
                fetch_max_bytes=PART_BYTES,
                max_partition_fetch_bytes=PART_BYTES // 8,
            )
            try:
                return self._read(consumer, start, end, stories)
            finally:
                consumer.close(timeout_ms=CLOSE_LIMIT_MS)

    def _read(
        self,
        consumer: LenientConsumer,
        start: Mapping[int, int],
        end: Mapping[int, int],
        stories: StoryRelations | None,
    ) -> Part:
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
                for each in found:
                    record = topic_record(each, FilteredArticle)
                    is_copy = self._copies.is_copy(record.key, record.value)
                    if record.offset >= first[record.partition] and record.document is not None and not is_copy:
                        if stories:
                            record.document.story = _relation(stories, received_record(each), deadline)
                        records.append(record)
                        size += len(record.value or b"")
            position = {partition: max(first[partition], consumer.position(tp) or 0) for partition, tp in tps.items()}
        return Part(records, position, lost)


def _relation(stories: StoryRelations, received: Received, deadline: float) -> str:
    relation = stories.of(received, deadline)
    if relation is None:
        raise TelexError(
            "The stories of the articles that were missed are not known: check that a stories worker runs."
        )
    return relation
