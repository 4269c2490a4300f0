"""Records that Kafka allows and aiokafka's producer does not send: sent all the same, as they are."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from streams.records.outputs import Output

# Milliseconds since 1970 that a float still holds exactly, which Faust makes of them.
_EXACT_MS = 2**52


class _Name(str):
    """A header's name whose bytes may be no UTF-8: its surrogates stand for them (PEP 383)."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> bytes:
        return str.encode(self, encoding, "surrogateescape")


class _Builder(BatchBuilder):  # type: ignore[misc]
    """One record, by aiokafka's builder in Python: the compiled one takes nothing but UTF-8 for a header's name."""

    def __init__(self, record: Output, compression: int) -> None:
        super().__init__(1, compression)
        headers = [(_Name(name), value) for name, value in record.headers]
        self._builder = _DefaultRecordBatchBuilderPy(2, compression, 0, -1, -1, 0, 1)
        self.append(timestamp=record.timestamp_ms, key=record.key, value=record.value, headers=headers)
        self.close()

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self._builder.set_producer_state(producer_id, producer_epoch, base_sequence)


def is_needed(record: Output) -> bool:
    """Whether a record is one of these: neither key nor value, a name that is not UTF-8, a time that no article has."""
    time = record.timestamp_ms
    return (
        (record.key is None and record.value is None)
        or (time is not None and not 0 <= time < _EXACT_MS)
        or any(not name.isascii() and max(name) >= "\udc80" and _is_escaped(name) for name, _ in record.headers)
    )


def _is_escaped(name: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in name)


async def send(producer: AIOKafkaProducer, record: Output) -> Awaitable[Any]:
    """Send it; the first await queues it, the second returns when the broker has it.

    Raises:
        MessageSizeTooLargeError: it is larger than the producer's `max_request_size`.
    """
    builder = _Builder(record, producer._message_accumulator._compression_type)
    if builder.size() > producer._max_request_size:
        raise MessageSizeTooLargeError(
            f"The message has {builder.size()} bytes, and {producer._max_request_size} is the most"
        )
    delivery: Awaitable[Any] = await producer.send_batch(builder, record.topic, partition=record.partition)
    return delivery
