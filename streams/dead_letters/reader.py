"""Dead letters, read from their topic."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

from kafka import TopicPartition

from streams.dead_letters import error_headers
from streams.errors import TelexError
from streams.kafka import topics
from streams.kafka.connections import BOOTSTRAP_TIMEOUT_MS, kafka_errors
from streams.kafka.consumer_groups import Offsets
from streams.kafka.lenient_consumer import LenientConsumer, LenientRecord
from streams.records import rfc3339
from streams.records.headers import Headers
from streams.records.originals import MAX_COPY_BYTES
from streams.settings import Settings
from streams.stages import DEAD

POLL_MS = 200
# Seconds without a record after which reading is given up.
SILENCE_LIMIT_S = 30.0
_BY_PLACE = re.compile(r"(\d{1,9}):(\d{1,18})")


@dataclass(frozen=True)
class Letter:
    """A dead letter.

    Attributes:
        partition, offset: its own place, in the topic of the dead letters.
        timestamp_ms: the timestamp of the record that failed, in milliseconds since 1970.
        headers: those of the record that failed.
        said: what the stage said of it, by the names of `streams.dead_letters.error_headers`; names that it did not give are missing.
    """

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    said: Mapping[str, str]

    @property
    def id(self) -> str:
        """Its place, `partition:offset`: what tells it from all others."""
        return f"{self.partition}:{self.offset}"

    @property
    def reason(self) -> str | None:
        """The code of what was wrong; None for a letter that is not Telex's."""
        return self.said.get(error_headers.REASON)

    @property
    def stage(self) -> str | None:
        """The stage that the record failed in; None for a letter that is not Telex's."""
        return self.said.get(error_headers.STAGE)

    @property
    def is_cut(self) -> bool:
        """Whether it has the beginning of its record only, and says what the whole is and where that lies."""
        return error_headers.SHA256 in self.said

    @property
    def sizes(self) -> dict[str, int]:
        """Of one that is cut: the bytes of `key`, `value` and `headers`, or of the `batch` that cannot be read."""
        sizes = {part: self.number(error_headers.SIZE.format(part)) for part in error_headers.PARTS}
        return {part: size for part, size in sizes.items() if size is not None}

    @property
    def time(self) -> str | None:
        """The timestamp as RFC 3339; None where it is none or beyond the calendar."""
        return rfc3339.of_timestamp(self.timestamp_ms)

    def number(self, name: str) -> int | None:
        """What the stage said under `name` as a number; None where it said none."""
        try:
            return int(self.said[name])
        except (KeyError, ValueError):
            return None


def _letter(record: Any) -> Letter:
    """The letter in a record. A publisher may have used the same names, so the last header of a name is the stage's."""
    said: dict[str, str] = {}
    others = []
    for name, value in reversed(record.headers or ()):
        if name in error_headers.NAMES and name not in said:
            said[name] = (value or b"").decode(errors="backslashreplace")
        else:
            others.append((name, value))
    return Letter(
        record.partition, record.offset, record.timestamp, record.key, record.value, tuple(reversed(others)), said
    )


def ends(settings: Settings) -> Offsets:
    """Where the dead letters end at this moment, by partition. Raises TelexError when there are no topics or no cluster."""
    partitions = _partitions(settings)
    with kafka_errors(settings), closing(_consumer(settings)) as consumer:
        return dict(consumer.end_offsets(partitions))


def read(
    settings: Settings,
    begin: Mapping[TopicPartition, int] | None = None,
    end: Mapping[TopicPartition, int] | None = None,
) -> Iterator[Letter]:
    """The dead letters from `begin` (the first ones) to before `end` (what is there now), in the order of each partition.

    Raises:
        TelexError: there are no topics, or the cluster does not answer.
    """
    partitions = list(end) if end is not None else _partitions(settings)
    with kafka_errors(settings), closing(_consumer(settings)) as consumer:
        end = consumer.end_offsets(partitions) if end is None else end
        consumer.assign(partitions)
        for tp, first in consumer.beginning_offsets(partitions).items():
            consumer.seek(tp, max(first, (begin or {}).get(tp, 0)))
        heard = time.monotonic()
        while any(consumer.position(tp) < end[tp] for tp in partitions):
            found = consumer.poll(timeout_ms=POLL_MS)
            for tp, records in found.items():
                yield from (_letter(record) for record in records if record.offset < end[tp])
            if found:
                heard = time.monotonic()
            elif time.monotonic() - heard > SILENCE_LIMIT_S:
                raise TelexError(
                    f"{settings.bootstrap_servers} sent no dead letters for {SILENCE_LIMIT_S:g} s: is every partition's leader up?"
                )


