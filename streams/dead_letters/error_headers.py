"""The error headers of a dead letter, for Telex and for the tools that read Kafka Connect's dead letters."""

from __future__ import annotations

from typing import Protocol

from streams.records.originals import Original
from streams.records.outcomes import Dead

STAGE, REASON, ATTEMPTS = "telex.error.stage", "telex.error.reason", "telex.error.attempts"
# Kafka Connect's names (org.apache.kafka.connect.runtime.errors.DeadLetterQueueReporter).
TOPIC, PARTITION, OFFSET = "__connect.errors.topic", "__connect.errors.partition", "__connect.errors.offset"
CONNECTOR, CONNECT_STAGE, CLASS = (
    "__connect.errors.connector.name",
    "__connect.errors.stage",
    "__connect.errors.class.name",
)
EXCEPTION, MESSAGE = "__connect.errors.exception.class.name", "__connect.errors.exception.message"
# Only on a dead letter with just the beginning of its record: the digest and the sizes of the original, in bytes.
SHA256, SIZE = "telex.error.original.sha256", "telex.error.original.{}_bytes"
PARTS = ("key", "value", "headers", "batch")
NAMES: tuple[str, ...] = (
    STAGE,
    REASON,
    ATTEMPTS,
    TOPIC,
    PARTITION,
    OFFSET,
    CONNECTOR,
    CONNECT_STAGE,
    CLASS,
    EXCEPTION,
    MESSAGE,
)
NAMES += (SHA256, *(SIZE.format(part) for part in PARTS))


class Origin(Protocol):
    """Where a record came from."""

    topic: str
    partition: int
    offset: int


def headers(
    stage: str, origin: Origin, outcome: Dead, original: Original | None = None
) -> list[tuple[str, bytes | None]]:
    """The error headers of a dead letter. It keeps the headers of the failed record too, except with `original`.

    Args:
        stage: the stage that the record failed in.
        origin: where the record lies in its topic.
        outcome: why it failed.
        original: the digest and the sizes of the record, where the dead letter cannot carry it whole.
    """
    values = {
        STAGE: stage,
        REASON: outcome.reason,
        ATTEMPTS: str(outcome.attempts),
        TOPIC: origin.topic,
        PARTITION: str(origin.partition),
        OFFSET: str(origin.offset),
        CONNECTOR: "telex",
        CONNECT_STAGE: stage,
        CLASS: f"agents.{stage}",
        EXCEPTION: outcome.exception,
        MESSAGE: outcome.message,
    }
    if original:
        values |= {SHA256: original.sha256, **{SIZE.format(part): str(size) for part, size in original.sizes.items()}}
    return [(name, value.encode()) for name, value in values.items()]
