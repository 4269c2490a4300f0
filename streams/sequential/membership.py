"""Which worker of a task is active: the member of its group that has the only partition of the state topic."""

from __future__ import annotations

from collections.abc import Mapping

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.util import Timer

from streams.kafka.connections import connection
from streams.kafka.group_member import end_joining, finish_rejoins
from streams.settings import Settings

# Milliseconds after which a killed worker is replaced, and between two signs of life.
SESSION_TIMEOUT_MS, HEARTBEAT_MS = 6_000, 1_500
# Milliseconds for leaving the group.
CLOSE_LIMIT_MS = 4_000


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """A worker's membership in the group of its task. Kafka gives the partition to another member when this one dies.

    The assignor is sticky: a worker that joins does not become active while there is an active one.

    Args:
        settings: of the cluster.
        group: the full name of the group.
        state_topic: the full name of the topic with one partition.
    """

    def __init__(self, settings: Settings, group: str, state_topic: str) -> None:
        self._consumer = KafkaConsumer(
            **connection(settings),
            group_id=group,
            partition_assignment_strategy=[StickyPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="latest",
            isolation_level="read_committed",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            allow_auto_create_topics=False,
        )
        finish_rejoins(self._consumer)
        self._consumer.subscribe([state_topic], listener=self)
        self._has_lost = False

    def poll(self, timeout_ms: int = 0) -> None:
        """Take part in the group. Call it every few seconds. Raises KafkaError when the cluster refuses."""
        self._consumer.poll(timeout_ms=timeout_ms)

    @property
    def is_active(self) -> bool:
        """Whether the group has given the partition to this worker."""
        return bool(self._consumer.assignment())

    @property
    def has_lost(self) -> bool:
        """Whether the last rebalance gave this worker no partition. One that was active has lost its place then."""
        return self._has_lost and not self.is_active

    def ends(self, partitions: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The ends of partitions; none while the broker does not know one of them yet.

        This connection has no other request that the broker may answer late.
        """
        try:
            ends: Mapping[TopicPartition, int] = self._consumer.end_offsets(partitions)
        except KeyError:
            # kafka-python 3.0.12 asks for no end of a partition that its metadata lacks, one that was just added, and
            # then does not find the answer. It asks for new metadata, so a later call succeeds.
            return {}
        return ends

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Do nothing: whether the partition comes back is known after the rebalance."""

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Read nothing here: `StateLog` reads the topic."""
        self._has_lost = not assigned
        self._consumer.pause(*assigned)

    def close(self) -> None:
        """Leave the group, so that another worker becomes active at once."""
        timer = Timer(CLOSE_LIMIT_MS)
        end_joining(self._consumer, timer.timeout_ms)
        self._consumer.close(timeout_ms=timer.timeout_ms)
