"""Consumer groups from outside: their committed offsets, members and protocols."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from kafka import KafkaAdminClient, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, NoError

# A new broker creates the topic of the committed offsets at the first request for a group, in about a second. Until
# then it answers that it has no coordinator, and the admin client does not try again by itself.
COORDINATOR_LIMIT_S, COORDINATOR_RETRY_S = 10.0, 0.2

Offsets = dict[TopicPartition, int]
T = TypeVar("T")


def committed(client: KafkaAdminClient, groups: Iterable[str]) -> dict[str, Offsets]:
    """The committed offsets of each group, by partition; an empty dictionary for a group that does not exist.

    Raises:
        KafkaError: the cluster does not answer, or does not allow it.
    """
    listed = _with_retries(lambda: client.list_group_offsets(dict.fromkeys(groups)))
    return {
        group: {tp: metadata.offset for tp, metadata in offsets.items() if metadata.offset >= 0}
        for group, offsets in listed.items()
    }


def commit(client: KafkaAdminClient, group: str, offsets: Mapping[TopicPartition, int]) -> None:
    """Commit offsets for a group that has no members.

    Raises:
        KafkaError: the offsets were not committed.
    """

    def attempt() -> None:
        errors = client.alter_group_offsets(
            group, {tp: OffsetAndMetadata(offset, "", -1) for tp, offset in offsets.items()}
        )
        for tp, error in errors.items():
            if error is not NoError:
                raise error(f"{group} could not commit {tp.topic}, partition {tp.partition}")

    _with_retries(attempt)


def members(client: KafkaAdminClient, groups: Iterable[str]) -> dict[str, int | None]:
    """The number of members of each group: 0 for a group that does not exist, None where the broker gave no answer.

    Raises:
        KafkaError: the cluster does not answer.
    """
    descriptions = _with_retries(lambda: client.describe_groups(list(groups)))
    return {
        group: _member_count(description["error"], len(description["members"]))
        for group, description in descriptions.items()
    }


def is_empty(client: KafkaAdminClient, group: str) -> bool:
    """Whether the group exists and has no members. Raises KafkaError when the cluster does not answer."""
    description = _with_retries(lambda: client.describe_groups([group]))[group]
    return not description["error"] and bool(description["group_state"] == "Empty")


def foreign_protocol(client: KafkaAdminClient, group: str, assignor: str) -> str | None:
    """A phrase on the protocol by which a group shares its partitions; None for `assignor` and for an empty group.

    Raises:
        KafkaError: the cluster does not answer.
    """
    description = _with_retries(lambda: client.describe_groups([group]))[group]
    # A broker's answer for groups of KIP-848, for share groups and for groups of Kafka Streams.
    if "not a classic group" in (description["error"] or ""):
        listed = [
            listing
            for listing in client.list_groups()
            if listing["group_id"] == group and listing["group_state"] != "Empty"
        ]
        return f"by the protocol {listed[0]['group_type']!r}" if listed else None
    if not description["members"] or description["protocol_data"] in ("", assignor):
        return None
    return f"by {description['protocol_type']} / {description['protocol_data']}"


def _member_count(error: str | None, count: int) -> int | None:
    return None if error and "GroupIdNotFoundError" not in error else count


def _with_retries(call: Callable[[], T]) -> T:
    deadline = time.monotonic() + COORDINATOR_LIMIT_S
    while True:
        try:
            return call()
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise
            time.sleep(COORDINATOR_RETRY_S)
