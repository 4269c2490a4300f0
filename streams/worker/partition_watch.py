"""Finds the partitions of a stage's source topic that no worker reads, and says why.

An operator can add partitions, and delete and re-create a topic, while workers run. In aiokafka 0.14.0 only the leader
of a group notices, which assigned the partitions. A static member that was the leader and comes back within its session
gets its old partitions from the broker without a rebalance. It does not know that it is the leader: from JoinGroup
version 9 on the broker tells it (KIP-814), but aiokafka uses version 5. So no member compares the assignment with the
topic's partitions, and new ones stay unassigned. Java's client had the same fault
(https://issues.apache.org/jira/browse/KAFKA-13435).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.protocol import ConsumerProtocol
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import DescribeGroupsRequest

from streams.kafka.topic_layout import layouts

logger = logging.getLogger(__name__)

# Seconds for one comparison. If the broker does not answer, the next comparison tries again.
COMPARISON_LIMIT_S = 10.0
# Number of comparisons with an incomplete assignment after which a member rejoins its group. It doubles with each
# rejoining, up to the maximum: the leader may be another program that never reacts, and after each rejoining the
# records in the buffers are fetched again.
COMPARISONS_BEFORE_REJOINING, MAX_COMPARISONS_BEFORE_REJOINING = 2, 128


class PartitionWatch:
    """Compares the partitions of a stage's topics with the assignment of its group, for one member of the group.

    Args:
        source: the topic that the group reads, with its prefix.
        targets: the topics that the stage writes, each record to the partition of the same number.

    Attributes:
        held: partitions of the source that must not be read yet. A stage writes a record to the partition of the same
            number, and a target has no such partition.
        unassigned: partitions of the source that the group has assigned to no member.
        unread: the number of waiting records in each held or unassigned partition.
        trouble: the reason why no worker reads some partitions, in one line; None when every partition is read.
        recreations: the number of times that the source topic was deleted and re-created while this worker ran.
    """

    def __init__(self, source: str, targets: Collection[str]) -> None:
        self._source, self._targets = source, targets
        self._ids: set[UUID] = set()
        self._comparisons_without_topic = self._incomplete_comparisons = 0
        self._comparisons_before_rejoining = COMPARISONS_BEFORE_REJOINING
        self._complete: tuple[int, int] | None = None
        self._smallest, self._held_here = (0, ""), list[int]()
        self.held: frozenset[int] = frozenset()
        self.unassigned: frozenset[int] = frozenset()
        self.unread: dict[int, int] = {}
        self.trouble: str | None = None
        self.recreations = 0

    async def compare(self, consumer: AIOKafkaConsumer) -> None:
        """Compare the topics and the group once.

        When the broker does not answer or does not allow it, nothing changes.
        """
        try:
            async with asyncio.timeout(COMPARISON_LIMIT_S):
                partitions = await self._compare_topics(consumer)
                if partitions:
                    await self._compare_group(consumer, partitions)
                await self._count(consumer)
        except (KafkaError, TimeoutError, NotImplementedError) as error:
            logger.debug("The partitions of %s cannot be compared: %r", self._source, error)
        self._judge()

    async def find_held(self, consumer: AIOKafkaConsumer) -> None:
        """Find the held partitions, before the first record of a new assignment is taken."""
        try:
            async with asyncio.timeout(COMPARISON_LIMIT_S):
                await self._compare_topics(consumer)
        except (KafkaError, TimeoutError, NotImplementedError) as error:
            logger.debug("The partitions of %s cannot be compared: %r", self._source, error)

    async def _compare_topics(self, consumer: AIOKafkaConsumer) -> int:
        """Compare the source with the targets.

        Returns the number of the source's partitions, and 0 without the topic.
        """
        targets = await layouts(consumer._client, [self._source, *self._targets])
        source = targets.pop(self._source, None)
        # In a cluster, a broker may know less than another one for a moment, so one comparison without the topic
        # proves nothing.
        self._comparisons_without_topic = 0 if source else self._comparisons_without_topic + 1
        if source is None:
            self.held = self.unassigned = frozenset()
            return 0
        if self._ids and source.id not in self._ids:
            self.recreations += 1
            logger.warning("The topic %s was deleted and created again: it is read from its beginning.", self._source)
        self._ids.add(source.id)
        # A member that assigns the partitions rejoins its group as soon as its client knows of others.
        if len(consumer._client.cluster.partitions_for_topic(self._source) or ()) != source.partitions:
            await consumer._client.force_metadata_update()
        # A missing target is not handled here: sending to it fails after DELIVERY_LIMIT_S, and the runtime reports
        # that.
        self._smallest = min(
            ((layout.partitions, topic) for topic, layout in targets.items()), default=(source.partitions, "")
        )
        self.held = frozenset(range(self._smallest[0], source.partitions))
        self._held_here = sorted(tp.partition for tp in consumer.assignment() if tp.partition in self.held)
        return source.partitions

    async def _compare_group(self, consumer: AIOKafkaConsumer, partitions: int) -> None:
        """Rejoin the group when its assignment does not fit the topic and no member has noticed for some comparisons.

        When the broker takes this member for the leader, a rebalance follows. Otherwise the assignment stays as it is,
        and the records in the buffers are fetched again.
        """
        # The consumer itself shows neither the generation of its group nor a way to rejoin it.
        coordinator = consumer._coordinator
        existing = frozenset(range(partitions))
        own = {tp.partition for tp in consumer.assignment() if tp.topic == self._source}
        state = coordinator.generation, partitions
        if own == existing or state == self._complete:
            self.unassigned = frozenset()
            self._forget_incomplete()
            return
        assigned = await self._assigned(consumer)
        if assigned is None:  # the group is rebalancing
            return
        self.unassigned = existing - assigned
        if assigned == existing:
            self._complete = state
            self._forget_incomplete()
            return
        self._incomplete_comparisons += 1
        if self._incomplete_comparisons == self._comparisons_before_rejoining:
            self._incomplete_comparisons = 0
            self._comparisons_before_rejoining = min(
                2 * self._comparisons_before_rejoining, MAX_COMPARISONS_BEFORE_REJOINING
            )
            logger.warning(
                "The group's assignment does not fit the %d partitions of %s: this worker rejoins it.",
                partitions,
                self._source,
            )
            coordinator.request_rejoin()

    def _forget_incomplete(self) -> None:
        self._incomplete_comparisons, self._comparisons_before_rejoining = 0, COMPARISONS_BEFORE_REJOINING

    async def _assigned(self, consumer: AIOKafkaConsumer) -> frozenset[int] | None:
        """The partitions of the source that are assigned to a member of the group; None during a rebalance."""
        coordinator = consumer._coordinator
        response = await coordinator._send_req(DescribeGroupsRequest([coordinator.group_id]))
        ((_, _, state, _, _, members, *_),) = response.groups
        if state != "Stable":
            return None
        return frozenset(
            tp.partition
            for *_, assignment in members
            if assignment
            for tp in ConsumerProtocol.ASSIGNMENT.decode(assignment).partitions()
            if tp.topic == self._source
        )

    async def _count(self, consumer: AIOKafkaConsumer) -> None:
        own = {tp.partition for tp in consumer.assignment()}
        tps = [TopicPartition(self._source, partition) for partition in sorted(self.unassigned | (self.held & own))]
        if not tps:
            self.unread = {}
            return
        begin, end = await consumer.beginning_offsets(tps), await consumer.end_offsets(tps)
        # One request for all partitions; the consumer's own `committed` sends one for each.
        committed = await consumer._coordinator.fetch_committed_offsets(tps)
        done = {tp: max(begin[tp], committed[tp].offset if tp in committed else 0) for tp in tps}
        self.unread = {tp.partition: max(0, end[tp] - done[tp]) for tp in tps}

    def _judge(self) -> None:
        """Find the trouble. Trouble that needs an operator is logged once, until it is over."""
        logged, self.trouble = self.trouble, None
        if self._comparisons_without_topic > 1:
            self.trouble = (
                f"There is no topic {self._source} any more: create it with `telex topics`, and this worker goes on."
            )
        elif self._held_here:
            partitions, topic = self._smallest
            self.trouble = (
                f"{_subject(self._held_here, self._source)} not read yet, as {topic} has only {partitions} partitions: "
                "give all topics the same number with kafka-topics.sh --alter --partitions."
            )
        if self.trouble and self.trouble != logged:
            logger.warning("%s", self.trouble)
        if self.unassigned and not self.trouble:  # usually for a second, until the leader assigns them
            self.trouble = f"{_subject(sorted(self.unassigned), self._source)} assigned to nobody"


def _subject(partitions: Sequence[int], topic: str) -> str:
    if len(partitions) == 1:
        return f"Partition {partitions[0]} of {topic} is"
    return f"Partitions {', '.join(map(str, partitions))} of {topic} are"
