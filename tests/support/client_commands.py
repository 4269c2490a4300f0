"""Commands of `telex` for tests of the clients, and the records that these tests publish and read."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

from streams import Settings
from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.stages import ENRICHED, RAW
from tests.support.processes import environment
from tests.support.reading import read

NEWS = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway."
# Seconds that a command may take, as the value of an option.
WAIT_S = "30"

RunTelex = Callable[..., tuple[int, list[str], list[str]]]
StartTelex = Callable[..., Any]


@contextmanager
def running(
    settings: Settings, arguments: Sequence[str], output: Path | None = None, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A running command of `telex`, with pipes or with its output in a file. It ends with the block."""
    with ExitStack() as stack:
        stdout = stack.enter_context(output.open("wb")) if output else subprocess.PIPE
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", *arguments],
            env=environment(settings, **more),
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
                with suppress(BrokenPipeError):  # the command has not read all of its input
                    pipe.close()


def create_pipeline(broker: EmbeddedBroker, folder: Path) -> Settings:
    """Create the topics of a pipeline that several tests share, or that has its own broker."""
    settings = Settings(
        bootstrap_servers=broker.bootstrap_servers, topic_prefix=f"{folder.name}.", partitions=4, data_dir=folder
    )
    topics.create(settings)
    return settings


def published_articles(settings: Settings) -> dict[str, dict[str, Any]]:
    """The articles on the raw topic, by id."""
    return {record.key.decode(): json.loads(record.value) for record in read(settings, RAW)}


def produce(
    settings: Settings, *records: dict[str, Any] | bytes, topic: str = ENRICHED, at_ms: int | None = None
) -> None:
    """Write records to a topic. `at_ms`: their timestamp in milliseconds since 1970; by default the current time."""
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    for record in records:
        value = record if isinstance(record, bytes) else json.dumps(record).encode()
        key = record["id"].encode() if isinstance(record, dict) else b"bad"
        producer.send(settings.topic_prefix + topic, key=key, value=value, timestamp_ms=at_ms).get(20)
    producer.close()


def enriched(identifier: str, language: str = "fr", label: str = "neutral", **named: str) -> dict[str, Any]:
    """An enriched article. `named`: its entities, each as type=name."""
    probabilities = {"negative": 0.0, "neutral": 0.0, "positive": 0.0, label: 1.0}
    items = [
        {
            "name": name,
            "type": kind,
            "count": 1,
            "mentions": [{"field": "text", "start": 0, "end": 5, "text": name.split()[-1]}],
        }
        for kind, name in named.items()
    ]
    return {
        "id": identifier,
        "text": NEWS,
        "language": {"status": "analysed", "model": "m", "code": language, "confidence": 1.0},
        "entities": {"status": "analysed", "model": "m", "items": items},
        "sentiment": {
            "status": "analysed",
            "model": "m",
            "label": label,
            "score": 0.0,
            "confidence": 1.0,
            "probabilities": probabilities,
        },
    }


def ids(lines: list[str]) -> list[str]:
    """The ids of articles in JSON lines, in order."""
    return sorted(json.loads(line)["id"] for line in lines)
