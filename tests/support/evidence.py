"""The evidence for the checker, as an independent consumer reads it from a pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from kafka.consumer.fetcher import ConsumerRecord

from streams.settings import Settings
from streams.stage import Stage
from streams.stages import DEAD
from tests.support.checker import Evidence, Record
from tests.support.independent_reader import committed, read


def gather(settings: Settings, stages: Sequence[Stage]) -> Evidence:
    """Read every topic of the stages, the dead letters and the committed offsets."""
    prefix = settings.topic_prefix
    topics = [stages[0].source, *(stage.target for stage in stages)]
    return Evidence(
        {prefix + topic: [_record(each) for each in read(settings, topic)] for topic in topics},
        [_record(each) for each in read(settings, DEAD)],
        {prefix + stage.source: committed(settings, stage.name) for stage in stages},
    )


def _record(record: ConsumerRecord) -> Record:
    return Record(record.partition, record.offset, record.key, record.value, record.headers)


def finished(settings: Settings, target: str) -> int:
    """The number of records that have an end, copies left out: an output in `target`, or a dead letter."""
    outputs = {record.key for record in read(settings, target)}
    dead = {_failed_record(record) for record in read(settings, DEAD)}
    return len(outputs) + len(dead)


def _failed_record(dead_letter: ConsumerRecord) -> tuple[bytes, bytes, bytes]:
    headers = {name.removeprefix("__connect.errors."): value for name, value in dead_letter.headers}
    return headers["topic"], headers["partition"], headers["offset"]


def dead_letter_reasons(evidence: Evidence) -> dict[bytes | None, str]:
    """The reason of each dead letter, by its key; copies count once."""
    return {record.key: (dict(record.headers)["telex.error.reason"] or b"").decode() for record in evidence.dead}
