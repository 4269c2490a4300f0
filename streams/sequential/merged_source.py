"""Reads all partitions of a topic in one order: by the broker's time, then by partition.

The order depends on the records alone, so a replay and the next worker read the same one. A record is released when no
earlier one can come any more. That is so when each other partition has a record that waits, or was read to an end that
was asked for later than the record came, by SETTLE_S.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from kafka import TopicPartition

from streams.client.subscribed_topic import SubscribedTopic
from streams.kafka.consumers import new_consumer
from streams.settings import Settings

# Seconds by which the clocks of the brokers may differ. Each record waits that long for earlier records of other
# brokers. Clocks that NTP keeps differ by a few milliseconds.
SETTLE_S = 0.05
# A partition with this many waiting records, or bytes of them, is read further when some of them are released.
MAX_WAITING, MAX_WAITING_BYTES = 1_000, 8 * 1024 * 1024

# Milliseconds for which a new partition may stay unseen. A request for the topic's partitions costs a little at rest.
METADATA_AGE_MS = 5_000
# Milliseconds for which the broker may hold a request for new records. It costs one request each time.
FETCH_WAIT_MS = 5_000

Ends = Callable[[list[TopicPartition]], Mapping[TopicPartition, int]]


class _Waiting(NamedTuple):
    """A record that waits to be released, and the time at which it came, in seconds of the monotonic clock."""

    record: Any
    came: float


class MergedSource:
    """All partitions of a topic, in one order.

    Args:
        settings: of the cluster.
        topic: the full name, with the prefix.
        positions: the offsets to begin at; a partition without one is read from its beginning.
        partitions: the number of partitions. Those that are added later are read too.
        ends: asks for the ends of partitions, over another connection than the one that waits for records.
    """

    def __init__(
        self, settings: Settings, topic: str, positions: Mapping[TopicPartition, int], partitions: int, ends: Ends
    ) -> None:
        self._consumer = new_consumer(
            settings,
            stand_ins=True,
            auto_offset_reset="none",
            fetch_max_wait_ms=FETCH_WAIT_MS,
            metadata_max_age_ms=METADATA_AGE_MS,
        )
        self._ends_of = ends
        self._waiting: dict[TopicPartition, deque[_Waiting]] = {}
        self._bytes: dict[TopicPartition, int] = {}
        # The ends that were asked for last, and when.
        self._ends: Mapping[TopicPartition, int] = {}
        self._ends_asked = 0.0
        tps = [TopicPartition(topic, number) for number in range(partitions)]
        self._consumer.assign(tps)
        self._topic = SubscribedTopic(self._consumer, topic, self._forget)
        for tp in tps:
            if tp in positions:
                self._consumer.seek(tp, positions[tp])
            else:
                self._consumer.seek_to_beginning(tp)

    @property
    def lost(self) -> int:
        """The number of records that retention deleted before they were read."""
        return self._topic.lost

    def read(self, timeout_ms: int, most: int) -> list[Any]:
        """The next records in their order, `most` at most. Waits for up to `timeout_ms` milliseconds for the first.

        Raises:
            KafkaError: the cluster does not answer, or refuses.
        """
        self._poll(SETTLE_S * 1000 if self._has_waiting else timeout_ms)
        released: list[Any] = []
        at_end = self._at_end()
        while len(released) < most and (tp := self._next(at_end)):
            record = self._waiting[tp].popleft().record
            self._bytes[tp] -= len(record.value or b"")
            released.append(record)
        return released

    def positions(self) -> dict[TopicPartition, int]:
        """The offset of the next record of each partition that has one: everything before it was released."""
        return self._read() | {tp: waiting[0].record.offset for tp, waiting in self._waiting.items() if waiting}

    def lag(self) -> dict[int, int]:
        """Records that were not released, by partition, as far as the ends are known."""
        positions = self.positions()
        return {tp.partition: max(0, end - positions.get(tp, 0)) for tp, end in self._ends.items()}

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()

    @property
    def _has_waiting(self) -> bool:
        return any(self._waiting.values())

    def _poll(self, timeout_ms: float) -> None:
        for tp, waiting in self._waiting.items():
            is_full = len(waiting) >= MAX_WAITING or self._bytes[tp] >= MAX_WAITING_BYTES
            if is_full != (tp in self._consumer.paused()):
                (self._consumer.pause if is_full else self._consumer.resume)(tp)
        records = self._topic.poll(round(timeout_ms))
        came = time.monotonic()
        for record in records:
            tp = TopicPartition(record.topic, record.partition)
            self._waiting.setdefault(tp, deque()).append(_Waiting(record, came))
            self._bytes[tp] = self._bytes.get(tp, 0) + len(record.value or b"")
        if self._has_waiting and came - self._ends_asked > SETTLE_S / 2:
            self._ask_for_ends()

    def _ask_for_ends(self) -> None:
        asked = time.monotonic()
        self._ends, self._ends_asked = self._ends_of(sorted(self._consumer.assignment())), asked

    def _read(self) -> dict[TopicPartition, int]:
        """The offset of the record of each partition that the consumer returns next."""
        # Not `KafkaConsumer.position`, which asks the broker for a partition without a position.
        return {tp: position.offset for tp, position in self._consumer._subscription.all_consumed_offsets().items()}

    def _at_end(self) -> set[TopicPartition]:
        """The partitions that were read to the ends that were asked for last."""
        read = self._read()
        return {tp for tp, end in self._ends.items() if read.get(tp, -1) >= end}

    def _next(self, at_end: set[TopicPartition]) -> TopicPartition | None:
        """The partition of the next record in the order; None while an earlier record may come."""
        heads = {tp: waiting[0] for tp, waiting in self._waiting.items() if waiting}
        if not heads:
            return None
        tp = min(heads, key=lambda tp: (heads[tp].record.timestamp, tp.partition))
        empty = self._consumer.assignment() - heads.keys()
        if not empty or (empty <= at_end and self._ends_asked >= heads[tp].came + SETTLE_S):
            return tp
        return None

    def _forget(self) -> None:
        """Drop the records of a topic that was deleted and created again."""
        self._waiting.clear()
        self._bytes.clear()
