"""The records that a subscriber receives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from streams.errors import TelexError


@dataclass(frozen=True)
class Received:
    """A record of the topic.

    Attributes:
        timestamp: seconds since 1970.
        value: the bytes of the value; None for a record without a value.
        headers: names and values. A name that is not UTF-8 has surrogates in place of its bytes (PEP 383).
    """

    topic: str
    partition: int
    offset: int
    timestamp: float
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    @property
    def article(self) -> dict[str, Any]:
        """The JSON object in the value. Decimals become floats; `value` keeps the digits that a float loses.

        Raises:
            TelexError: the value is not a JSON object, or the stages refuse it too.
        """
        try:
            return msgspec.json.decode(self.value or b"", type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError) as error:
            position = f"The record {self.offset} of {self.topic}, partition {self.partition}"
            raise TelexError(
                f"{position}, is not a JSON object that can be read ({error}): see `telex dead`."
            ) from None


def received_record(record: Any) -> Received:
    """A record of kafka-python's consumer as a subscriber returns it."""
    return Received(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp / 1000,
        record.key,
        record.value,
        tuple(record.headers or ()),
    )
