"""Consumer groups seen from outside: what they have committed, how many members they have."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from kafka import KafkaAdminClient, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, NoError

# A new broker makes the topic of the committed offsets when the first group is asked for, in about a second, and until then
# answers that it has no coordinator; the admin client does not ask again by itself.
COORDINATOR_LIMIT_S, COORDINATOR_RETRY_S = 10.0, 0.2

Offsets = dict[TopicPartition, int]
T = TypeVar("T")


def committed(client: KafkaAdminClient, groups: Iterable[str]) -> dict[str, Offsets]:
    """The committed offsets of each group, by partition; none for a group that does not exist.

    Raises:
        KafkaError: the cluster does not answer, or does not allow it.
    """
    found = _patiently(lambda: client.list_group_offsets(dict.fromkeys(groups)))
    return {
        group: {tp: said.offset for tp, said in offsets.items() if said.offset >= 0} for group, offsets in found.items()
    }


def commit(client: KafkaAdminClient, group: str, offsets: Mapping[TopicPartition, int]) -> None:
    """Commit offsets for a group that has no members.

    Raises:
        KafkaError: they were not committed.
    """

    def attempt() -> None:
        answers = client.alter_group_offsets(
            group, {tp: OffsetAndMetadata(offset, "", -1) for tp, offset in offsets.items()}
        )
        for tp, error in answers.items():
            if error is not NoError:
                raise error(f"{group} could not commit {tp.topic}, partition {tp.partition}")

    _patiently(attempt)


def members(client: KafkaAdminClient, groups: Iterable[str]) -> dict[str, int | None]:
    """How many members each group has: 0 for a group that does not exist, None where the broker did not say.

    Raises:
        KafkaError: the cluster does not answer.
    """
    found = _patiently(lambda: client.describe_groups(list(groups)))
    return {group: _count(said["error"], len(said["members"])) for group, said in found.items()}


def is_left(client: KafkaAdminClient, group: str) -> bool:
    """Whether the broker knows the group and nobody is in it. Raises KafkaError when the cluster does not answer."""
    said = _patiently(lambda: client.describe_groups([group]))[group]
    return not said["error"] and bool(said["group_state"] == "Empty")


def foreign_protocol(client: KafkaAdminClient, group: str, assignor: str) -> str | None:
    """How the members of a group share its partitions, if that is not by `assignor`; None where it is, or where there are none.

    Raises:
        KafkaError: the cluster does not answer.
    """
    said = _patiently(lambda: client.describe_groups([group]))[group]
    # What a broker answers for the groups of KIP-848, share groups and those of Kafka Streams.
    if "not a classic group" in (said["error"] or ""):
        listed = [
            found for found in client.list_groups() if found["group_id"] == group and found["group_state"] != "Empty"
        ]
        return f"by the protocol {listed[0]['group_type']!r}" if listed else None
    if not said["members"] or said["protocol_data"] in ("", assignor):
        return None
    return f"by {said['protocol_type']} / {said['protocol_data']}"


def _count(error: str | None, count: int) -> int | None:
    return None if error and "GroupIdNotFoundError" not in error else count


def _patiently(call: Callable[[], T]) -> T:
    deadline = time.monotonic() + COORDINATOR_LIMIT_S
    while True:
        try:
            return call()
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise
            time.sleep(COORDINATOR_RETRY_S)
