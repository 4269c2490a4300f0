"""A subscriber's view of its topic: it picks up new partitions, and starts over when the topic is created again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, LogTruncationError, NoOffsetForPartitionError, OffsetOutOfRangeError

from streams.kafka.lost_records import out_of_range

logger = logging.getLogger(__name__)

# Maximum age of a subscriber's metadata, in milliseconds. A new partition stays unseen for that long. kafka-python's
# default is five minutes.
METADATA_AGE_MS = 1000


class SubscribedTopic:
    """Polls a consumer that has `auto_offset_reset="none"`, and handles the exceptions of that setting.

    Args:
        consumer: a consumer that is subscribed to the topic, or has all of its partitions assigned.
        topic: the full name, with the prefix.
        forget: called when the topic was created again, and offsets received before mean nothing any more.

    Attributes:
        lost: number of offsets that Kafka deleted before they were read.
    """

    def __init__(self, consumer: KafkaConsumer, topic: str, forget: Callable[[], None]) -> None:
        self._consumer, self._topic, self._forget = consumer, topic, forget
        self._assigns_partitions = bool(consumer.assignment())
        self._known_ids: set[UUID] = set()
        self.lost = 0

    def poll(self, timeout_ms: int) -> list[Any]:
        """The next records. Call it when all records from before are finished.

        Raises:
            KafkaError: the cluster does not answer, or refuses.
        """
        self._check_topic()
        try:
            return [record for records in self._consumer.poll(timeout_ms=timeout_ms).values() for record in records]
        except NoOffsetForPartitionError as error:  # a partition that was added, or created again
            self._consumer.seek_to_beginning(*error.args[0])
        except OffsetOutOfRangeError as error:
            for tp, position in error.args[0].items():
                self._continue_at_beginning(tp, position)
        except LogTruncationError as error:
            for tp in error.divergent_offsets:
                logger.warning(
                    "%s, partition %d, lost records that were read: it is read from its beginning.",
                    tp.topic,
                    tp.partition,
                )
            self._consumer.seek_to_beginning(*error.divergent_offsets)
        return []

    @property
    def topic_id(self) -> UUID | None:
        """The topic's id; None where the cluster does not give it. A topic that is created again has another one."""
        identity: UUID | None = self._consumer._cluster.topic_id(self._topic)
        return identity

    def _check_topic(self) -> None:
        """Start over where the topic was created again, and assign partitions that were added."""
        # Not `KafkaConsumer.partitions_for_topic`: that of kafka-python 3.0.12 asks for all topics of the cluster when
        # this one is missing. The consumer has no method for a topic's id.
        cluster = self._consumer._cluster
        topic_id = self.topic_id
        if topic_id is not None and topic_id not in self._known_ids:
            if self._known_ids:
                self._start_over()
            self._known_ids.add(topic_id)
        if self._assigns_partitions:
            assigned = self._consumer.assignment()
            existing = {
                TopicPartition(self._topic, number) for number in cluster.partitions_for_topic(self._topic) or ()
            }
            if new := existing - assigned:
                self._consumer.assign(sorted(assigned | new))
                self._consumer.seek_to_beginning(*new)

    def _start_over(self) -> None:
        logger.warning("The topic %s was deleted and created again: it is read from its beginning.", self._topic)
        self._forget()
        self._restart(self._consumer.assignment())

    def _continue_at_beginning(self, tp: TopicPartition, position: int) -> None:
        begin, end = self._consumer.beginning_offsets([tp])[tp], self._consumer.end_offsets([tp])[tp]
        gap = out_of_range(tp.topic, tp.partition, position, begin, end)
        logger.warning("%s", gap.message)
        self.lost += gap.lost
        if gap.lost:
            self._consumer.seek_to_beginning(tp)
        else:
            self._restart([tp])

    def _restart(self, tps: Iterable[TopicPartition]) -> None:
        tps = list(tps)
        if not tps:
            return
        self._consumer.seek_to_beginning(*tps)
        if not self._assigns_partitions:
            # The group's committed offset may belong to the deleted topic. A member that resumes later would use it.
            begin = self._consumer.beginning_offsets(tps)
            with suppress(KafkaError):
                self._consumer.commit({tp: OffsetAndMetadata(offset, "", -1) for tp, offset in begin.items()})
