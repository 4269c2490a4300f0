"""Reads dead letters from their topic, and the records that they stand for."""

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
from streams.kafka import stored_records
from streams.kafka.connections import POLL_MS, kafka_errors
from streams.kafka.consumer_groups import Offsets
from streams.kafka.consumers import new_consumer
from streams.kafka.lenient_consumer import LenientRecord
from streams.kafka.stored_records import SILENCE_LIMIT_S
from streams.records import rfc3339
from streams.records.headers import Headers
from streams.records.originals import MAX_COPY_BYTES
from streams.settings import Settings
from streams.stages import DEAD

# The id of a dead letter: partition and offset.
_ID = re.compile(r"(\d{1,9}):(\d{1,18})")


@dataclass(frozen=True)
class DeadLetter:
    """A record that could not be processed, as it stands in the topic of the dead letters.

    Attributes:
        partition, offset: its position in the topic of the dead letters.
        timestamp_ms: the timestamp of the record that failed, in milliseconds since 1970.
        headers: the headers of the record that failed.
        error_values: the text of each error header that the stage added, by the names in
            `streams.dead_letters.error_headers`. A header that the stage did not add is missing.
    """

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    error_values: Mapping[str, str]

    @property
    def id(self) -> str:
        """The position as `partition:offset`. No other dead letter has it."""
        return f"{self.partition}:{self.offset}"

    @property
    def reason(self) -> str | None:
        """The code of the reason why the record failed; None for a record that Telex did not write."""
        return self.error_values.get(error_headers.REASON)

    @property
    def stage(self) -> str | None:
        """The stage in which the record failed; None for a record that Telex did not write."""
        return self.error_values.get(error_headers.STAGE)

    @property
    def is_cut(self) -> bool:
        """Whether it carries only the beginning of its record. Then its headers describe the original."""
        return error_headers.SHA256 in self.error_values

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of the original's `key`, `value` and `headers`, or of its unreadable `batch`; empty if not cut."""
        sizes = {part: self.number(error_headers.SIZE.format(part)) for part in error_headers.PARTS}
        return {part: size for part, size in sizes.items() if size is not None}

    @property
    def time(self) -> str | None:
        """The timestamp as RFC 3339; None where the record has none, or one beyond the calendar."""
        return rfc3339.of_timestamp(self.timestamp_ms)

    def number(self, name: str) -> int | None:
        """The value of an error header as a number; None where it is missing or not a number."""
        try:
            return int(self.error_values[name])
        except (KeyError, ValueError):
            return None


def _dead_letter(record: Any) -> DeadLetter:
    """The dead letter in a record. A publisher may use the same names: the last header of a name is the stage's."""
    error_values: dict[str, str] = {}
    other_headers = []
    for name, value in reversed(record.headers or ()):
        if name in error_headers.NAMES and name not in error_values:
            error_values[name] = (value or b"").decode(errors="backslashreplace")
        else:
            other_headers.append((name, value))
    return DeadLetter(
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        tuple(reversed(other_headers)),
        error_values,
    )


def ends(settings: Settings) -> Offsets:
    """The current end offset of each partition of the dead letters.

    Raises:
        TelexError: the topics do not exist, or the cluster does not answer.
    """
    tps = stored_records.partitions(settings, DEAD)
    return {tp: end for tp, (_, end) in stored_records.bounds(settings, tps).items()}


def read(
    settings: Settings,
    begin: Mapping[TopicPartition, int] | None = None,
    end: Mapping[TopicPartition, int] | None = None,
) -> Iterator[DeadLetter]:
    """The dead letters between two offsets of each partition, in the order of each partition.

    Args:
        settings: of the cluster and the topics.
        begin: the first offset to read, by partition; by default the first one that exists.
        end: the offset to stop before, by partition; by default the current end.

    Raises:
        TelexError: the topics do not exist, or the cluster does not answer.
    """
    return map(_dead_letter, stored_records.read(settings, ends(settings) if end is None else end, begin))


def find(settings: Settings, id_or_key: str) -> DeadLetter:
    """The dead letter with this id (`partition:offset`); else the latest one with this key.

    Raises:
        TelexError: there is none.
    """
    position = _ID.fullmatch(id_or_key)
    if position:
        tp, offset = TopicPartition(settings.topic(DEAD), int(position[1])), int(position[2])
        end = min(offset + 1, ends(settings).get(tp, 0))
        for dead_letter in read(settings, {tp: offset}, {tp: end}) if end else ():
            if dead_letter.id == id_or_key:
                return dead_letter
    same_key = [dead_letter for dead_letter in read(settings) if dead_letter.key == id_or_key.encode()]
    if not same_key:
        raise TelexError(f"There is no dead letter {id_or_key!r}: `telex dead list` shows their ids and keys.")
    return max(same_key, key=lambda dead_letter: (dead_letter.timestamp_ms, dead_letter.offset))


def original(settings: Settings, dead_letter: DeadLetter) -> LenientRecord | str:
    """The record that failed, read again from its topic; or a clause that says why it is not available.

    Raises:
        TelexError: the cluster does not answer.
    """
    topic, partition, offset = (
        dead_letter.error_values.get(error_headers.TOPIC),
        dead_letter.number(error_headers.PARTITION),
        dead_letter.number(error_headers.OFFSET),
    )
    if topic is None or partition is None or offset is None:
        return "it does not say where its record lies"
    tp = TopicPartition(topic, partition)
    with kafka_errors(settings), closing(new_consumer(settings, stand_ins=True)) as consumer:
        if partition not in (consumer.partitions_for_topic(topic) or ()):
            return f"{topic} has no partition {partition} any more"
        begin, end = consumer.beginning_offsets([tp])[tp], consumer.end_offsets([tp])[tp]
        if not begin <= offset < end:
            return (
                f"{topic}, partition {partition}, has the offsets {begin} to {end} now: its record {offset} was deleted"
            )
        consumer.assign([tp])
        consumer.seek(tp, offset)
        begin_time = time.monotonic()
        while time.monotonic() - begin_time < SILENCE_LIMIT_S:
            for record in consumer.poll(timeout_ms=POLL_MS, max_records=1).get(tp, ()):
                return _checked(dead_letter, record, offset)
            if consumer.position(tp) > offset:
                return f"the record {offset} of {topic}, partition {partition}, is not there any more"
    raise TelexError(
        f"{settings.bootstrap_servers} did not send the record {offset} of {topic}, partition {partition}, "
        f"for {SILENCE_LIMIT_S:g} s: check that the partition has a leader."
    )


def _checked(dead_letter: DeadLetter, record: Any, offset: int) -> LenientRecord | str:
    """The record, if it is the original of the dead letter and can be sent again; else a clause that says why not."""
    position = f"{offset} of {record.topic}, partition {record.partition},"
    if record.offset != offset:
        return f"the record {position} is not there any more"
    if record.original:
        size = sum(record.original.sizes.values())
        why = record.original.fault or (
            f"it has {size:,} bytes, and {MAX_COPY_BYTES:,} is the most that can be sent again"
        )
        return f"its record {offset} is at {record.topic}, partition {record.partition}, but {why}"
    is_single_record = dead_letter.is_cut and "batch" not in dead_letter.sizes
    if is_single_record and _digest(record) != dead_letter.error_values[error_headers.SHA256]:
        return f"the record {position} is another one now"
    return cast(LenientRecord, record)


def _digest(record: Any) -> str:
    return sha256(record.value or b"").hexdigest()
