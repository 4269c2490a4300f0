"""A record that is to be produced."""

from __future__ import annotations

from dataclasses import dataclass

from streams.records.headers import Headers


@dataclass(frozen=True)
class Output:
    """A record to produce. Without a timestamp it gets that of the moment.

    Attributes:
        cut: it has the head of a record only, and the size of that does not matter.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int
    timestamp_ms: int | None = None
    cut: bool = False
