"""The record of a dead letter."""

from __future__ import annotations

from typing import Protocol

from streams.dead_letters import error_headers
from streams.records import originals
from streams.records.headers import Headers
from streams.records.originals import KEY_BYTES, Original, original_of
from streams.records.outcomes import Dead
from streams.records.outputs import Output


class FailedRecord(Protocol):
    """A consumed record that failed."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    topic: str
    partition: int
    offset: int
    original: Original | None


def whole(topic: str, stage: str, record: FailedRecord, outcome: Dead, timestamp_ms: int | None) -> Output:
    """A dead letter with the record as it came, or with its beginning where the bytes are not all here.

    Args:
        topic: the full name of the topic of the dead letters.
        stage: the stage or task in which the record failed.
        record: the record.
        outcome: why it failed.
        timestamp_ms: of the record.
    """
    if originals.is_cut(record.original):
        return shortened(topic, stage, record, outcome)
    error = error_headers.headers(stage, record, outcome, record.original)
    return Output(topic, record.key, record.value, [*record.headers, *error], record.partition, timestamp_ms)


def shortened(topic: str, stage: str, record: FailedRecord, outcome: Dead) -> Output:
    """A dead letter with only the beginning of its record, and the topic, partition and offset of the original.

    Its timestamp is now.
    """
    error = error_headers.headers(stage, record, outcome, record.original or original_of(record))
    key = originals.head(record.key, KEY_BYTES)
    return Output(topic, key, originals.head(record.value), error, record.partition, cut=True)
