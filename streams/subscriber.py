"""Subscribe to the enriched articles: from Python, and behind `telex subscribe`."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from types import TracebackType
from typing import Any, Literal, Self

import msgspec
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

from streams.cluster import BOOTSTRAP_TIMEOUT_MS, kafka_errors
from streams.errors import TelexError
from streams.settings import Settings, load
from streams.stages import ENRICHED

# Articles that are remembered so that each comes once; a duplicate after a crash follows within seconds.
REMEMBERED = 100_000
# Seconds between two commits of a group's position.
COMMIT_INTERVAL_S = 1.0
POLL_MS = 200

Start = Literal["beginning", "end"] | datetime


@dataclass(frozen=True)
class Received:
    """A record as it was received.

    Attributes:
        value: its bytes; None for an empty record.
        timestamp: seconds since 1970.
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
        """The record's JSON object, integers and decimals as Python reads them. Raises TelexError when it is none."""
        try:
            return msgspec.json.decode(self.value or b"", type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError):
            raise TelexError(
                f"The record {self.offset} of {self.topic}, partition {self.partition}, is no JSON object: see `telex dead`."
            ) from None


class Subscriber:
    """Receives the articles of a topic, each once. Use it as a context manager and iterate.

    >>> with Subscriber(start="beginning") as articles:
    ...     for received in articles:
    ...         print(received.article["id"], received.article["language"])

    Args:
        settings: where the brokers are; by default from the environment (`TELEX_...`).
        topic: without prefix.
        start: where to begin; a group resumes where it left off and begins here only the first time.
        group: the name under which to share the partitions with others and to resume.
        timeout_s: seconds after which to stop, None for never.

    Attributes:
        timed_out: whether the iteration ended because the time ran out.

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
        self._topic = self._settings.topic_prefix + topic
        self._timeout_s, self._group, self._once = timeout_s, group, once
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._polled: deque[Received] = deque()
        self._done: dict[TopicPartition, int] = {}
        self._committed_at = time.monotonic()
        self.timed_out = False
        with kafka_errors(self._settings):
            self._consumer = KafkaConsumer(
                **self._settings.kafka(),
                group_id=group,
                enable_auto_commit=False,
                auto_offset_reset="latest" if start == "end" else "earliest",
                isolation_level="read_committed",
                bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
                allow_auto_create_topics=False,
            )
            partitions = self._consumer.partitions_for_topic(self._topic)
            if not partitions:
                self._consumer.close()
                raise TelexError(
                    f"There is no topic {self._topic} at {self._settings.bootstrap_servers}: create the topics with `telex topics`."
                )
            if group:
                self._consumer.subscribe([self._topic])
            else:
                self._seek([TopicPartition(self._topic, number) for number in sorted(partitions)], start)

    def _seek(self, partitions: list[TopicPartition], start: Start) -> None:
        self._consumer.assign(partitions)
        ends = self._consumer.end_offsets(partitions)
        offsets: dict[TopicPartition, int] = dict(ends)
        if start == "beginning":
            offsets = self._consumer.beginning_offsets(partitions)
        elif isinstance(start, datetime):
            times = self._consumer.offsets_for_times(dict.fromkeys(partitions, int(start.timestamp() * 1000)))
            offsets = {tp: times[tp].offset if times.get(tp) else ends[tp] for tp in partitions}
        for tp, offset in offsets.items():
            self._consumer.seek(tp, offset)

    def __iter__(self) -> Iterator[Received]:
        """The records as they come; after a time-out or a break, iterating again goes on behind the last one."""
        deadline = None if self._timeout_s is None else time.monotonic() + self._timeout_s
        self.timed_out = False
        with kafka_errors(self._settings):
            while True:
                while self._polled:
                    received = self._polled.popleft()
                    if not (self._once and self._repeated(received)):
                        yield received
                    # Only now: the next one is asked for, so this one is done with.
                    self.finish(received)
                    if deadline and time.monotonic() > deadline:
                        break
                self._commit(COMMIT_INTERVAL_S)
                if deadline and time.monotonic() > deadline:
                    self.timed_out = True
                    return
                if not self._polled:
                    records = self._consumer.poll(timeout_ms=POLL_MS).values()
                    self._polled.extend(_received(record) for partition in records for record in partition)

    def _repeated(self, received: Received) -> bool:
        content = blake2b((received.key or b"") + b"\0" + (received.value or b""), digest_size=16).digest()
        if content in self._seen:
            return True
        self._seen[content] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False

    def _commit(self, interval_s: float) -> None:
        if self._group and self._done and time.monotonic() - self._committed_at >= interval_s:
            self._consumer.commit({tp: OffsetAndMetadata(offset, "", -1) for tp, offset in self._done.items()})
            self._done.clear()
            self._committed_at = time.monotonic()

    def finish(self, received: Received) -> None:
        """A group need not see this record again. For the last one before the iteration is left."""
        self._done[TopicPartition(received.topic, received.partition)] = received.offset + 1

    def close(self) -> None:
        """Commit the group's position, leave it, and let go of the connection."""
        with kafka_errors(self._settings):
            self._commit(0)
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _received(record: Any) -> Received:
    return Received(
        record.topic, record.partition, record.offset, record.timestamp / 1000, record.key, record.value, tuple(record.headers or ())
    )


def matcher(
    language: str | None = None, entity: str | None = None, kind: str | None = None, sentiment: str | None = None
) -> Callable[[dict[str, Any]], bool]:
    """Whether an enriched article is in `language`, names `entity` (of type `kind`), and has that `sentiment`.

    What is None is not asked for. An entity is found by its name or by any of its mentions, whatever the case.
    """

    def named(item: dict[str, Any]) -> bool:
        names = (item["name"], *(mention["text"] for mention in item["mentions"]))
        return (kind is None or item["type"] == kind) and (entity is None or entity.casefold() in (name.casefold() for name in names))

    def matches(article: dict[str, Any]) -> bool:
        return (
            (language is None or article.get("language", {}).get("code") == language)
            and (sentiment is None or article.get("sentiment", {}).get("label") == sentiment)
            and ((entity is None and kind is None) or any(named(item) for item in article.get("entities", {}).get("items", ())))
        )

    return matches
