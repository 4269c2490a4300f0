"""aiokafka's producer, which waits for a partition that it does not know yet."""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

# Seconds between two requests for the partitions of a topic.
RETRY_S = 0.2


class ProducerClient(AIOKafkaProducer):  # type: ignore[misc]
    """A producer that asks for a topic's partitions again before it refuses one.

    aiokafka 0.14.0 knows the partitions as they were up to five minutes ago (`metadata_max_age_ms`), and fails with
    `AssertionError: Unrecognized partition` for one that was added since (`_partition` in its producer.py). Java's
    producer asks again and waits (https://issues.apache.org/jira/browse/KAFKA-6833), and so does this one: until its
    caller gives up.
    """

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        partition: int | None = None,
        **more: Any,
    ) -> Any:
        """Like `AIOKafkaProducer.send`."""
        await self._find(topic, partition)
        return await super().send(topic, value, key, partition, **more)

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Any:
        """Like `AIOKafkaProducer.send_batch`."""
        await self._find(topic, partition)
        return await super().send_batch(batch, topic, partition=partition)

    async def _find(self, topic: str, partition: int | None) -> None:
        known = self.client.cluster.partitions_for_topic(topic)
        while partition is not None and known is not None and partition not in known:
            await self.client.force_metadata_update()
            known = self.client.cluster.partitions_for_topic(topic)
            if known is not None and partition not in known:
                await asyncio.sleep(RETRY_S)
