"""The watches in their topic, for the commands that show and change them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

from kafka import KafkaProducer

from streams.errors import TelexError
from streams.kafka import stored_records, topics
from streams.kafka.connections import DELIVERY_LIMIT_S, connection, kafka_errors
from streams.records import watches
from streams.records.watches import Watch
from streams.settings import Settings
from streams.stages import WATCHES


def read_all(settings: Settings) -> dict[str, Watch]:
    """The watches by their names, in alphabetical order. Records that are no watch are left out.

    Raises:
        TelexError: the topics do not exist, or the cluster does not answer.
    """
    return dict(sorted(watches.decode_all(_contents(settings)).items()))


def find(settings: Settings, name: str) -> Watch:
    """The watch with this name. Raises TelexError where there is none."""
    try:
        return read_all(settings)[name]
    except KeyError:
        raise TelexError(f"There is no watch {name!r}: `telex watch list` shows all.") from None


def put(settings: Settings, name: str, watch: Watch) -> None:
    """Add a watch, or replace the one with this name. Raises TelexError when the broker does not confirm it."""
    _write(settings, name, watches.encode(watch))


def remove(settings: Settings, name: str) -> None:
    """Remove a watch. Raises TelexError when the broker does not confirm it."""
    _write(settings, name, None)


def _write(settings: Settings, name: str, value: bytes | None) -> None:
    topics.check(settings, [WATCHES])
    with kafka_errors(settings), closing(KafkaProducer(**connection(settings), acks="all")) as producer:
        producer.send(settings.topic(WATCHES), key=name.encode(), value=value).get(timeout=DELIVERY_LIMIT_S)


def _contents(settings: Settings) -> Mapping[bytes, bytes]:
    tps = stored_records.partitions(settings, WATCHES)
    ends = {tp: end for tp, (_, end) in stored_records.bounds(settings, tps).items()}
    # The last record of a key counts, and one without a value removes the key.
    last = {record.key or b"": record.value for record in stored_records.read(settings, ends)}
    return {key: value for key, value in last.items() if value is not None}
