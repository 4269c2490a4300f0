"""Outputs that the broker refuses, and whether the article or the topic is the cause.

docs/decisions/0009-one-record-stops-no-partition.md gives the reasons.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.errors import InvalidTimestampError, MessageSizeTooLargeError, RecordListTooLargeError, UnknownError
from aiokafka.producer import sender

from streams.errors import Reason
from streams.records.codec import MAX_VALUE_BYTES
from streams.records.outcomes import Dead
from streams.records.outputs import Output

# Refusals because of the record itself. aiokafka 0.14.0 has no name for INVALID_RECORD (87) and calls it unknown.
REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidTimestampError, UnknownError)
_FOR_SIZE = (MessageSizeTooLargeError, RecordListTooLargeError)
# Every topic has to accept records of this size, because an article of 10 KB has up to 60 KB with its entities. A topic
# with a smaller limit is misconfigured. The producer's batches are no larger than this, so a larger record was refused
# alone.
ORDINARY_BYTES = 64 * 1024
# A dead letter carries the value and the headers of a record of the maximum size.
MAX_REQUEST_BYTES = 2 * MAX_VALUE_BYTES


def size(record: Output) -> int:
    """The approximate bytes of a record without compression."""
    headers = sum(len(name) + len(value or b"") for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers


async def refusal_as_delivery(sending: Awaitable[Awaitable[Any]]) -> Awaitable[Any]:
    """Send. A refusal at once becomes a delivery that raises the refusal when it is awaited."""
    try:
        return await sending
    except REFUSALS as error:
        refused: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        refused.set_exception(error)
        return refused


async def is_for_its_size(record: Output, error: Exception, limit: Callable[[str], Awaitable[int | None]]) -> bool:
    """Whether a record was refused because it is large, and not because the topic's limit is too small.

    Args:
        record: the refused record.
        error: the refusal.
        limit: the maximum bytes of a topic's records; None when the broker does not tell.
    """
    if not isinstance(error, _FOR_SIZE) or size(record) <= ORDINARY_BYTES:
        return False
    most = await limit(record.topic)
    return most is None or most >= ORDINARY_BYTES


def too_large(record: Output, error: Exception) -> Dead:
    """The dead letter of an article whose output is refused for its size."""
    parts = f"{len(record.value or b''):,} bytes of value and {size(record) - len(record.value or b''):,} of key and headers"
    return Dead(
        Reason.TOO_LARGE,
        f"With its analysis the record has {parts}, which {record.topic} does not take: publish it in parts, or with fewer headers.",
        f"{type(error).__module__}.{type(error).__qualname__}",
    )


class _ProduceHandler(sender.SendProduceReqHandler):  # type: ignore[misc]
    """Takes back the sequence numbers of a batch that the broker has refused.

    aiokafka 0.14.0 leaves a gap in the numbers (`SendProduceReqHandler` in its sender.py), and the broker refuses every
    later batch of the partition as out of order. Java's producer takes them back too
    (`TransactionManager.handleFailedBatch`). aiokafka sends one batch of a partition at a time, so no other batch has
    later numbers.
    """

    def _can_retry(self, error: Any, batch: Any) -> bool:
        again = bool(super()._can_retry(error, batch))
        if not again and isinstance(error, REFUSALS) and self._sender._txn_manager is not None:
            numbers = self._sender._txn_manager._sequence_numbers
            numbers[batch.tp] = (numbers[batch.tp] - batch.record_count) % 2**31
        return again


def install() -> None:
    """Let every idempotent producer of aiokafka in this process go on after a refused record."""
    sender.SendProduceReqHandler = _ProduceHandler
