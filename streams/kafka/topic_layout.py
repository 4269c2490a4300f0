"""The current id and number of partitions of each topic."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import TopicAuthorizationFailedError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

NO_ID = bytes(16)


class TopicLayout(NamedTuple):
    """A topic's id and number of partitions. A topic that is deleted and created again gets another id."""

    id: UUID
    partitions: int


class _Uuid:
    """A UUID on the wire: 16 bytes. aiokafka 0.14.0 has no type for it."""

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: Any) -> bytes:
        return bytes(data.read(16))

    @classmethod
    def repr(cls, value: bytes) -> str:
        return str(UUID(bytes=value))


# aiokafka 0.14.0 requests metadata of version 5 at most. Topic ids came with version 10 (KIP-516); Kafka 3.1 has
# version 12. The fields: https://kafka.apache.org/protocol.html#The_Messages_Metadata
class _Response(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString()),
                ("port", Int32),
                ("rack", CompactString()),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString()),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _Struct(RequestStruct):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 12
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _Response
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", CompactString()), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _Request(Request[_Struct]):  # type: ignore[misc]
    API_KEY: ClassVar[int] = 3

    def __init__(self, topics: Iterable[str]) -> None:
        self._topics: list[tuple[bytes, str, dict[int, bytes]]] = [(NO_ID, topic, {}) for topic in topics]

    def build(self, request_struct_class: type[_Struct]) -> _Struct:
        return request_struct_class(self._topics, False, False, {})


async def layouts(client: AIOKafkaClient, topics: Iterable[str]) -> dict[str, TopicLayout]:
    """The layout of each topic that exists.

    Raises:
        KafkaError: the cluster does not answer, or does not allow it.
        NotImplementedError: the broker is older than Kafka 3.1.
    """
    response = await client.send(client.get_random_node(), _Request(topics))
    existing = {}
    for code, name, identity, _, partitions, *_ in response.topics:
        error = for_code(code)
        if issubclass(error, TopicAuthorizationFailedError):
            raise error(name)
        # A new topic without a leader has an error code too, but it exists.
        if not issubclass(error, UnknownTopicOrPartitionError) and partitions:
            existing[name] = TopicLayout(UUID(bytes=identity), len(partitions))
    return existing
