"""The last articles of a topic."""

from __future__ import annotations

from collections.abc import Iterator

from streams.client.received import Received, received_record
from streams.kafka import stored_records
from streams.settings import Settings


def latest(settings: Settings, topic: str, count: int) -> Iterator[Received]:
    """About `count` of the last records of a topic, in the order of each partition: as many of each partition.

    Raises:
        TelexError: the topics do not exist, or the cluster does not answer.
    """
    bounds = stored_records.bounds(settings, stored_records.partitions(settings, topic))
    of_each = -(-count // len(bounds))
    begin = {tp: max(first, end - of_each) for tp, (first, end) in bounds.items()}
    return map(received_record, stored_records.read(settings, {tp: end for tp, (_, end) in bounds.items()}, begin))
