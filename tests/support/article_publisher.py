"""A publisher of articles and arbitrary records that uses kafka-python alone, with or without a steady load."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Self

from kafka import KafkaProducer

from streams.settings import Settings
from tests.support.steady_load import SteadyLoad

SEEDS = Path(__file__).parents[2] / "seeds"
# The texts of the articles: real paragraphs, but short, so that the load falls on the pipeline and not on the models
# alone.
TEXTS = [
    paragraph
    for name in (
        "notre-dame-reouverture",
        "mayotte-chido",
        "lagarde-rates",
        "baltimore-bridge",
        "siku-ya-kiswahili",
        "tusk-premier",
    )
    for paragraph in (SEEDS / f"{name}.txt").read_text().split("\n\n")
    if len(paragraph) > 100
]


class ArticlePublisher:
    """Publishes records to one topic and counts them.

    Attributes:
        published: the number of records that were published.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        self.settings = settings
        self.published = 0
        self._topic = settings.topic_prefix + topic
        self._producer: KafkaProducer | None = None
        self._numbers = itertools.count()
        self._load = SteadyLoad(self.publish_article)

    def publish(
        self,
        value: bytes | None,
        key: bytes | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> None:
        """Publish a record of any bytes."""
        if not self._producer:
            servers = self.settings.bootstrap_servers
            self._producer = KafkaProducer(
                bootstrap_servers=servers, acks="all", linger_ms=5, max_request_size=8 * 2**20
            )
        self._producer.send(self._topic, key=key, value=value, partition=partition, timestamp_ms=timestamp_ms)
        self.published += 1

    def publish_article(self, text: str | None = None, **fields: object) -> bytes:
        """Publish an article under a new id, to each partition in turn. Returns the id."""
        number = next(self._numbers)
        identifier = f"a{number:06}"
        record = {"id": identifier, "text": text or TEXTS[number % len(TEXTS)], **fields}
        self.publish(json.dumps(record).encode(), identifier.encode(), number % self.settings.partitions)
        return identifier.encode()

    def start_load(self, rate: float) -> Self:
        """Publish `rate` articles a second until `end_load`, in a thread."""
        self._load.start(rate)
        return self

    def end_load(self) -> None:
        """End the load, and wait until the broker has every record."""
        self._load.end()
        self.close_producer()

    def close_producer(self) -> None:
        """Wait until the broker has every record, and disconnect until the next one."""
        producer, self._producer = self._producer, None
        if producer:
            producer.flush(120)  # kafka-python takes a tenth of a second for a megabyte
            producer.close(timeout=5)
