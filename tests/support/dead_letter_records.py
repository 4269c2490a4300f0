"""Dead letters that tests write themselves, and the JSON lines that `telex dead` prints about them."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer

from streams.dead_letters import error_headers
from streams.errors import Reason
from streams.records.headers import Headers
from streams.records.outcomes import Dead
from streams.settings import Settings
from streams.stages import DEAD, RAW

PUBLISHED_MS = 1_700_000_000_000


@dataclass
class Origin:
    """The place of a record that failed."""

    topic: str
    partition: int
    offset: int


def dead_letter(
    settings: Settings,
    key: bytes | None,
    reason: Reason = Reason.INVALID_JSON,
    value: bytes | None = b"{",
    *,
    topic: str = RAW,
    stage: str = "language",
    headers: Headers = (),
    after_s: int = 0,
    partition: int = 1,
) -> dict[str, object]:
    """The arguments that send a dead letter as a stage writes it.

    Args:
        headers: the headers of the record that failed.
        after_s: the age of the record as seconds after `PUBLISHED_MS`.
    """
    added = error_headers.headers(
        stage, Origin(settings.topic_prefix + topic, partition, 7), Dead(reason, f"why {key!r}", "RecordError", 3)
    )
    return {
        "key": key,
        "value": value,
        "headers": [*headers, *added],
        "partition": partition,
        "timestamp_ms": PUBLISHED_MS + after_s * 1000,
    }


def write(settings: Settings, *records: dict[str, object]) -> None:
    """Write records to the dead-letter topic, in order."""
    asyncio.run(_send(settings, records))


async def _send(settings: Settings, records: Iterable[dict[str, object]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    await producer.start()
    for record in records:
        await producer.send_and_wait(settings.topic_prefix + DEAD, **record)
    await producer.stop()


def lines(result: tuple[int, list[str], list[str]]) -> list[dict[str, Any]]:
    """The JSON lines of a command that succeeded."""
    code, printed, errors = result
    assert code == 0, errors
    return [json.loads(line) for line in printed]


def keys(result: tuple[int, list[str], list[str]]) -> list[object]:
    """The keys in the JSON lines of a command that succeeded."""
    return [line["key"] for line in lines(result)]
