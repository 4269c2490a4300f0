"""A record of a topic as the web page uses it: decoded once, for all readers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Decodes the value of a record. Raises ValueError for one that it does not know.
Decode = Callable[[bytes], Any]


@dataclass(slots=True)
class TopicRecord:
    """A record.

    Attributes:
        time_ms: milliseconds since 1970.
        document: the decoded value; None where the record has none or cannot be decoded.
    """

    partition: int
    offset: int
    time_ms: int
    key: bytes | None
    value: bytes | None
    document: Any


def topic_record(record: Any, decode: Decode) -> TopicRecord:
    """A record of kafka-python's consumer, decoded. `telex subscribe` reports a record that cannot be decoded."""
    try:
        document = None if record.value is None else decode(record.value)
    except (ValueError, RecursionError):
        document = None
    return TopicRecord(record.partition, record.offset, record.timestamp, record.key, record.value, document)
