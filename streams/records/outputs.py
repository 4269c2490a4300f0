"""The record that a producer sends."""

from __future__ import annotations

from dataclasses import dataclass

from streams.records.headers import Headers


@dataclass(frozen=True)
class Output:
    """A record to send.

    Attributes:
        partition: None: Kafka's own choice by the key.
        timestamp_ms: milliseconds since 1970; None: the current time.
        cut: the value is only the head of a record. If the broker refuses even that as too large, the fault is the
            topic's.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None
    timestamp_ms: int | None = None
    cut: bool = False
