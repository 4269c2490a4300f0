"""A topic as a subscriber reads it: with the partitions that are added, from its beginning when it is made anew."""

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

# How old a subscriber's metadata may be, in milliseconds: so long it does not see a partition that was added. kafka-python's
# default is five minutes.
METADATA_AGE_MS = 1000


class SubscribedTopic:
    """Polls a consumer that was made with `auto_offset_reset="none"`, and handles what that raises.

    Args:
        consumer: it is subscribed to the topic, or has all of its partitions assigned.
        forget: is called when the offsets that were received mean nothing any more.

    Attributes:
        lost: offsets that were deleted before they were read.
    """

    def __init__(self, consumer: KafkaConsumer, topic: str, forget: Callable[[], None]) -> None:
        self._consumer, self._topic, self._forget = consumer, topic, forget
        self._manual = bool(consumer.assignment())
        self._ids: set[UUID] = set()
        self.lost = 0

    def poll(self, timeout_ms: int) -> list[Any]:
        """The records that came. Call it when all records before are done with.

        Raises:
            KafkaError: the cluster cannot be used.
        """
        self._look()
        try:
            return [record for records in self._consumer.poll(timeout_ms=timeout_ms).values() for record in records]
        except NoOffsetForPartitionError as error:  # of a partition that was added, or of one that was made anew
            self._consumer.seek_to_beginning(*error.args[0])
        except OffsetOutOfRangeError as error:
            for tp, position in error.args[0].items():
                self._go_on_at_beginning(tp, position)
        except LogTruncationError as error:
            for tp in error.divergent_offsets:
                logger.warning(
                    "%s, partition %d, lost records that were read: it is read from its beginning.",
                    tp.topic,
                    tp.partition,
                )
            self._consumer.seek_to_beginning(*error.divergent_offsets)
        return []

    def _look(self) -> None:
        # KafkaConsumer.partitions_for_topic asks for all topics of the cluster when this one is away.
        cluster = self._consumer._cluster
        identity = cluster.topic_id(self._topic)
        if identity is not None and identity not in self._ids:
            if self._ids:
                self._begin_again()
            self._ids.add(identity)
        if self._manual:
            assigned = self._consumer.assignment()
            existing = {
                TopicPartition(self._topic, number) for number in cluster.partitions_for_topic(self._topic) or ()
            }
            if new := existing - assigned:
                self._consumer.assign(sorted(assigned | new))
                self._consumer.seek_to_beginning(*new)

    def _begin_again(self) -> None:
        logger.warning("The topic %s was deleted and made anew: it is read from its beginning.", self._topic)
        self._forget()
        self._restart(self._consumer.assignment())

    def _go_on_at_beginning(self, tp: TopicPartition, position: int) -> None:
        begin, end = self._consumer.beginning_offsets([tp])[tp], self._consumer.end_offsets([tp])[tp]
        found = out_of_range(tp.topic, tp.partition, position, begin, end)
        logger.warning("%s", found.message)
        self.lost += found.lost
        if found.lost:
            self._consumer.seek_to_beginning(tp)
        else:
            self._restart([tp])

    def _restart(self, tps: Iterable[TopicPartition]) -> None:
        tps = list(tps)
        if not tps:
            return
        self._consumer.seek_to_beginning(*tps)
        if not self._manual:
            # The group's offset may be one of the topic that was deleted: whoever resumes later would believe it.
            begin = self._consumer.beginning_offsets(tps)
            with suppress(KafkaError):
                self._consumer.commit({tp: OffsetAndMetadata(offset, "", -1) for tp, offset in begin.items()})
