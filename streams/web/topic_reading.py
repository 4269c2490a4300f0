"""The thread that reads one topic and hands its records to the event loop. kafka-python's consumer blocks."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from kafka import TopicPartition

from streams.client.subscribed_topic import METADATA_AGE_MS, SubscribedTopic
from streams.errors import TelexError, UnreachableError
from streams.kafka.connections import POLL_MS, kafka_errors, partitions
from streams.kafka.consumers import new_consumer
from streams.kafka.lenient_consumer import LenientConsumer
from streams.settings import Settings
from streams.web.position import topic_mark
from streams.web.topic_record import Decode, TopicRecord, topic_record

logger = logging.getLogger(__name__)

# Seconds until another attempt while Kafka does not answer, and after any other fault, such as a missing topic.
RETRY_S, LONG_RETRY_S = 2.0, 15.0
# Bytes that are sorted by time when reading begins. Beyond that the records come partition by partition.
SORTED_BYTES = 32 * 2**20
# Records of each partition that are read before those that count, so that copies of them are recognised. After a
# `kill -9` a partition has some dozens.
READ_BEFORE = 200
# Records that the event loop gets at once. It takes some 20 ms for them.
HANDED_OVER = 200
CLOSE_LIMIT_MS = 2000


class Start(NamedTuple):
    """The next records that count begin at these offsets of a topic with this mark. No record from before counts.

    Some records that do not count come first.
    """

    mark: str
    offsets: dict[int, int]


class Records(NamedTuple):
    """The next records."""

    records: list[TopicRecord]


class Problem(NamedTuple):
    """Why nothing can be read; None once everything that was in the topic has been handed over."""

    problem: str | None


Event = Start | Records | Problem


class TopicReading:
    """A thread that reads a topic until it is stopped.

    Args:
        settings: of the cluster.
        topic: the full name.
        decode: decodes the value of a record.
        window: records that are read at the beginning, all partitions together; None for the whole topic.
        mark: the mark of the topic that the position belongs to.
        position: where to go on, by partition, unless more than `window` records have come since.
        loop: the event loop on which `receive` is called.
        receive: takes the events, in their order.
    """

    def __init__(
        self,
        settings: Settings,
        topic: str,
        decode: Decode,
        window: int | None,
        mark: str,
        position: dict[int, int],
        loop: asyncio.AbstractEventLoop,
        receive: Callable[[TopicReading, Event], None],
    ) -> None:
        self._settings, self._topic, self._decode, self._window = settings, topic, decode, window
        self._mark, self._position = mark, position
        self._loop, self._receive = loop, receive
        # Records that the thread has not handed over yet, those it has, and those that the loop has got.
        self._left = self._handed_over = self._arrived = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"reads {topic}", daemon=True)

    @property
    def lag(self) -> int:
        """Records that Kafka has and the event loop has not got, as of the last answer of Kafka."""
        return self._left + self._handed_over - self._arrived

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Let the thread end soon."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with kafka_errors(self._settings):
                    self._follow()
            except TelexError as error:
                self._send(Problem(str(error)))
                self._stopped.wait(RETRY_S if isinstance(error, UnreachableError) else LONG_RETRY_S)
            except Exception as error:
                logger.exception("The web page cannot read %s.", self._topic)
                self._send(Problem(f"{self._topic} cannot be read ({type(error).__name__}): the log says why."))
                self._stopped.wait(LONG_RETRY_S)

    def _follow(self) -> None:
        """Read until the thread is stopped. Raises TelexError or KafkaError when that is not possible."""
        tps = [TopicPartition(self._topic, number) for number in range(partitions(self._settings, self._topic))]
        consumer = new_consumer(
            self._settings,
            auto_offset_reset="none",  # `SubscribedTopic` decides
            metadata_max_age_ms=METADATA_AGE_MS,
        )
        try:
            consumer.assign(tps)
            ends: dict[TopicPartition, int] = {}
            unsorted: list[Any] = []

            def forget() -> None:
                ends.clear()
                unsorted.clear()
                self._start_over(topic_mark(source.topic_id), {})

            source = SubscribedTopic(consumer, self._topic, forget)
            ends |= self._seek(consumer, tps, source)
            while not self._stopped.is_set() and any((consumer.position(tp) or 0) < end for tp, end in ends.items()):
                unsorted += source.poll(POLL_MS)
                self._count_left(consumer)
                if sum(len(record.value or b"") for record in unsorted) > SORTED_BYTES:
                    self._hand_over(by_time(unsorted))
                    unsorted.clear()
            self._hand_over(by_time(unsorted))
            self._count_left(consumer)
            self._send(Problem(None))
            while not self._stopped.is_set():
                self._hand_over(source.poll(POLL_MS))
                self._count_left(consumer)
        finally:
            consumer.close(timeout_ms=CLOSE_LIMIT_MS)

    def _seek(
        self, consumer: LenientConsumer, tps: list[TopicPartition], source: SubscribedTopic
    ) -> dict[TopicPartition, int]:
        """Go where reading begins. Returns the end of each partition at this moment."""
        begins, ends = consumer.beginning_offsets(tps), consumer.end_offsets(tps)
        mark = topic_mark(source.topic_id)  # only now, because the consumer learns it with the offsets
        share = None if self._window is None else max(1, self._window // len(tps))
        goes_on = mark == self._mark and all(
            begins[tp] <= self._position.get(tp.partition, 0) <= ends[tp]
            and (share is None or ends[tp] - self._position.get(tp.partition, 0) <= share)
            for tp in tps
        )
        if not goes_on:
            self._start_over(
                mark,
                {tp.partition: begins[tp] if share is None else max(begins[tp], ends[tp] - share) for tp in tps},
            )
            self._position = {tp.partition: max(begins[tp], self._position[tp.partition] - READ_BEFORE) for tp in tps}
        for tp in tps:
            consumer.seek(tp, self._position.get(tp.partition, 0))
        return dict(ends)

    def _start_over(self, mark: str, offsets: dict[int, int]) -> None:
        self._mark, self._position = mark, offsets
        self._send(Start(mark, dict(offsets)))

    def _hand_over(self, records: Iterable[Any]) -> None:
        records = list(records)
        for first in range(0, len(records), HANDED_OVER):
            decoded = [topic_record(record, self._decode) for record in records[first : first + HANDED_OVER]]
            self._position.update({record.partition: record.offset + 1 for record in decoded})
            self._handed_over += len(decoded)
            self._send(Records(decoded))

    def _count_left(self, consumer: LenientConsumer) -> None:
        """Count what Kafka has after the position, as of its last answer. The markers of transactions count too."""
        ends = {tp.partition: consumer.highwater(tp) or 0 for tp in consumer.assignment()}
        self._left = sum(max(0, end - self._position.get(partition, 0)) for partition, end in ends.items())

    def _send(self, event: Event) -> None:
        if not self._stopped.is_set():
            with suppress(RuntimeError):  # the loop has ended, and the process with it
                self._loop.call_soon_threadsafe(self._arrive, event)

    def _arrive(self, event: Event) -> None:
        if isinstance(event, Records):
            self._arrived += len(event.records)
        self._receive(self, event)


def by_time(records: Iterable[Any]) -> list[Any]:
    """Records of several partitions by their times. Those of one partition stay in their order."""
    latest: dict[int, int] = {}
    timed = []
    for record in records:
        latest[record.partition] = max(latest.get(record.partition, 0), record.timestamp)
        timed.append((latest[record.partition], record))
    return [record for _, record in sorted(timed, key=lambda pair: pair[0])]
