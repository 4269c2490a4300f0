"""A consumer's membership in its group, where kafka-python 3.0.12 begins something and does not finish it."""

from __future__ import annotations

from contextlib import suppress

from kafka import KafkaConsumer
from kafka.coordinator.consumer import ConsumerCoordinator
from kafka.errors import KafkaError
from kafka.structs import MemberState


def finish_rejoins(consumer: KafkaConsumer) -> None:
    """Make each rejoin that this consumer begins count as needed until it is finished.

    The leader of a group rejoins when the partitions of its topic change. `ConsumerCoordinator.need_rejoin` compares
    the partitions with those of the last assignment, which the rejoin itself replaces. If a poll ends between that
    moment and the answer to SyncGroup, no later poll finishes the rejoin: the member keeps its old partitions (none, if
    it has just started), commits nothing and sends no heartbeats. The Java client had a similar fault (KAFKA-9815,
    https://github.com/apache/kafka/pull/8420). A test in `tests/unit/test_replacements_of_kafka_python.py` says when
    this function can go.
    """
    coordinator = consumer._coordinator
    begins_rejoin = coordinator.need_rejoin
    coordinator.need_rejoin = lambda: coordinator.rejoining or begins_rejoin()


def end_joining(consumer: KafkaConsumer, limit_ms: float) -> None:
    """Let a consumer join no more, so that `close` can leave the group at once, also while the consumer joins it.

    kafka-python sends no LeaveGroup between the first JoinGroup, whose answer gives a new member its id, and the second
    one. The next rebalance then waits for this member until its session times out. The Java client has had that fault
    too (KAFKA-17116, https://github.com/apache/kafka/pull/16649). Later kafka-python sends LeaveGroup over the
    connection of the JoinGroup. Kafka reads no further request from there before it answers JoinGroup, and it answers
    when all other members have joined again.

    Args:
        consumer: a consumer that is not polled any more, or already closed.
        limit_ms: milliseconds that the broker may take.
    """
    if not consumer._closed:
        consumer._coordinator._net.run(_end_joining, consumer._coordinator, limit_ms)


async def _end_joining(coordinator: ConsumerCoordinator, limit_ms: float) -> None:
    # A poll that Ctrl-C has interrupted goes on in the thread of kafka-python, where this runs too.
    coordinator.need_rejoin = lambda: False
    if coordinator.stable() or coordinator.coordinator_unknown():
        return
    if coordinator._join_task and not coordinator._generation.has_member_id():
        with suppress(KafkaError):
            await coordinator._manager.wait_for(coordinator._join_task, limit_ms)
    if coordinator._generation.has_member_id():
        coordinator.state = MemberState.REBALANCING  # in the state UNJOINED it sends no LeaveGroup
        coordinator.coordinator_id = int(coordinator.coordinator_id.removeprefix("coordinator-"))