def find(settings: Settings, wanted: str) -> Letter:
    """The letter at `partition:offset`, else the latest one with that key.

    Raises:
        TelexError: there is none.
    """
    place = _BY_PLACE.fullmatch(wanted)
    if place:
        tp = TopicPartition(settings.topic(DEAD), int(place[1]))
        end = min(int(place[2]) + 1, ends(settings).get(tp, 0))
        there = read(settings, {tp: int(place[2])}, {tp: end}) if end else iter(())
        for letter in there:
            if letter.id == wanted:
                return letter
    same = [letter for letter in read(settings) if letter.key == wanted.encode()]
    if not same:
        raise TelexError(f"There is no dead letter {wanted!r}: `telex dead list` shows their ids and keys.")
    return max(same, key=lambda letter: (letter.timestamp_ms, letter.offset))


def _partitions(settings: Settings) -> list[TopicPartition]:
    return [
        TopicPartition(settings.topic(DEAD), number) for number in range(topics.check(settings)[settings.topic(DEAD)])
    ]


def original(settings: Settings, letter: Letter) -> LenientRecord | str:
    """The record that a letter is of, read once more from where it failed; or a clause that says why it cannot be had.

    Raises:
        TelexError: the cluster does not answer.
    """
    topic, partition, offset = (
        letter.said.get(error_headers.TOPIC),
        letter.number(error_headers.PARTITION),
        letter.number(error_headers.OFFSET),
    )
    if topic is None or partition is None or offset is None:
        return "it does not say where its record lies"
    tp = TopicPartition(topic, partition)
    with kafka_errors(settings), closing(_consumer(settings, stand_ins=True)) as consumer:
        if partition not in (consumer.partitions_for_topic(topic) or ()):
            return f"{topic} has no partition {partition} any more"
        begin, end = consumer.beginning_offsets([tp])[tp], consumer.end_offsets([tp])[tp]
        if not begin <= offset < end:
            return (
                f"{topic}, partition {partition}, has the offsets {begin} to {end} now: its record {offset} was deleted"
            )
        consumer.assign([tp])
        consumer.seek(tp, offset)
        heard = time.monotonic()
        while time.monotonic() - heard < SILENCE_LIMIT_S:
            for record in consumer.poll(timeout_ms=POLL_MS, max_records=1).get(tp, ()):
                return _checked(letter, record, offset)
            if consumer.position(tp) > offset:
                return f"the record {offset} of {topic}, partition {partition}, is not there any more"
    raise TelexError(
        f"{settings.bootstrap_servers} did not send the record {offset} of {topic}, partition {partition}, for {SILENCE_LIMIT_S:g} s."
    )


def _checked(letter: Letter, record: Any, offset: int) -> LenientRecord | str:
    if record.offset != offset:
        return f"the record {offset} of {record.topic}, partition {record.partition}, is not there any more"
    if record.original:
        size = sum(record.original.sizes.values())
        why = (
            record.original.fault or f"it has {size:,} bytes, and {MAX_COPY_BYTES:,} is the most that can be sent again"
        )
        return f"its record {offset} is at {record.topic}, partition {record.partition}, but {why}"
    if (
        letter.is_cut
        and "batch" not in letter.sizes
        and sha256(record.value or b"").hexdigest() != letter.said[error_headers.SHA256]
    ):
        return f"the record {offset} of {record.topic}, partition {record.partition}, is another one now"
    return cast(LenientRecord, record)


def _consumer(settings: Settings, stand_ins: bool = False) -> LenientConsumer:
    return LenientConsumer(
        stand_ins=stand_ins,
        **settings.kafka(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
        allow_auto_create_topics=False,
    )
