"""A stream of enriched articles for the stories worker, and what the worker has to make of it."""

from __future__ import annotations

import json
from itertools import count
from typing import Any, Self

from kafka import KafkaProducer
from kafka.consumer.fetcher import ConsumerRecord

from evaluation.story_articles import articles
from streams.errors import RecordError
from streams.records.codec import decode_identified
from streams.settings import Settings
from streams.stages import ENRICHED, TASKS
from tests.support.independent_reader import read
from tests.support.steady_load import SteadyLoad

TASK = TASKS["stories"]
TEXTS = articles("development")


def enriched(identifier: str, number: int) -> dict[str, Any]:
    """An enriched article whose text is one of the evaluation's, without analysed entities."""
    article = TEXTS[number % len(TEXTS)]
    missing = {"status": "not_analysed", "reason": "no_model_for_language"}
    return {
        "id": identifier,
        "title": article.title,
        "text": article.text,
        "language": {"status": "analysed", "model": "m", "code": article.language, "confidence": 1.0},
        "entities": missing,
        "sentiment": missing,
    }


class StoryStream:
    """Publishes enriched articles to all partitions in turn, with kafka-python alone.

    Attributes:
        published: the ids of the articles, in their order.
    """

    def __init__(self, settings: Settings) -> None:
        self._topic, self._partitions = settings.topic(ENRICHED), settings.partitions
        self._producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers, acks="all")
        self._numbers = count()
        self._load = SteadyLoad(self.publish)
        self.published: list[str] = []

    def publish(self, number_of_articles: int = 1) -> Self:
        """Publish the next articles."""
        for number in (next(self._numbers) for _ in range(number_of_articles)):
            identifier = f"a{number:05}"
            self.send(enriched(identifier, number), number % self._partitions)
            self.published.append(identifier)
        return self

    def send(self, article: dict[str, Any] | bytes, partition: int) -> None:
        """Publish one record of any content."""
        value = article if isinstance(article, bytes) else json.dumps(article).encode()
        key = b"bad" if isinstance(article, bytes) else article["id"].encode()
        self._producer.send(self._topic, value, key, partition=partition)

    def start_load(self, rate: float) -> Self:
        """Publish `rate` articles a second until `close`, in a thread."""
        self._load.start(rate)
        return self

    def end_load(self) -> None:
        """End the load, and wait until the broker has every record."""
        self._load.end()
        self.flush()

    def flush(self) -> None:
        """Wait until the broker has every record."""
        self._producer.flush(30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end_load()
        self._producer.close(timeout=5)


def stories(settings: Settings) -> list[ConsumerRecord]:
    """Every committed record of `articles.stories`."""
    return read(settings, TASK.target)


def expected(settings: Settings) -> dict[str, bytes]:
    """The value of each article's story, if all enriched articles are read in the order of the broker's time."""
    decider = TASK.open(settings)
    values = {}
    for record in sorted(read(settings, ENRICHED), key=lambda each: (each.timestamp, each.partition, each.offset)):
        try:
            decided = decider.decide(decode_identified(record.value), record.timestamp)
        except RecordError:
            continue  # a dead letter
        if decided:
            values[decided.article_id] = decided.value
    return values


def breaches(settings: Settings, published: list[str]) -> list[str]:
    """What is wrong with `articles.stories`: articles without a record, with two, or with another story."""
    found: dict[str, list[bytes]] = {}
    for record in stories(settings):
        found.setdefault(record.key.decode(), []).append(record.value)
    should_be = expected(settings)
    return [
        *(f"{each} has neither an output nor a dead letter" for each in published if each not in found),
        *(f"{each} has {len(values)} records" for each, values in found.items() if len(values) > 1),
        *(
            f"{each} has {values[0]!r} and not {should_be.get(each)!r}"
            for each, values in found.items()
            if values[0] != should_be.get(each)
        ),
    ]
