"""Articles that tests of the clients publish and read: raw and enriched ones, and the topics that hold them."""

import json
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

from streams import Publisher, Settings
from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.stages import ENRICHED, RAW
from tests.support.independent_reader import read

NEWS = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway."
# The text of an article for each number or name.
FRENCH = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres, numéro {}."


def create_pipeline(broker: EmbeddedBroker, folder: Path) -> Settings:
    """Create the topics of a pipeline that several tests share, or that has its own broker."""
    settings = Settings(
        bootstrap_servers=broker.bootstrap_servers, topic_prefix=f"{folder.name}.", partitions=4, data_dir=folder
    )
    topics.create(settings)
    return settings


def published_articles(settings: Settings) -> dict[str, dict[str, Any]]:
    """The articles in the raw topic, by id."""
    return {record.key.decode(): json.loads(record.value) for record in read(settings, RAW)}


def produce(
    settings: Settings, *records: dict[str, Any] | bytes, topic: str = ENRICHED, at_ms: int | None = None
) -> None:
    """Write records to a topic.

    Args:
        records: articles, under their ids, or values of any bytes.
        at_ms: the timestamp of the records in milliseconds since 1970; by default the current time.
    """
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    for record in records:
        value = record if isinstance(record, bytes) else json.dumps(record).encode()
        key = record["id"].encode() if isinstance(record, dict) else b"bad"
        producer.send(settings.topic_prefix + topic, key=key, value=value, timestamp_ms=at_ms).get(20)
    producer.close()


def french_article(identifier: str, more: str = "") -> dict[str, Any]:
    """A French article; `more` is added to its text."""
    return {"id": identifier, "text": f"{FRENCH.format(identifier)} {more}"}


def publish_french(settings: Settings, *identifiers: str, more: str = "") -> None:
    """Publish French articles with Telex's own Publisher."""
    with Publisher(settings) as publisher:
        for identifier in identifiers:
            publisher.publish(french_article(identifier, more))


def identified(identifier: str, text: str) -> dict[str, Any]:
    """A French article as it leaves the language stage."""
    language = {"status": "analysed", "model": "m", "code": "fr", "confidence": 1}
    return {"id": identifier, "text": text, "language": language}


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
    """The sorted ids of articles in JSON lines."""
    return sorted(json.loads(line)["id"] for line in lines)
