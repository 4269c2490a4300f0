"""Reads the records that a topic has now, from an offset to an end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from kafka import TopicPartition

from streams.errors import TelexError
from streams.kafka import topics
from streams.kafka.connections import POLL_MS, kafka_errors
from streams.kafka.consumers import new_consumer
from streams.kafka.lenient_consumer import LenientConsumer
from streams.settings import Settings

# Seconds without a record after which the reader gives up.
SILENCE_LIMIT_S = 30.0


def partitions(settings: Settings, topic: str) -> list[TopicPartition]:
    """The partitions of a topic, named without its prefix.

    Raises:
        TelexError: the topic does not exist, or the cluster does not answer.
    """
    name = settings.topic(topic)
    return [TopicPartition(name, number) for number in range(topics.check(settings, [topic])[name])]


def bounds(settings: Settings, tps: Sequence[TopicPartition]) -> dict[TopicPartition, tuple[int, int]]:
    """The first offset of each partition and the current end. Raises TelexError: the cluster does not answer."""
    with kafka_errors(settings), closing(new_consumer(settings)) as client:
        begins, ends = client.beginning_offsets(tps), client.end_offsets(tps)
    return {tp: (begins[tp], ends[tp]) for tp in tps}


def read(
    settings: Settings, end: Mapping[TopicPartition, int], begin: Mapping[TopicPartition, int] | None = None
) -> Iterator[Any]:
    """The records between two offsets of each partition, in the order of each partition.

    Args:
        settings: of the cluster.
        end: the offset to stop before, by partition.
        begin: the first offset to read, by partition; by default the first one that exists.

    Raises:
        TelexError: the cluster does not answer.
    """
    with kafka_errors(settings), closing(new_consumer(settings)) as client:
        client.assign(list(end))
        for tp, first in client.beginning_offsets(list(end)).items():
            client.seek(tp, max(first, (begin or {}).get(tp, 0)))
        yield from read_on(settings, client, end)


def read_on(settings: Settings, client: LenientConsumer, end: Mapping[TopicPartition, int]) -> Iterator[Any]:
    """The records from where a consumer stands to an offset of each partition, in the order of each partition.

    Args:
        settings: of the cluster.
        client: with these partitions assigned.
        end: the offset to stop before, by partition.

    Raises:
        TelexError: the cluster sends nothing for SILENCE_LIMIT_S.
        KafkaError: the cluster does not answer.
    """
    last_received = time.monotonic()
    while any(client.position(tp) < offset for tp, offset in end.items()):
        polled = client.poll(timeout_ms=POLL_MS)
        for tp, records in polled.items():
            yield from (record for record in records if record.offset < end[tp])
        if polled:
            last_received = time.monotonic()
        elif time.monotonic() - last_received > SILENCE_LIMIT_S:
            names = " and ".join(sorted({tp.topic for tp in end}))
            raise TelexError(
                f"{settings.bootstrap_servers} sent no records of {names} for {SILENCE_LIMIT_S:g} s: "
                "check that every partition has a leader."
            )
