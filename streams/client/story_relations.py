"""The relation of articles to their stories, read beside the articles from a topic of its own.

The record of an article's story is written after the enriched article, to the partition of the same number. So a reader
of articles waits for it. An article that came a second time, or that is none, gets no record: it has no relation once
the worker of the stories has passed it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from types import TracebackType
from typing import Self

import msgspec
from kafka import TopicPartition
from msgspec import Struct

from streams.client.received import Received
from streams.kafka import consumer_groups
from streams.kafka.connections import POLL_MS, admin, kafka_errors, partitions
from streams.kafka.consumers import new_consumer
from streams.settings import Settings
from streams.stages import STORIES, TASKS

# Relations that are remembered. Articles of one partition come in the order of their stories, so few are ahead.
REMEMBERED = 100_000
# Milliseconds by which the clocks of two brokers may differ.
CLOCK_SKEW_MS = 60_000
# Seconds after which a reader says what it waits for.
SAY_AFTER_S = 30.0
# Seconds between two questions whether the worker of the stories has passed an article.
ASK_INTERVAL_S = 1.0
# The relation of an article that has none.
NO_RELATION = ""


class _Story(Struct, frozen=True):
    id: str
    relation: str


_decoder = msgspec.json.Decoder(_Story)


class StoryRelations:
    """Reads relations for one reader of articles. Use it as a context manager.

    Args:
        settings: of the cluster.
        say: receives a sentence when an article has waited for long.

    Raises:
        TelexError: the topic does not exist, or no broker answers.
    """

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings, self._say = settings, say
        self._topic = settings.topic(STORIES)
        partitions(settings, self._topic)
        self._known: OrderedDict[str, str] = OrderedDict()
        with kafka_errors(settings):
            self._consumer = new_consumer(settings)

    def of(self, received: Received, deadline: float | None) -> str | None:
        """The relation of an article, as soon as it is there; None when the deadline has passed.

        It is NO_RELATION for an article that gets no record of its own.

        Args:
            received: the record of the article, whose key is its id.
            deadline: in seconds of the monotonic clock; None to wait for ever.

        Raises:
            TelexError: the cluster does not answer.
        """
        article_id = (received.key or b"").decode(errors="replace")
        begin = asked = time.monotonic()
        has_said = has_passed = False
        with kafka_errors(self._settings):
            self._read_from(received)
            while article_id not in self._known:
                now = time.monotonic()
                if deadline is not None and now > deadline:
                    return None
                if not has_said and now - begin > SAY_AFTER_S:
                    has_said = True
                    self._say(f"The article {article_id} waits for its story: check that a stories worker runs.")
                if not self._poll() and now - asked > ASK_INTERVAL_S:
                    asked = now
                    # A second later, because Kafka shows the offsets and the records of a transaction one by one.
                    if has_passed:
                        self._read_to_end(received.partition)
                        return self._known.get(article_id, NO_RELATION)
                    has_passed = self._is_passed(received)
        return self._known[article_id]

    def _is_passed(self, received: Received) -> bool:
        """Whether the worker of the stories has done with an enriched article."""
        group = self._settings.group(TASKS["stories"].name)
        with admin(self._settings) as client:
            committed = consumer_groups.committed(client, [group])[group]
        return committed.get(TopicPartition(received.topic, received.partition), 0) > received.offset

    def _read_to_end(self, partition: int) -> None:
        tp = TopicPartition(self._topic, partition)
        end = self._consumer.end_offsets([tp])[tp]
        while self._consumer.position(tp) < end:
            self._poll()

    def _read_from(self, received: Received) -> None:
        """Begin to read a partition shortly before its first article was written."""
        tp = TopicPartition(self._topic, received.partition)
        assigned = self._consumer.assignment()
        if tp in assigned:
            return
        time_ms = max(0, int(received.timestamp * 1000) - CLOCK_SKEW_MS)
        found = self._consumer.offsets_for_times({tp: time_ms}).get(tp)
        self._consumer.assign([*assigned, tp])
        self._consumer.seek(tp, found.offset if found else self._consumer.end_offsets([tp])[tp])

    def _poll(self) -> bool:
        """Take over new records. Returns whether there were any."""
        polled = self._consumer.poll(timeout_ms=POLL_MS)
        for records in polled.values():
            for record in records:
                try:
                    story = _decoder.decode(record.value or b"")
                except msgspec.DecodeError:
                    continue
                self._known[story.id] = story.relation
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        return bool(polled)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()
