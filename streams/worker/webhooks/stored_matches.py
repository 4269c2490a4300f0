"""The matches of a watch, read again from their topic after its endpoint was away."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.errors import TelexError
from streams.settings import Settings
from streams.stages import MATCHES
from streams.worker.stored_record import StoredRecord

# The most matches that one reading returns, and the most records of all watches that it passes. After that another
# watch has its turn.
MOST, MOST_PASSED = 20, 5000
# Milliseconds for which the broker may hold a request when there is nothing more.
FETCH_WAIT_MS = 100
# Seconds that the broker has for one reading.
READ_LIMIT_S = 30.0


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
        self._consumer = AIOKafkaConsumer(
            **settings.kafka(),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        self._reading = asyncio.Lock()
        self._is_started = False

    async def read(self, watch: str, partition: int, offset: int) -> Reading:
        """The next matches of a watch in a partition, from an offset on.

        Raises:
            TelexError: the cluster does not answer.
        """
        tp = TopicPartition(self._topic, partition)
        try:
            async with self._reading, asyncio.timeout(READ_LIMIT_S):
                if not self._is_started:
                    await self._consumer.start()
                    self._is_started = True
                try:
                    return await self._read(watch.encode(), tp, offset)
                finally:
                    self._consumer.pause(tp)
        except (KafkaError, TimeoutError) as error:
            why = str(error) or f"no answer within {READ_LIMIT_S:g} s"
            raise TelexError(
                f"Partition {partition} of {self._topic} could not be read again ({why}): check the brokers, and that Telex may read it."
            ) from error

    async def _read(self, key: bytes, tp: TopicPartition, offset: int) -> Reading:
        self._consumer.assign([tp])
        begin = (await self._consumer.beginning_offsets([tp]))[tp]
        end = (await self._consumer.end_offsets([tp]))[tp]
        # Retention has deleted the record, or the topic was deleted and created again.
        offset = offset if begin <= offset <= end else begin
        self._consumer.seek(tp, offset)
        found: list[StoredRecord] = []
        passed = 0
        while offset < end and passed < MOST_PASSED:
            fetched = await self._consumer.getmany(tp, timeout_ms=500, max_records=500)
            for record in fetched.get(tp, ()):
                passed += 1
                if record.key == key:
                    found.append(StoredRecord.of(record))
                    if len(found) == MOST:
                        return Reading(found, record.offset + 1, record.offset + 1 >= end)
            offset = await self._consumer.position(tp)
        return Reading(found, offset, offset >= end)

    async def stop(self) -> None:
        """Close the connection."""
        if self._is_started:
            await self._consumer.stop()
