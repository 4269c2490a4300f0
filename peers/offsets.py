"""End offsets and committed offsets of a pipeline: how far its stages are, whatever runs them."""

from __future__ import annotations

from kafka import KafkaConsumer, TopicPartition

from streams.settings import Settings
from streams.stages import STAGES
from tests.support.independent_reader import committed


class Offsets:
    """Asks the broker for the offsets of the topics and groups of one pipeline.

    Args:
        settings: where the broker is; the topics exist.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap_servers)

    def ends(self, topic: str) -> dict[int, int]:
        """The end offset of each partition of a topic."""
        name = self._settings.topic(topic)
        partitions = [TopicPartition(name, number) for number in range(self._settings.partitions)]
        return {partition.partition: end for partition, end in self._consumer.end_offsets(partitions).items()}

    def written(self, topic: str) -> int:
        """How many records were ever written to a topic."""
        return sum(self.ends(topic).values())

    def committed(self) -> dict[str, dict[int, int]]:
        """The committed offsets of each stage, by partition."""
        return {stage: committed(self._settings, stage) for stage in STAGES}

    def snapshot(self) -> dict[str, tuple[dict[int, int], dict[int, int]]]:
        """The end offsets of the topic that each stage reads, and the committed ones."""
        return {name: (self.ends(STAGES[name].source), offsets) for name, offsets in self.committed().items()}

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()
