"""Reads records of a topic by their offsets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.kafka.async_consumers import SHORT_WAIT_MS
from streams.settings import Settings
from streams.worker.rereading import Rereading

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
        self._rereading = Rereading(settings, topic)
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
        async with self._rereading.partition(partition) as consumer:
            return await self._values(consumer, TopicPartition(self._topic, partition), offsets)

    async def _values(
        self, consumer: AIOKafkaConsumer, tp: TopicPartition, offsets: Sequence[int]
    ) -> dict[int, bytes | None]:
        await self._seek(consumer, tp, offsets[0])
        # A topic that was deleted and created again may end before.
        end = min(offsets[-1] + 1, (await consumer.end_offsets([tp]))[tp])
        consumer.resume(tp)
        wanted, found = set(offsets), dict[int, bytes | None]()
        while await consumer.position(tp) < end:
            fetched: dict[Any, list[Any]] = await consumer.getmany(tp, timeout_ms=SHORT_WAIT_MS, max_records=NEAR)
            found |= {record.offset: record.value for record in fetched.get(tp, ()) if record.offset in wanted}
        consumer.pause(tp)
        self._at = tp, await consumer.position(tp)
        return found

    async def _seek(self, consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int) -> None:
        if self._at and self._at[0] == tp and 0 <= offset - self._at[1] < NEAR:
            return
        if consumer.assignment() != {tp}:
            consumer.assign([tp])
        begin = (await consumer.beginning_offsets([tp]))[tp]
        consumer.seek(tp, max(begin, offset))

    async def stop(self) -> None:
        """Close the connection."""
        await self._rereading.stop()
