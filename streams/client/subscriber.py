"""Subscribes to the articles of a topic, from Python and for `telex subscribe`."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

from kafka import TopicPartition
from kafka.errors import UnknownMemberIdError
from kafka.util import Timer

from streams.client.copies import Copies
from streams.client.finished_offsets import FinishedOffsets
from streams.client.received import Received, received_record
from streams.client.subscribed_topic import METADATA_AGE_MS, SubscribedTopic
from streams.kafka import consumer_groups
from streams.kafka.connections import POLL_MS, admin, kafka_errors, partitions
from streams.kafka.consumers import new_consumer
from streams.kafka.group_member import end_joining, finish_rejoins
from streams.settings import Settings, load
from streams.stages import ENRICHED

logger = logging.getLogger(__name__)

# Milliseconds after which a group gives the partitions of a killed member to other members.
SESSION_TIMEOUT_MS = 10_000
# Milliseconds for the last commit and for leaving the group, together. Ctrl-C waits that long for a broker that does
# not answer.
CLOSE_LIMIT_MS = 5000

Start = Literal["beginning", "end"] | datetime


class Subscriber:
    """Receives the articles of a topic. Use it as a context manager and iterate.

    Copies among the last 100,000 articles of this process are left out. A member of a group that ends
    without `finish` receives its last article again.

    A record that cannot be read is logged with a warning, and reading continues after it. A partition that is added
    later is read from its beginning, and so is a topic that is deleted and created again.

    >>> with Subscriber(start="beginning") as articles:
    ...     for received in articles:
    ...         print(received.article["id"], received.article["language"])

    Args:
        settings: the brokers and how to connect to them; by default from the environment (`TELEX_...`).
        topic: the name of the topic without prefix.
        start: where to begin. A group begins here the first time, and later resumes where it stopped.
        group: the name of a consumer group, whose members share the partitions. Kafka forgets a group a week after its
            last member left (`offsets.retention.minutes`).
        timeout_s: seconds after which an iteration ends; None for never.
        once: whether to leave out copies. After a crash a stage writes some articles again, byte for byte.

    Attributes:
        timed_out: whether the last iteration ended because the time ran out.

    Raises:
        TelexError: no broker answers, or the topic does not exist.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        topic: str = ENRICHED,
        start: Start = "end",
        group: str | None = None,
        timeout_s: float | None = None,
        once: bool = True,
    ) -> None:
        self._settings = settings or load()
        self._topic = self._settings.topic(topic)
        self._group = self._settings.topic(group) if group else None
        self._timeout_s, self._once = timeout_s, once
        self._copies = Copies()
        self._polled: deque[Received] = deque()
        self.timed_out = False
        tps = [TopicPartition(self._topic, number) for number in range(partitions(self._settings, self._topic))]
        with kafka_errors(self._settings):
            self._consumer = new_consumer(
                self._settings,
                group_id=self._group,
                # `SubscribedTopic` decides where to read when a partition has no position, or when Kafka has deleted
                # the record at the position: at the beginning, so that no record is left out.
                auto_offset_reset="none",
                metadata_max_age_ms=METADATA_AGE_MS,
                session_timeout_ms=SESSION_TIMEOUT_MS,
            )
            try:
                self._begin(tps, start)
                self._offsets = FinishedOffsets(self._consumer, in_group=self._group is not None)
                self._source = SubscribedTopic(self._consumer, self._topic, self._offsets.forget)
            except BaseException:
                self._consumer.close(timeout_ms=CLOSE_LIMIT_MS)
                raise

    def _begin(self, tps: list[TopicPartition], start: Start) -> None:
        if self._group:
            self._begin_group(self._group, tps, start)
            finish_rejoins(self._consumer)
            self._consumer.subscribe([self._topic])
            return
        self._consumer.assign(tps)
        for tp, offset in self._start_offsets(tps, start).items():
            self._consumer.seek(tp, offset)

    def _begin_group(self, group: str, tps: list[TopicPartition], start: Start) -> None:
        """Commit the offsets at which a new group begins, so that it resumes there even if it received no record.

        A group that has read the topic before is not new. It reads partitions that were added since from their
        beginning. When a topic is deleted, Kafka deletes its offsets in all groups, and the empty group still exists.
        """
        with admin(self._settings) as client:
            committed = consumer_groups.committed(client, [group])[group]
            if any(tp.topic == self._topic for tp in committed):
                return
            if not committed and consumer_groups.is_empty(client, group):
                logger.warning(
                    "The offsets of the group %s are gone: it reads %s from the beginning.", group, self._topic
                )
                start = "beginning"
            with suppress(UnknownMemberIdError):  # another member has joined the group meanwhile
                consumer_groups.commit(client, group, self._start_offsets(tps, start))

    def _start_offsets(self, tps: list[TopicPartition], start: Start) -> dict[TopicPartition, int]:
        ends: dict[TopicPartition, int] = self._consumer.end_offsets(tps)
        if start == "end":
            return ends
        if start == "beginning":
            return dict(self._consumer.beginning_offsets(tps))
        # Not below 0: to Kafka the times -1 and -2 mean the end and the beginning.
        times = self._consumer.offsets_for_times(dict.fromkeys(tps, max(0, int(start.timestamp() * 1000))))
        return {tp: times[tp].offset if times.get(tp) else ends[tp] for tp in tps}

    def __iter__(self) -> Iterator[Received]:
        """The records as they arrive. After a time-out or a break, a new iteration continues after the last record."""
        deadline = None if self._timeout_s is None else time.monotonic() + self._timeout_s
        self.timed_out = False
        with kafka_errors(self._settings):
            while True:
                while self._polled:
                    received = self._polled.popleft()
                    self._offsets.begin(TopicPartition(received.topic, received.partition))
                    if not (self._once and self._copies.is_copy(received.key, received.value)):
                        yield received
                    # Only now: the caller asks for the next record, so it has finished this one.
                    self.finish(received)
                    if deadline and time.monotonic() > deadline:
                        break
                # Before each poll, because during a poll the group may give the partitions to other members.
                if not self._polled:
                    self._offsets.finish_gaps()
                self._offsets.commit_if_possible()
                if deadline and time.monotonic() > deadline:
                    self.timed_out = True
                    return
                if not self._polled:
                    self._polled.extend(map(received_record, self._source.poll(POLL_MS)))

    @property
    def lost(self) -> int:
        """Number of records that retention deleted before this subscriber read them."""
        return self._source.lost

    def finish(self, received: Received) -> None:
        """Mark the record as finished: the group does not receive it again. Call it before you leave the iteration."""
        self._offsets.finish(TopicPartition(received.topic, received.partition), received.offset)

    def close(self) -> None:
        """Commit the group's offsets, leave the group, and close the connection."""
        timer = Timer(CLOSE_LIMIT_MS)
        try:
            with kafka_errors(self._settings):
                self._offsets.commit(timer.timeout_ms)
        finally:
            end_joining(self._consumer, timer.timeout_ms)
            self._consumer.close(timeout_ms=timer.timeout_ms)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
