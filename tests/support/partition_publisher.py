"""A publisher that chooses the partition of each article and uses kafka-python alone."""

import json
from itertools import count

from kafka import KafkaProducer

from streams.settings import Settings
from streams.stages import RAW
from tests.support.processes import wait_for

TEXT = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres."


class PartitionPublisher:
    """Publishes articles to the partitions of one topic.

    Attributes:
        published: the ids of all published articles.
    """

    def __init__(self, settings: Settings, topic: str = RAW) -> None:
        self._topic, self._numbers = settings.topic_prefix + topic, count()
        self._producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers, metadata_max_age_ms=200)
        self.published: set[str] = set()

    def publish(self, *partitions: int) -> list[str]:
        """Publish one article to each partition. Returns their ids when the broker has them."""
        ids = [f"a{next(self._numbers)}-{partition}" for partition in partitions]
        for identifier, partition in zip(ids, partitions, strict=True):
            self._wait_for_partition(partition)
            value = json.dumps({"id": identifier, "text": TEXT}).encode()
            self._producer.send(self._topic, value, identifier.encode(), partition=partition)
        self._producer.flush(10)
        self.published |= set(ids)
        return ids

    def _wait_for_partition(self, partition: int) -> None:
        wait_for(lambda: partition in self._producer.partitions_for(self._topic), 10)

    def close(self) -> None:
        self._producer.close(timeout=5)
