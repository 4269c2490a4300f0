"""Reads the state topic of a task: first from the beginning of the state, later the records that are added."""

from __future__ import annotations

from collections.abc import Callable

from kafka import TopicPartition

from streams.kafka.connections import POLL_MS
from streams.kafka.consumers import new_consumer
from streams.kafka.lenient_consumer import LenientRecord
from streams.sequential.decider import Decider
from streams.settings import Settings

# Records at the end of the topic among which the newest one is looked for: the markers of transactions and records of
# aborted ones stand between them. If there is none, the topic is read from its beginning.
TAIL = 1_000


class StateLog:
    """The reader of one state topic.

    Args:
        settings: of the cluster.
        topic: the full name of the topic, which has one partition.
        decider: gets each record.
    """

    def __init__(self, settings: Settings, topic: str, decider: Decider) -> None:
        self._decider = decider
        self._tp = TopicPartition(topic, 0)
        self._consumer = new_consumer(settings)
        self._consumer.assign([self._tp])
        self._begun = False
        self.restored = 0

    def follow(self, progress: Callable[[int, int], bool]) -> bool:
        """Restore up to the end that the topic has now. Returns whether it got there.

        Args:
            progress: is called after each poll with the number of restored records and of those that are left, as far
                as offsets tell. When it returns False, the reading stops.

        Raises:
            KafkaError: the cluster does not answer, or refuses.
        """
        if not self._begun:
            self._consumer.seek(self._tp, self._first_needed())
            self._begun = True
        end = self._end()
        while (position := self._position()) < end:
            for record in self._poll():
                self._decider.restore(record.value)
                self.restored += 1
            if not progress(self.restored, end - position):
                return False
        return True

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()

    def _first_needed(self) -> int:
        """The offset from which the state is needed, by the newest record of it."""
        begin: int = self._consumer.beginning_offsets([self._tp])[self._tp]
        end = self._end()
        self._consumer.seek(self._tp, max(begin, end - TAIL))
        newest = None
        while self._position() < end:
            newest = next((record.value for record in reversed(self._poll())), newest)
        if newest is None:
            return begin
        # The broker gives the state a later time than the article: the needed records lie behind this offset.
        at = self._consumer.offsets_for_times({self._tp: max(0, self._decider.begin_of_state(newest))})[self._tp]
        return at.offset if at else begin

    def _poll(self) -> list[LenientRecord]:
        records = self._consumer.poll(timeout_ms=POLL_MS).get(self._tp, [])
        return [record for record in records if record.value is not None]

    def _end(self) -> int:
        end: int = self._consumer.end_offsets([self._tp])[self._tp]
        return end

    def _position(self) -> int:
        position = self._consumer._subscription.all_consumed_offsets().get(self._tp)
        return position.offset if position else 0
