"""A record of a topic as the web page uses it: decoded once, for all readers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from streams.records.headers import article_offset

# Decodes the value of a record. Raises ValueError for one that it does not know.
Decode = Callable[[bytes], Any]


@dataclass(slots=True)
class TopicRecord:
    """A record.

    Attributes:
        time_ms: milliseconds since 1970.
        document: the decoded value; None where the record has none or cannot be decoded.
        article_offset: the offset of the article that the record says more about; None where it names none.
    """

    partition: int
    offset: int
    time_ms: int
    key: bytes | None
    value: bytes | None
    document: Any
    article_offset: int | None = None


def topic_record(record: Any, decode: Decode) -> TopicRecord:
    """A record of kafka-python's consumer, decoded. `telex subscribe` reports a record that cannot be decoded."""
    try:
        document = None if record.value is None else decode(record.value)
    except (ValueError, RecursionError):
        document = None
    place = record.partition, record.offset, record.timestamp
    return TopicRecord(*place, record.key, record.value, document, article_offset(record.headers or ()))
