"""The matches of a watch, read again from their topic after its endpoint was away."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.records.outcomes import Dead
from streams.settings import Settings
from streams.stages import MATCHES
from streams.worker.rereading import Rereading
from streams.worker.stored_record import StoredRecord
from streams.worker.webhooks.match_record import watch_of

# The most matches that one reading returns, and the most records of all watches that it passes. After that another
# watch has its turn.
MAX_MATCHES, MAX_PASSED = 20, 5000


class Reading(NamedTuple):
    """What a reading found.

    Attributes:
        matches: of the watch, in their order.
        end: the offset behind what was read.
        is_complete: whether the partition had no more when the reading began.
    """

    matches: list[StoredRecord]
    end: int
    is_complete: bool


class StoredMatches:
    """Reads matches from their topic, for one watch after the other.

    Args:
        settings: of the cluster.
    """

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topic(MATCHES)
        self._rereading = Rereading(settings, self._topic)
        self._turn = asyncio.Lock()

    async def read(self, watch: str, partition: int, offset: int) -> Reading:
        """The next matches of a watch in a partition, from an offset on.

        Raises:
            TelexError: the cluster does not answer.
        """
        tp = TopicPartition(self._topic, partition)
        async with self._turn, self._rereading.partition(partition) as consumer:
            try:
                return await self._read(consumer, watch.encode(), tp, offset)
            finally:
                consumer.pause(tp)

    async def _read(self, consumer: AIOKafkaConsumer, key: bytes, tp: TopicPartition, offset: int) -> Reading:
        consumer.assign([tp])
        begin = (await consumer.beginning_offsets([tp]))[tp]
        end = (await consumer.end_offsets([tp]))[tp]
        # Retention has deleted the record, or the topic was deleted and created again.
        offset = offset if begin <= offset <= end else begin
        consumer.seek(tp, offset)
        found: list[StoredRecord] = []
        passed = 0
        while offset < end and passed < MAX_PASSED:
            fetched = await consumer.getmany(tp, timeout_ms=500, max_records=500)
            for record in fetched.get(tp, ()):
                passed += 1
                stored = StoredRecord.of(record)
                # A record that is no match becomes a dead letter when the group fetches it.
                if record.key == key and not isinstance(watch_of(stored), Dead):
                    found.append(stored)
                    if len(found) == MAX_MATCHES:
                        return Reading(found, record.offset + 1, record.offset + 1 >= end)
            offset = await consumer.position(tp)
        return Reading(found, offset, offset >= end)

    async def stop(self) -> None:
        """Close the connection."""
        await self._rereading.stop()
