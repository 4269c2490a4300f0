"""Sends a span of the raw topic through the pipeline again, for `telex replay`."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import OffsetOutOfRangeError

from streams.errors import TelexError
from streams.kafka import consumer_groups, topics
from streams.kafka.connections import POLL_MS, admin, kafka_errors, partitions
from streams.kafka.consumer_groups import Offsets
from streams.kafka.consumers import new_consumer
from streams.kafka.exact_sender import ExactSender, NotConfirmedError
from streams.kafka.lenient_consumer import LenientRecord
from streams.kafka.lost_records import out_of_range
from streams.kafka.stored_records import SILENCE_LIMIT_S
from streams.records.headers import REPLAYED, all_of
from streams.records.outputs import Output
from streams.settings import Settings, load
from streams.stages import RAW

# The header of a record that was replayed in place: partition and offset of the record that it copies. Every attempt to
# copy a record gives the same bytes.
HEADER = REPLAYED


class Span(NamedTuple):
    """The records whose timestamps are in `begin_ms <= timestamp < end_ms`, in milliseconds since 1970."""

    begin_ms: int
    end_ms: int


@dataclass
class Progress:
    """How far a replay is.

    Attributes:
        read, total: offsets of the raw topic that are passed, and that have to be passed.
        sent: records that the broker has confirmed (in a dry run: that would be sent).
        bytes_sent: their values.
        copies: records of the span that are left out, because they are copies that an earlier replay made in place.
        resumed: whether an interrupted replay goes on.
        unreadable: a sentence for each record that cannot be replayed.
    """

    total: int
    read: int = 0
    sent: int = 0
    bytes_sent: int = 0
    copies: int = 0
    resumed: bool = False
    unreadable: list[str] = field(default_factory=list)


def replay(settings: Settings, span: Span, prefix: str | None, *, dry_run: bool = False) -> Generator[Progress]:
    """Append the records of a span to a raw topic again: the same partition, key, value, headers and timestamp.

    The replay ends at the end that the topic has when it begins. An interrupted replay goes on where it stopped when it
    is called with the same span and prefix, unless one of the topics was deleted. Records that were sent and not yet
    marked are then sent again. The mark is the committed offset of a group without members, which Kafka forgets after a
    week (`offsets.retention.minutes`).

    Args:
        settings: of the cluster and its topics.
        span: which records.
        prefix: of other topics, which are created. None: in place, with the header `HEADER` added to each record.
        dry_run: only count, and count from the beginning of the span.

    Yields:
        The progress after each batch, always the same object. After the last batch it is the result.

    Raises:
        TelexError: the topics cannot be used, or the broker did not confirm records.
    """
    source = settings.topic(RAW)
    tps = [TopicPartition(source, number) for number in range(partitions(settings, source))]
    with (
        kafka_errors(settings),
        admin(settings) as client,
        closing(new_consumer(settings, stand_ins=True, auto_offset_reset="none")) as consumer,
    ):
        if dry_run:
            reading = _Reading(consumer, tps, span, {})
            for records in reading.batches():
                yield reading.count(records)
            return
        target = source if prefix is None else _create_target(settings, prefix, len(tps))
        group = settings.group(f"replay.{_digest(client, span, source, target)}")
        reading = _Reading(consumer, tps, span, consumer_groups.committed(client, [group])[group])
        try:
            with ExactSender(settings) as sender:
                for records in reading.batches():
                    sender.send([_copy(record, target, in_place=prefix is None) for record in records])
                    consumer_groups.commit(client, group, reading.positions())
                    yield reading.count(records)
        except NotConfirmedError as error:
            raise TelexError(
                f"The replay stopped after {reading.progress.sent} records ({error}): "
                "start it again when the broker works. It goes on where it stopped."
            ) from error
        # A mark at the beginning is none: the same replay begins anew the next time.
        consumer_groups.commit(client, group, dict.fromkeys(tps, 0))
        yield reading.progress


class _Reading:
    """Reads the records of a span, up to the end that the topic has now.

    Args:
        consumer: of the raw topic, without a group.
        tps: all of its partitions.
        span: the records to choose.
        marks: where an interrupted replay goes on, by partition.
    """

    def __init__(self, consumer: KafkaConsumer, tps: Sequence[TopicPartition], span: Span, marks: Offsets) -> None:
        self._consumer, self._tps, self._span = consumer, tps, span
        self._first, self._end = dict(consumer.beginning_offsets(tps)), dict(consumer.end_offsets(tps))
        # Publishers set the timestamps, so a record of the span may lie anywhere after this offset.
        found = consumer.offsets_for_times(dict.fromkeys(tps, span.begin_ms))
        self._begin = {tp: found[tp].offset if found.get(tp) else self._end[tp] for tp in tps}
        consumer.assign(tps)
        for tp in tps:
            consumer.seek(tp, max(self._begin[tp], min(marks.get(tp, 0), self._end[tp])))
        self.progress = Progress(
            sum(self._end[tp] - self._begin[tp] for tp in tps),
            resumed=any(marks.get(tp, 0) > self._begin[tp] for tp in tps),
        )

    def positions(self) -> Offsets:
        """The offset after the last record that was read, by partition."""
        return {tp: min(self._consumer.position(tp), self._end[tp]) for tp in self._tps}

    def count(self, records: Sequence[LenientRecord]) -> Progress:
        """The progress, with records that are sent."""
        self.progress.sent += len(records)
        self.progress.bytes_sent += sum(len(record.value or b"") for record in records)
        self.progress.read = sum(offset - self._begin[tp] for tp, offset in self.positions().items())
        return self.progress

    def batches(self) -> Iterator[list[LenientRecord]]:
        """The records to send, those of one poll together. A batch may be empty.

        Raises:
            TelexError: the broker sends no records.
        """
        last_received = time.monotonic()
        while unfinished := [tp for tp in self._tps if self._consumer.position(tp) < self._end[tp]]:
            # Otherwise a replay in place would read what it writes.
            self._consumer.pause(*(tp for tp in self._tps if tp not in unfinished))
            polled = self._poll()
            if polled:
                last_received = time.monotonic()
                yield [record for record in polled if self._is_chosen(record)]
            elif time.monotonic() - last_received > SILENCE_LIMIT_S:
                raise TelexError(
                    f"The brokers sent no records for {SILENCE_LIMIT_S:g} s: check that every partition has a leader."
                )

    def _poll(self) -> list[LenientRecord]:
        try:
            polled = self._consumer.poll(timeout_ms=POLL_MS)
        except OffsetOutOfRangeError as error:  # retention has deleted records since the replay began
            for tp, position in error.args[0].items():
                first = self._consumer.beginning_offsets([tp])[tp]
                gap = out_of_range(tp.topic, tp.partition, position, first, self._end[tp])
                self.progress.unreadable.append(gap.message)
                self._consumer.seek(tp, first)
            return []
        return [record for tp, records in polled.items() for record in records if record.offset < self._end[tp]]

    def _is_chosen(self, record: LenientRecord) -> bool:
        if not self._span.begin_ms <= record.timestamp < self._span.end_ms:
            return False
        if record.original:
            why = record.original.fault or f"it has {sum(record.original.sizes.values()):,} bytes, which is too large"
            self.progress.unreadable.append(
                f"The record {record.offset} of {record.topic}, partition {record.partition}, is not replayed: {why}."
            )
            return False
        if self._copies_present_record(record):
            self.progress.copies += 1
            return False
        return True

    def _copies_present_record(self, record: LenientRecord) -> bool:
        """Whether a replay has made this record in place of one that is still in the topic, and so replayed itself."""
        for value in all_of(record.headers, HEADER):
            partition, _, offset = (value or b"").decode(errors="replace").partition(":")
            if partition == str(record.partition) and offset.isdecimal():
                tp = TopicPartition(record.topic, record.partition)
                return bool(self._first[tp] <= int(offset) < record.offset)
        return False


def _copy(record: LenientRecord, target: str, *, in_place: bool) -> Output:
    headers = list(record.headers)
    if in_place:
        # Of a copy whose original was deleted, the copy names itself from now on.
        headers = [(name, value) for name, value in headers if name != HEADER]
        headers.append((HEADER, f"{record.partition}:{record.offset}".encode()))
    return Output(target, record.key, record.value, headers, record.partition, record.timestamp)


def _create_target(settings: Settings, prefix: str, count: int) -> str:
    """Create the topics with a prefix. Returns the name of the raw topic among them."""
    if prefix == settings.topic_prefix:
        raise TelexError(f"{prefix!r} is the prefix of the topics that are replayed: use another one, or --in-place.")
    target = load(**settings.model_dump() | {"topic_prefix": prefix, "partitions": count})
    topics.create(target)
    if (existing := topics.check(target)[target.topic(RAW)]) != count:
        raise TelexError(
            f"{target.topic(RAW)} has {existing} partitions, and {settings.topic(RAW)} has {count}: "
            "use a prefix that has no topics yet."
        )
    return target.topic(RAW)


def _digest(client: KafkaAdminClient, span: Span, source: str, target: str) -> str:
    """The same for the same replay, and another one for each other replay, also into a topic that was created again."""
    topic_ids = [topics.topic_id(client, topic) for topic in (source, target)]
    return sha256(repr((*span, *topic_ids)).encode()).hexdigest()[:16]
