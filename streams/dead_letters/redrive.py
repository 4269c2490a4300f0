"""Dead letters back onto the topics that their records failed on, and which of them went there before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError as DeliveryError
from kafka import TopicPartition

from streams.dead_letters import error_headers, reader
from streams.dead_letters.reader import Letter
from streams.errors import Reason, TelexError
from streams.kafka import consumer_groups, raw_batch
from streams.kafka.connections import admin
from streams.kafka.topics import COMPRESSION
from streams.records.codec import MAX_VALUE_BYTES
from streams.records.outputs import Output
from streams.settings import Settings
from streams.stages import DEAD, RAW, STAGES

# Seconds within which the broker has to confirm what was sent together, and within which the producer has to end.
DELIVERY_LIMIT_S, STOP_LIMIT_S = 30.0, 5.0
# Letters whose delivery is awaited together: at their largest they have 256 MiB, usually 100 KiB.
TOGETHER = 32


def pending(settings: Settings, reasons: Iterable[Reason], end: consumer_groups.Offsets) -> Iterator[Letter]:
    """The letters before `end` that failed for one of the reasons and were not marked as redriven.

    Raises:
        TelexError: there are no topics, or the cluster does not answer.
    """
    with admin(settings) as client:
        marks = consumer_groups.committed(client, [_mark(settings, reason) for reason in reasons])
    chosen = {reason.value: marks[_mark(settings, reason)] for reason in reasons}
    for letter in reader.read(settings, end=end):
        mark = chosen.get(letter.reason or "")
        if mark is not None and letter.offset >= mark.get(TopicPartition(settings.topic(DEAD), letter.partition), 0):
            yield letter


def mark(settings: Settings, reasons: Iterable[Reason], end: consumer_groups.Offsets) -> None:
    """Remember that every letter before `end` that failed for one of the reasons was redriven.

    The mark is the committed offset of a group without members, one for each reason; Kafka forgets it after
    `offsets.retention.minutes`, by default a week. Then letters are redriven again, which does no harm.
    """
    with admin(settings) as client:
        for reason in reasons:
            consumer_groups.commit(client, _mark(settings, reason), end)


def _mark(settings: Settings, reason: Reason) -> str:
    return settings.group(f"redrive.{reason}")


def obstacle(settings: Settings, letter: Letter, partitions: Mapping[str, int]) -> str | None:
    """Why a letter cannot be redriven onto topics with so many partitions each; None when it can."""
    topic, partition = letter.said.get(error_headers.TOPIC), letter.number(error_headers.PARTITION)
    if topic is None or topic not in {settings.topic(stage.source) for stage in STAGES.values()}:
        return f"it failed on {topic or 'a topic that it does not name'}, which no stage reads"
    if partition is None or not 0 <= partition < partitions[topic]:
        return f"{topic} has no partition {partition}"
    return None


def whole(settings: Settings, letter: Letter, partitions: Mapping[str, int]) -> Letter | str:
    """A letter with its record whole, read once more from its topic where the letter has the beginning only; or why it cannot go back.

    Raises:
        TelexError: the cluster does not answer.
    """
    why = obstacle(settings, letter, partitions)
    if why or not letter.is_cut:
        return why or letter
    found = reader.original(settings, letter)
    if isinstance(found, str):
        return found
    record: Any = found
    return replace(
        letter, key=record.key, value=record.value, headers=tuple(record.headers), timestamp_ms=record.timestamp
    )


def redrive(settings: Settings, chosen: Iterable[Letter]) -> Iterator[tuple[Letter, int]]:
    """Send letters back onto the topic and partition that they failed on: the same key, value and headers.

    The raw topic gets the record's own timestamp back. The other topics get that of the moment, as from a stage: Kafka
    deletes by timestamp there, and would delete an old record before it is read.

    Yields:
        Each letter, after the broker has confirmed its record, with the offset of that.

    Raises:
        TelexError: a delivery was not confirmed; that letter and those after it count as not redriven.
    """
    remaining, count = iter(chosen), 0
    with asyncio.Runner() as runner:
        # Not kafka-python's producer: it refuses headers without a value, which Kafka allows.
        try:
            producer = runner.run(_producer(settings))
            try:
                while batch := list(islice(remaining, TOGETHER)):
                    yield from runner.run(_deliver(settings, producer, batch))
                    count += len(batch)
            finally:
                runner.run(asyncio.wait_for(producer.stop(), STOP_LIMIT_S))
        except (DeliveryError, TimeoutError) as error:
            what = str(error) or f"no confirmation within {DELIVERY_LIMIT_S:g} s"
            raise TelexError(
                f"Redriving stopped after {count} letters ({what}): redrive again when the broker is well; twice does no harm."
            ) from error


async def _producer(settings: Settings) -> AIOKafkaProducer:
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


async def _deliver(settings: Settings, producer: AIOKafkaProducer, batch: Sequence[Letter]) -> list[tuple[Letter, int]]:
    async with asyncio.timeout(DELIVERY_LIMIT_S):
        deliveries = []
        for letter in batch:
            topic = letter.said[error_headers.TOPIC]
            original = topic == settings.topic(RAW) and letter.timestamp_ms >= 0
            time, partition = letter.timestamp_ms if original else None, int(letter.said[error_headers.PARTITION])
            output = Output(topic, letter.key, letter.value, list(letter.headers), partition, time)
            if raw_batch.is_needed(output):
                deliveries.append(await raw_batch.send(producer, output))
            else:
                deliveries.append(await producer.send(topic, output.value, output.key, partition, time, output.headers))
        delivered = await asyncio.gather(*deliveries)
    return [(letter, at.offset) for letter, at in zip(batch, delivered, strict=True)]
