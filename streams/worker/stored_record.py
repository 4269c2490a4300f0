"""A record that was read from its topic by offset, as the delivery of a stage takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from streams.kafka.async_consumers import fetched_original
from streams.records.headers import Headers
from streams.records.originals import Original


@dataclass
class StoredRecord:
    """A record, with what its outputs and its dead letter need. It is finished by a position, not one by one."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int | None
    original: Original | None = None
    awaited: bool = True

    @classmethod
    def of(cls, fetched: Any) -> Self:
        """The record that a consumer of aiokafka's returned."""
        return cls(
            fetched.topic,
            fetched.partition,
            fetched.offset,
            fetched.key,
            fetched.value,
            tuple(fetched.headers or ()),
            fetched.timestamp,
            fetched_original(fetched),
        )

    def ack(self) -> None:
        """Do nothing. A position says what is finished."""
