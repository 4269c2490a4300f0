"""Subscribe to the enriched articles: from Python, and behind `telex subscribe`."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from types import TracebackType
from typing import Any, Literal, Self

import msgspec
from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError, UnknownMemberIdError

from streams.client.subscribed_topic import METADATA_AGE_MS, SubscribedTopic
from streams.errors import TelexError
from streams.kafka import consumer_groups
from streams.kafka.connections import admin, connection, kafka_errors, partitions
from streams.kafka.lenient_consumer import LenientConsumer
from streams.settings import Settings, load
from streams.stages import ENRICHED

logger = logging.getLogger(__name__)

# Articles that are remembered so that each comes once; a duplicate after a crash follows within seconds.
REMEMBERED = 100_000
POLL_MS = 200
# Milliseconds after which a group gives the partitions of a member that was killed to others.
SESSION_TIMEOUT_MS = 10_000
# Milliseconds that a commit, and leaving the group, may take: so long Ctrl-C waits for a broker that does not answer.
CLOSE_LIMIT_MS = 5000

Start = Literal["beginning", "end"] | datetime


@dataclass(frozen=True)
class Received:
    """A record as it was received.

    Attributes:
        value: its bytes; None for an empty record.
        timestamp: seconds since 1970.
        headers: names that are not UTF-8 have surrogates in place of their bytes (PEP 383).
    """

    topic: str
    partition: int
    offset: int
    timestamp: float
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    @property
    def article(self) -> dict[str, Any]:
        """The record's JSON object, integers and decimals as Python reads them: `value` has the digits that a float has not.

        Raises:
            TelexError: there is none, or one that the stages refuse as well.
        """
        try:
            return msgspec.json.decode(self.value or b"", type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError) as error:
            where = f"The record {self.offset} of {self.topic}, partition {self.partition}"
            raise TelexError(f"{where}, is no JSON object that can be read ({error}): see `telex dead`.") from None


class Subscriber:
    """Receives the articles of a topic, each once. Use it as a context manager and iterate.

    Of a record that cannot be read a warning is logged, and it goes on behind that.

    >>> with Subscriber(start="beginning") as articles:
    ...     for received in articles:
    ...         print(received.article["id"], received.article["language"])

    Args:
        settings: where the brokers are; by default from the environment (`TELEX_...`).
        topic: without prefix.
        start: where to begin; a group resumes where it left off and begins here only the first time.
        group: the name under which to share the partitions with others and to resume. Kafka forgets it a week after its
            last member left (`offsets.retention.minutes`).
        timeout_s: seconds after which an iteration ends, None for never.
        once: whether to leave out what came before: after a crash a stage writes some articles again, byte for byte.

    Attributes:
        timed_out: whether the iteration ended because the time ran out.

    Partitions that are added meanwhile are read from their beginning, and so is a topic that is deleted and made anew.

    Raises:
        TelexError: the brokers cannot be reached, or there is no such topic.
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
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._polled: deque[Received] = deque()
        self._done: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        # The partition of the record that was given out last, until it is finished.
        self._unfinished: TopicPartition | None = None
        self.timed_out = False
        tps = [TopicPartition(self._topic, number) for number in range(partitions(self._settings, self._topic))]
        with kafka_errors(self._settings):
            self._consumer = LenientConsumer(
                **connection(self._settings),
                group_id=self._group,
                enable_auto_commit=False,
                # What has no position, or one that Kafka has deleted, `SubscribedTopic` reads from its beginning: nothing is left out.
                auto_offset_reset="none",
                metadata_max_age_ms=METADATA_AGE_MS,
                isolation_level="read_committed",
                session_timeout_ms=SESSION_TIMEOUT_MS,
                allow_auto_create_topics=False,
            )
            try:
                self._begin(tps, start)
                self._source = SubscribedTopic(self._consumer, self._topic, self._done.clear)
            except BaseException:
                self._consumer.close(timeout_ms=CLOSE_LIMIT_MS)
                raise

    def _begin(self, tps: list[TopicPartition], start: Start) -> None:
        if self._group:
            self._begin_group(self._group, tps, start)
            self._consumer.subscribe([self._topic])
            return
        self._consumer.assign(tps)
        for tp, offset in self._offsets(tps, start).items():
            self._consumer.seek(tp, offset)

    def _begin_group(self, group: str, tps: list[TopicPartition], start: Start) -> None:
        """Commit where a new group begins, so that it resumes there even if it leaves before it received anything.

        A group that has read the topic before is not new: partitions that were added since are read from their beginning.
        Kafka forgets the offsets of a topic that is deleted, and then a group is left that has none at all.
        """
        with admin(self._settings) as client:
            known = consumer_groups.committed(client, [group])[group]
            if any(tp.topic == self._topic for tp in known):
                return
            if not known and consumer_groups.is_empty(client, group):
                logger.warning(
                    "The offsets of the group %s are gone: it reads %s from the beginning.", group, self._topic
                )
                start = "beginning"
            with suppress(UnknownMemberIdError):  # it has a member, who was quicker
                consumer_groups.commit(client, group, self._offsets(tps, start))

    def _offsets(self, tps: list[TopicPartition], start: Start) -> dict[TopicPartition, int]:
        ends: dict[TopicPartition, int] = self._consumer.end_offsets(tps)
        if start == "end":
            return ends
        if start == "beginning":
            return dict(self._consumer.beginning_offsets(tps))
        # Kafka takes -1 and -2 for the end and the beginning.
        times = self._consumer.offsets_for_times(dict.fromkeys(tps, max(0, int(start.timestamp() * 1000))))
        return {tp: times[tp].offset if times.get(tp) else ends[tp] for tp in tps}

    def __iter__(self) -> Iterator[Received]:
        """The records as they come; after a time-out or a break, iterating again goes on behind the last one."""
        deadline = None if self._timeout_s is None else time.monotonic() + self._timeout_s
        self.timed_out = False
        with kafka_errors(self._settings):
            while True:
                while self._polled:
                    received = self._polled.popleft()
                    self._unfinished = TopicPartition(received.topic, received.partition)
                    if not (self._once and self._repeated(received)):
                        yield received
                    # Only now: the next one is asked for, so this one is done with.
                    self.finish(received)
                    if deadline and time.monotonic() > deadline:
                        break
                # Before each poll, in which the group may give the partitions to others.
                self._finish_gaps()
                self._commit_if_possible()
                if deadline and time.monotonic() > deadline:
                    self.timed_out = True
                    return
                if not self._polled:
                    self._polled.extend(map(_received, self._source.poll(POLL_MS)))

    def _repeated(self, received: Received) -> bool:
        content = blake2b((received.key or b"") + b"\0" + (received.value or b""), digest_size=16).digest()
        if content in self._seen:
            return True
        self._seen[content] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False

    def _commit_if_possible(self) -> None:
        """What cannot be committed while the broker is away, the next commit has in it; or it comes again to whoever goes on from there."""
        try:
            self._commit()
        except KafkaError as error:
            if not error.retriable:
                raise

    def _commit(self, limit_ms: int | None = None) -> None:
        if not (self._group and self._done):
            return
        offsets = {tp: OffsetAndMetadata(offset, "", -1) for tp, offset in self._done.items()}
        # The group may have gone on without a member that did not ask for more within five minutes (`less` is open, say):
        # whoever has its partitions now receives these records again.
        with suppress(CommitFailedError, RebalanceInProgressError):
            self._consumer.commit(offsets, timeout_ms=limit_ms)
            self._committed.update(self._done)
        self._done.clear()

    def _finish_gaps(self) -> None:
        """Where every record is finished, the group's position is the consumer's: past aborted records and transaction markers."""
        if not self._group or self._polled:
            return
        for tp, position in self._consumer._subscription.all_consumed_offsets().items():
            if tp != self._unfinished and position.offset != self._committed.get(tp):
                self._done[tp] = position.offset

    @property
    def lost(self) -> int:
        """The number of offsets that Kafka deleted before they were read: a subscriber that is slower than the topic's retention."""
        return self._source.lost

    def finish(self, received: Received) -> None:
        """A group need not see this record again. For the last one before the iteration is left."""
        tp = TopicPartition(received.topic, received.partition)
        self._done[tp] = received.offset + 1
        if self._unfinished == tp:
            self._unfinished = None

    def close(self) -> None:
        """Commit the group's position, leave it, and let go of the connection."""
        try:
            with kafka_errors(self._settings):
                self._commit(CLOSE_LIMIT_MS)
        finally:
            self._consumer.close(timeout_ms=CLOSE_LIMIT_MS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _received(record: Any) -> Received:
    return Received(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp / 1000,
        record.key,
        record.value,
        tuple(record.headers or ()),
    )
