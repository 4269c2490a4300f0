"""Sends dead letters back to the topics that their records failed on, and remembers which ones it has sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from kafka import TopicPartition

from streams.dead_letters import error_headers, reader
from streams.dead_letters.reader import DeadLetter
from streams.errors import Reason, TelexError
from streams.kafka import consumer_groups
from streams.kafka.connections import admin
from streams.kafka.exact_sender import ExactSender, NotConfirmedError
from streams.records.outputs import Output
from streams.settings import Settings
from streams.stages import DEAD, RAW, WORKERS

# Dead letters that are sent before their confirmations are awaited. They have 256 MiB at most and usually 100 KiB.
BATCH_SIZE = 32


def pending(settings: Settings, reasons: Iterable[Reason], end: consumer_groups.Offsets) -> Iterator[DeadLetter]:
    """The dead letters before `end` that failed for one of the reasons and are not marked as redriven.

    Raises:
        TelexError: the topics do not exist, or the cluster does not answer.
    """
    with admin(settings) as client:
        committed = consumer_groups.committed(client, [_mark_group(settings, reason) for reason in reasons])
    marks = {reason.value: committed[_mark_group(settings, reason)] for reason in reasons}
    for dead_letter in reader.read(settings, end=end):
        reason_marks = marks.get(dead_letter.reason or "")
        tp = TopicPartition(settings.topic(DEAD), dead_letter.partition)
        if reason_marks is not None and dead_letter.offset >= reason_marks.get(tp, 0):
            yield dead_letter


def mark(settings: Settings, reasons: Iterable[Reason], end: consumer_groups.Offsets) -> None:
    """Mark every dead letter before `end` that failed for one of the reasons as redriven.

    The mark is the committed offset of a group without members, one group for each reason. Kafka forgets the offset
    after `offsets.retention.minutes`, by default a week. Then these dead letters are redriven again. The stages write
    the same outputs with the same ids, and subscribers leave out the copies.
    """
    with admin(settings) as client:
        for reason in reasons:
            consumer_groups.commit(client, _mark_group(settings, reason), end)


def _mark_group(settings: Settings, reason: Reason) -> str:
    return settings.group(f"redrive.{reason}")


def why_not_redrivable(settings: Settings, dead_letter: DeadLetter, partitions: Mapping[str, int]) -> str | None:
    """A clause that says why a dead letter cannot be redriven; None when it can.

    Args:
        settings: of the cluster and the topics.
        dead_letter: the dead letter to check.
        partitions: the number of partitions of each topic.
    """
    topic, partition = dead_letter.error_values.get(error_headers.TOPIC), dead_letter.number(error_headers.PARTITION)
    if topic is None or topic not in {settings.topic(stage.source) for stage in WORKERS.values()}:
        return f"it failed on {topic or 'a topic that it does not name'}, which no stage reads"
    if partition is None or not 0 <= partition < partitions.get(topic, 0):
        return f"{topic} has no partition {partition}"
    return None


def with_complete_record(
    settings: Settings, dead_letter: DeadLetter, partitions: Mapping[str, int]
) -> DeadLetter | str:
    """The dead letter with its complete record; or a clause that says why it cannot be redriven.

    Where the dead letter carries only the beginning of its record, the record is read again from its topic.

    Args:
        settings: of the cluster and the topics.
        dead_letter: the dead letter to complete.
        partitions: the number of partitions of each topic.

    Raises:
        TelexError: the cluster does not answer.
    """
    why = why_not_redrivable(settings, dead_letter, partitions)
    if why or not dead_letter.is_cut:
        return why or dead_letter
    original = reader.original(settings, dead_letter)
    if isinstance(original, str):
        return original
    record: Any = original
    return replace(
        dead_letter, key=record.key, value=record.value, headers=tuple(record.headers), timestamp_ms=record.timestamp
    )


def redrive(settings: Settings, dead_letters: Iterable[DeadLetter]) -> Iterator[tuple[DeadLetter, int]]:
    """Send dead letters back to the topic and partition that they failed on, with the same key, value and headers.

    Nothing is sent before the first iteration.

    On the raw topic the record keeps its own timestamp. On the other topics it gets the current time, like the output
    of a stage. Retention deletes by timestamp, and could delete an old record before the stage reads it.

    Yields:
        Each dead letter once the broker has confirmed its record, and the offset of that record.

    Raises:
        TelexError: a delivery was not confirmed. No dead letter of its batch, or after it, counts as redriven, although
            some may have been sent.
    """
    remaining, count = iter(dead_letters), 0
    try:
        with ExactSender(settings) as sender:
            while batch := list(islice(remaining, BATCH_SIZE)):
                yield from zip(batch, sender.send([_record(settings, each) for each in batch]), strict=True)
                count += len(batch)
    except NotConfirmedError as error:
        raise TelexError(
            f"Redriving stopped after {count} dead letters ({error}): redrive again when the broker works. "
            "A record that is sent twice does no harm."
        ) from error


def _record(settings: Settings, dead_letter: DeadLetter) -> Output:
    """The record that failed, for the place at which it failed."""
    topic = dead_letter.error_values[error_headers.TOPIC]
    partition = int(dead_letter.error_values[error_headers.PARTITION])
    keeps_time = topic == settings.topic(RAW) and dead_letter.timestamp_ms >= 0
    time = dead_letter.timestamp_ms if keeps_time else None
    return Output(topic, dead_letter.key, dead_letter.value, list(dead_letter.headers), partition, time)
