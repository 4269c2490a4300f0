"""Reads records of a topic by their offsets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.errors import TelexError
from streams.settings import Settings

# Seconds that the broker has for one reading.
READ_LIMIT_S = 30.0
# Milliseconds for which the broker may hold a request when there is nothing more.
FETCH_WAIT_MS = 100
# Records that are read and dropped where a seek would drop what is fetched already.
NEAR = 500


class RecordReader:
    """Reads records of one topic. It connects at the first reading.

    Args:
        settings: of the cluster.
        topic: the full name, with the prefix.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        self._topic = topic
        self._consumer = AIOKafkaConsumer(
            **settings.kafka(),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        self._is_started = False
        self._at: tuple[TopicPartition, int] | None = None

    async def values(self, partition: int, offsets: Sequence[int]) -> dict[int, bytes | None]:
        """The values of records, by their offsets. Records that Kafka has deleted are missing.

        Args:
            partition: of all records.
            offsets: of the records, in ascending order.

        Raises:
            TelexError: the cluster does not answer.
        """
        if not offsets:
            return {}
        tp = TopicPartition(self._topic, partition)
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                return await self._values(tp, offsets)
        except (KafkaError, TimeoutError) as error:
            why = str(error) or f"no answer within {READ_LIMIT_S:g} s"
            raise TelexError(
                f"Partition {partition} of {self._topic} could not be read again ({why}): check the brokers, and that Telex may read it."
            ) from error

    async def _values(self, tp: TopicPartition, offsets: Sequence[int]) -> dict[int, bytes | None]:
        await self._seek(tp, offsets[0])
        # A topic that was deleted and created again may end before.
        end = min(offsets[-1] + 1, (await self._consumer.end_offsets([tp]))[tp])
        self._consumer.resume(tp)
        wanted, found = set(offsets), dict[int, bytes | None]()
        while await self._consumer.position(tp) < end:
            fetched: dict[Any, list[Any]] = await self._consumer.getmany(tp, timeout_ms=FETCH_WAIT_MS, max_records=NEAR)
            found |= {record.offset: record.value for record in fetched.get(tp, ()) if record.offset in wanted}
        self._consumer.pause(tp)
        self._at = tp, await self._consumer.position(tp)
        return found

    async def _seek(self, tp: TopicPartition, offset: int) -> None:
        if not self._is_started:
            await self._consumer.start()
            self._is_started = True
        if self._at and self._at[0] == tp and 0 <= offset - self._at[1] < NEAR:
            return
        if self._consumer.assignment() != {tp}:
            self._consumer.assign([tp])
        begin = (await self._consumer.beginning_offsets([tp]))[tp]
        self._consumer.seek(tp, max(begin, offset))

    async def stop(self) -> None:
        """Close the connection."""
        if self._is_started:
            await self._consumer.stop()
