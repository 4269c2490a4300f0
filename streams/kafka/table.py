"""A table: a compacted topic, read whole and then followed, as a mapping of its keys to their last values."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.errors import TelexError
from streams.kafka.async_consumers import (
    FETCHER_INTERVAL_S,
    LONG_WAIT_MS,
    METADATA_AGE_MS,
    SHORT_WAIT_MS,
    fetched_original,
    new_async_consumer,
)
from streams.settings import Settings

logger = logging.getLogger(__name__)

# Seconds between two looks whether the consumer knows its partitions.
ASSIGNMENT_INTERVAL_S = 0.05
# Seconds that the broker has for the whole table.
READ_LIMIT_S = 60.0


class Table:
    """The contents of a compacted topic.

    It has all partitions of the topic and belongs to no consumer group. It reads only while somebody waits for it. When
    the topic was deleted and created again, start another one: this one would keep the old records.

    Args:
        settings: of the cluster.
        topic: without the prefix.
        followed: whether it waits for changes most of the time (`changed`), or reads now and then (`refresh`).
    """

    def __init__(self, settings: Settings, topic: str, *, followed: bool = True) -> None:
        self._topic = settings.topic(topic)
        self._consumer = new_async_consumer(
            settings,
            self._topic,
            fetch_max_wait_ms=LONG_WAIT_MS if followed else SHORT_WAIT_MS,
            consumer_timeout_ms=round(FETCHER_INTERVAL_S * 1000),
            metadata_max_age_ms=METADATA_AGE_MS,
        )
        self._contents: dict[bytes, bytes] = {}

    async def start(self) -> None:
        """Read the topic up to its current end.

        Raises:
            TelexError: the cluster does not answer, or does not allow it.
        """
        try:
            await self._consumer.start()
        except KafkaError as error:
            raise self._unreadable(error) from error
        await self.refresh()

    async def refresh(self) -> None:
        """Read on up to the current end. Raises TelexError like `start`."""
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                partitions = await self._assigned()
                self._consumer.pause(*partitions)
                ends = await self._consumer.end_offsets(partitions)
                while not await self._is_at(ends):
                    self._consumer.resume(*partitions)
                    await self._poll(100)
                self._consumer.pause(*partitions)
        except (KafkaError, TimeoutError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> TelexError:
        why = str(error) or f"no answer within {READ_LIMIT_S:g} s"
        return TelexError(
            f"{self._topic} could not be read ({why}): check that the topic is there, and that Telex may read it."
        )

    async def changed(self) -> Mapping[bytes, bytes]:
        """The contents after the next change. Raises KafkaError when the cluster refuses it."""
        self._consumer.resume(*await self._assigned())
        while not await self._poll(LONG_WAIT_MS):
            pass
        return self.contents

    @property
    def contents(self) -> Mapping[bytes, bytes]:
        """A copy of the contents."""
        return dict(self._contents)

    async def stop(self) -> None:
        """Close the connection."""
        await self._consumer.stop()

    async def _assigned(self) -> list[TopicPartition]:
        """The partitions. Without a group, the consumer has them all as soon as it knows of them."""
        while True:
            if assigned := self._consumer.assignment():
                return list(assigned)
            await asyncio.sleep(ASSIGNMENT_INTERVAL_S)

    async def _is_at(self, ends: Mapping[TopicPartition, int]) -> bool:
        return all([await self._consumer.position(tp) >= end for tp, end in ends.items()])

    async def _poll(self, timeout_ms: int) -> bool:
        """Take over new records. Returns whether there were any."""
        fetched: dict[TopicPartition, list[Any]] = await self._consumer.getmany(timeout_ms=timeout_ms)
        records = [record for of_partition in fetched.values() for record in of_partition]
        for record in records:
            original = fetched_original(record)
            if original and original.fault:
                logger.warning("A record of %s is not used: %s", self._topic, original.fault)
            elif record.value is None:
                self._contents.pop(record.key or b"", None)
            else:
                self._contents[record.key or b""] = record.value
        return bool(records)
