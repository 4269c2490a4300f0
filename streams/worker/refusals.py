"""Outputs that the broker refuses: which refusals are an article's fault, and which the topic's (docs/decisions/0009-one-record-stops-no-partition.md)."""

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

# Refusals of a record for what it is. aiokafka 0.14.0 knows no name for INVALID_RECORD (87), hence calls it unknown.
REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidTimestampError, UnknownError)
_FOR_SIZE = (MessageSizeTooLargeError, RecordListTooLargeError)
# Any topic has to take records of this size: an article of 10 KB has up to 60 KB with its entities. One that does not is too small for
# everything. The producer puts no more than this together, so a larger record was refused alone.
ORDINARY_BYTES = 64 * 1024
# A dead letter carries the value and the headers of a record that was as large as a record may be.
MAX_REQUEST_BYTES = 2 * MAX_VALUE_BYTES


def size(record: Output) -> int:
    """Bytes of a record without compression, about."""
    headers = sum(len(name) + len(value or b"") for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers


async def kept(sending: Awaitable[Awaitable[Any]]) -> Awaitable[Any]:
    """A delivery under way; one that is refused at once is refused when it is awaited."""
    try:
        return await sending
    except REFUSALS as error:
        refused: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        refused.set_exception(error)
        return refused


async def is_for_its_size(record: Output, error: Exception, limit: Callable[[str], Awaitable[int | None]]) -> bool:
    """Whether a record was refused because it is large, and not because the topic takes next to nothing.

    Args:
        limit: the most bytes that a record of a topic may have; None where the broker does not tell.
    """
    if not isinstance(error, _FOR_SIZE) or size(record) <= ORDINARY_BYTES:
        return False
    most = await limit(record.topic)
    return most is None or most >= ORDINARY_BYTES


def too_large(record: Output, error: Exception) -> Dead:
    """What becomes of an article whose output is refused for its size."""
    parts = f"{len(record.value or b''):,} bytes of value and {size(record) - len(record.value or b''):,} of key and headers"
    return Dead(
        Reason.TOO_LARGE,
        f"With its analysis the record has {parts}, which {record.topic} does not take: publish it in parts, or with fewer headers.",
        f"{type(error).__module__}.{type(error).__qualname__}",
    )


class _ProduceHandler(sender.SendProduceReqHandler):  # type: ignore[misc]
    """Takes back the sequence numbers of a batch that the broker has refused.

    aiokafka 0.14.0 leaves a gap, and the broker refuses every later batch of the partition as out of order; Java's producer takes them
    back too (`TransactionManager.handleFailedBatch`). aiokafka has one batch of a partition under way, so none has numbers behind these.
    """

    def _can_retry(self, error: Any, batch: Any) -> bool:
        again = bool(super()._can_retry(error, batch))
        if not again and isinstance(error, REFUSALS) and self._sender._txn_manager is not None:
            numbers = self._sender._txn_manager._sequence_numbers
            numbers[batch.tp] = (numbers[batch.tp] - batch.record_count) % 2**31
        return again


def install() -> None:
    """Have every idempotent producer of aiokafka's in this process go on behind a record that is refused."""
    sender.SendProduceReqHandler = _ProduceHandler
