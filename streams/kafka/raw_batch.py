"""Sending of records that Kafka allows and aiokafka's or Faust's producer refuses or alters.

aiokafka 0.14.0 asserts that a record has a key or a value (`send` in its producer.py), and its compiled builder encodes
header names as UTF-8. Faust 0.15.3 computes the milliseconds of a timestamp from a float. Tests in
`tests/unit/test_replacements_of_aiokafka.py` fail when the libraries send such records by themselves.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from streams.records.outputs import Output

# Faust turns timestamps into floats. Up to this number of milliseconds since 1970 a float is exact.
_EXACT_MS = 2**52


class _HeaderName(str):
    """A header's name whose bytes may not be UTF-8: surrogates stand for such bytes (PEP 383)."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> bytes:
        return str.encode(self, encoding, "surrogateescape")


class _SingleRecordBatch(BatchBuilder):  # type: ignore[misc]
    """A batch of one record, by aiokafka's builder in Python: the compiled one takes header names in UTF-8 only."""

    def __init__(self, record: Output, compression: int) -> None:
        super().__init__(1, compression)
        headers = [(_HeaderName(name), value) for name, value in record.headers]
        self._builder = _DefaultRecordBatchBuilderPy(2, compression, 0, -1, -1, 0, 1)
        self.append(timestamp=record.timestamp_ms, key=record.key, value=record.value, headers=headers)
        self.close()

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self._builder.set_producer_state(producer_id, producer_epoch, base_sequence)


def is_needed(record: Output) -> bool:
    """Whether a record needs a batch of its own.

    It has neither key nor value, a header name beyond UTF-8, or a timestamp that Faust alters.
    """
    timestamp = record.timestamp_ms
    return (
        (record.key is None and record.value is None)
        or (timestamp is not None and not 0 <= timestamp < _EXACT_MS)
        or any(not name.isascii() and max(name) >= "\udc80" and _has_surrogate(name) for name, _ in record.headers)
    )


def _has_surrogate(name: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in name)


async def send(producer: AIOKafkaProducer, record: Output) -> Awaitable[Any]:
    """Send a record exactly as it is. The first await queues it; the second returns when the broker has confirmed it.

    Raises:
        MessageSizeTooLargeError: the record is larger than the producer's `max_request_size`.
    """
    delivery: Awaitable[Any]
    if not is_needed(record):
        delivery = await producer.send(
            record.topic,
            record.value,
            record.key,
            record.partition,
            timestamp_ms=record.timestamp_ms,
            headers=record.headers,
        )
        return delivery
    # The two attributes are the producer's own settings, which it does not show to its callers.
    builder = _SingleRecordBatch(record, producer._message_accumulator._compression_type)
    if builder.size() > producer._max_request_size:
        raise MessageSizeTooLargeError(
            f"The message has {builder.size()} bytes, and {producer._max_request_size} is the most"
        )
    delivery = await producer.send_batch(builder, record.topic, partition=record.partition)
    return delivery
