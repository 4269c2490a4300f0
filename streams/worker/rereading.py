"""Reads a partition of a topic again, from any offset."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from streams.errors import TelexError
from streams.kafka.async_consumers import SHORT_WAIT_MS, new_async_consumer
from streams.settings import Settings

# Seconds that the broker has for one reading.
READ_LIMIT_S = 30.0


class Rereading:
    """A consumer for one topic. It connects at the first reading.

    Args:
        settings: of the cluster.
        topic: the full name, with the prefix.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        self._topic = topic
        self._consumer = new_async_consumer(settings, fetch_max_wait_ms=SHORT_WAIT_MS)
        self._is_started = False

    @asynccontextmanager
    async def partition(self, number: int) -> AsyncIterator[AIOKafkaConsumer]:
        """The connected consumer, for one reading of a partition.

        Raises:
            TelexError: the cluster does not answer, or the reading takes longer than `READ_LIMIT_S`.
        """
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                if not self._is_started:
                    await self._consumer.start()
                    self._is_started = True
                yield self._consumer
        except (KafkaError, TimeoutError) as error:
            why = str(error) or f"no answer within {READ_LIMIT_S:g} s"
            raise TelexError(
                f"Partition {number} of {self._topic} could not be read again ({why}): check the brokers, and that Telex may read it."
            ) from error

    async def stop(self) -> None:
        """Close the connection."""
        if self._is_started:
            await self._consumer.stop()
