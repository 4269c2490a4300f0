"""Sends records exactly as they are: every key, value, header and timestamp that Kafka allows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.kafka import raw_batch
from streams.kafka.connections import DELIVERY_LIMIT_S
from streams.kafka.topics import COMPRESSION
from streams.records.codec import MAX_VALUE_BYTES
from streams.records.outputs import Output
from streams.settings import Settings

# Seconds that the producer has to stop.
STOP_LIMIT_S = 5.0


class NotConfirmedError(Exception):
    """The broker has not confirmed all records; `str(error)` is a clause on the cause."""


class ExactSender:
    """Sends records to the partitions that they name. Use it as a context manager.

    Args:
        settings: the brokers and how to connect to them.

    Raises:
        NotConfirmedError: no broker answers.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self._runner = settings, asyncio.Runner()

    def send(self, records: Sequence[Output]) -> list[int]:
        """Send records and wait until the broker has confirmed them.

        Returns:
            The offsets of the records.

        Raises:
            NotConfirmedError: a delivery was not confirmed. Some of the records may have been sent.
        """
        with _causes():
            return self._runner.run(self._deliver(records))

    async def _deliver(self, records: Sequence[Output]) -> list[int]:
        async with asyncio.timeout(DELIVERY_LIMIT_S):
            deliveries = [await raw_batch.send(self._producer, record) for record in records]
            return [metadata.offset for metadata in await asyncio.gather(*deliveries)]

    def __enter__(self) -> Self:
        try:
            with _causes():
                self._producer = self._runner.run(_producer(self._settings))
        except BaseException:
            self._runner.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The broker has confirmed the records that count as sent, so nothing is lost when the producer does not stop in
        # time. An exception here would also replace the one that ended the delivery.
        with suppress(TimeoutError):
            self._runner.run(asyncio.wait_for(self._producer.stop(), STOP_LIMIT_S))
        self._runner.close()


async def _producer(settings: Settings) -> AIOKafkaProducer:
    # It warns of each attempt that it repeats, as with a topic that was just created. What fails for good is an error.
    logging.getLogger("aiokafka.producer").setLevel(logging.ERROR)
    # Not the producer of kafka-python 3.0.12: it refuses headers without a value, which Kafka allows.
    producer = AIOKafkaProducer(
        **settings.kafka(),
        acks="all",
        enable_idempotence=True,
        max_request_size=2 * MAX_VALUE_BYTES,
        # The topic may have taken the record only because it was compressed.
        compression_type=COMPRESSION,
    )
    await producer.start()
    return producer


@contextmanager
def _causes() -> Iterator[None]:
    try:
        yield
    except (KafkaError, TimeoutError) as error:
        raise NotConfirmedError(str(error) or f"no confirmation within {DELIVERY_LIMIT_S:g} s") from error
