"""Creation of the pipeline's topics, and the checks before a program uses them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import AuthorizationError, BrokerResponseError, TopicAlreadyExistsError, for_code

from streams.errors import TelexError
from streams.kafka.connections import admin
from streams.kafka.error_messages import one_line
from streams.records.codec import MAX_VALUE_BYTES
from streams.settings import MAX_WINDOW_H, Settings
from streams.stages import ALL_TOPICS, DEAD, ENRICHED, RAW, TABLES, TASKS, TOPICS
from streams.task import SequentialTask

# Most bytes of a record beside its value: key, headers, framing.
OVERHEAD_BYTES = 64 * 1024
# The codec of all of Telex's producers: see docs/decisions/0008-compressed-with-zstd.md.
COMPRESSION = "zstd"
# The broker sets the timestamps. With timestamps of the workers, Kafka would refuse the records of a worker whose clock
# is an hour ahead, and delete the records of a worker whose clock is a week behind.
_CONFIGS = {
    "max.message.bytes": str(MAX_VALUE_BYTES + OVERHEAD_BYTES),
    "message.timestamp.type": "LogAppendTime",
    # The broker keeps the producer's codec. If the topic named a codec, it would compress records with other codecs
    # again.
    "compression.type": "producer",
}
_NO_LIMIT = str(2**63 - 1)
# Kafka deletes records by their timestamps, and publishers set the timestamps of raw articles: Kafka would delete an
# archive of 1970 before anyone reads it. So the raw topic is limited by size, 1 GiB a partition (over a month of 50,000
# articles of 3 KB a day). Dead letters have the timestamp of their record, and stay until somebody deletes them.
_TOPIC_CONFIGS = {
    RAW: {"message.timestamp.type": "CreateTime", "retention.ms": "-1", "retention.bytes": str(2**30)},
    DEAD: {
        "message.timestamp.type": "CreateTime",
        "retention.ms": "-1",
        "max.message.bytes": str(2 * MAX_VALUE_BYTES),
        "message.timestamp.after.max.ms": _NO_LIMIT,
        "message.timestamp.before.max.ms": _NO_LIMIT,
    },
    **{table: {"cleanup.policy": "compact"} for table in TABLES},
}
# The state of a task: Kafka deletes records older than the longest window, and all but the last record of a key.
_STATE_CONFIGS = {
    "cleanup.policy": "compact,delete",
    "retention.ms": str((MAX_WINDOW_H + 24) * 3_600_000),
    "segment.ms": str(24 * 3_600_000),
}
_TASK_TARGETS = tuple(task.target for task in TASKS.values())
_TASK_STATES = tuple(task.state for task in TASKS.values())
# A worker reads these topics whole, in one order.
_IN_ONE_PARTITION = (*_TASK_STATES, *TABLES)


def create(settings: Settings) -> dict[str, str]:
    """Create the topics that are missing and check the others.

    Returns:
        Each topic's name with `created` or `exists`.

    Raises:
        TelexError: the cluster cannot be used, or the topics have different numbers of partitions.
    """
    with admin(settings) as client:
        existing = _partitions(client, settings, ALL_TOPICS)
        missing = {
            settings.topic(topic): {
                "num_partitions": _partitions_of_new(topic, existing, settings),
                "replication_factor": settings.replication_factor,
                "configs": {**_CONFIGS, **(_STATE_CONFIGS if topic in _TASK_STATES else _TOPIC_CONFIGS.get(topic, {}))},
            }
            for topic in ALL_TOPICS
            if settings.topic(topic) not in existing
        }
        if missing:
            try:
                client.create_topics(missing, wait_for_metadata=True)
            except TopicAlreadyExistsError:  # another Telex created them at the same moment
                client.wait_for_topics(list(missing))
            except AuthorizationError:
                raise
            except BrokerResponseError as error:
                raise TelexError(
                    f"The topics could not be created ({one_line(error)}): "
                    "check --partitions and --replication-factor against the cluster."
                ) from None
        _require_equal_partitions(_partitions(client, settings, (*TOPICS, *_TASK_TARGETS)), settings)
    return {settings.topic(topic): "created" if settings.topic(topic) in missing else "exists" for topic in ALL_TOPICS}


def _partitions_of_new(topic: str, existing: dict[str, int], settings: Settings) -> int:
    """One for a state or a table; for a topic beside the pipeline as many as its source has now."""
    if topic in _IN_ONE_PARTITION:
        return 1
    return settings.partitions if topic in TOPICS else existing.get(settings.topic(ENRICHED), settings.partitions)


def check(settings: Settings, needed: Sequence[str] = TOPICS, others: Sequence[str] = ()) -> dict[str, int]:
    """The number of partitions of each topic that exists, by its name with the prefix.

    The numbers may differ: administrators add partitions to one topic after the other.

    Args:
        settings: of the cluster.
        needed: the topics that have to exist, without prefix.
        others: topics that may be missing, without prefix.

    Raises:
        TelexError: a needed topic is missing, or the cluster does not answer.
    """
    with admin(settings) as client:
        return _require(needed, _partitions(client, settings, (*needed, *others)), settings)


def check_for(settings: Settings, task: SequentialTask) -> int:
    """The number of partitions of a task's source. Raises TelexError when its target cannot have as many records."""
    topics = (task.source, task.target, task.state, DEAD)
    with admin(settings) as client:
        found = _require(topics, _partitions(client, settings, topics), settings)
    source, target, state, _ = (settings.topic(topic) for topic in topics)
    if found[target] < found[source]:
        raise TelexError(
            f"{target} has {found[target]} partitions and {source} has {found[source]}: "
            "give both the same with kafka-topics.sh --alter --partitions."
        )
    if found[state] != 1:
        raise TelexError(
            f"{state} has {found[state]} partitions and should have one: delete it and run `telex topics`."
        )
    return found[source]


def topic_id(client: KafkaAdminClient, topic: str) -> str:
    """The id of a topic. A topic that is deleted and created again has another one.

    Args:
        client: a connection to the cluster.
        topic: the full name, with the prefix.
    """
    (description,) = client.describe_topics([topic])
    return str(description["topic_id"])


def record_limit(settings: Settings, topic: str) -> int | None:
    """The maximum size of a record in a topic, in bytes; None where the broker does not give it.

    Args:
        settings: of the cluster.
        topic: the full name, with the prefix.
    """
    try:
        with admin(settings) as client:
            configs = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
            return int(configs["topic"][topic]["max.message.bytes"]["value"])
    except (TelexError, LookupError, TypeError, ValueError):
        return None


def _partitions(client: KafkaAdminClient, settings: Settings, topics: Iterable[str]) -> dict[str, int]:
    described = client.describe_topics([settings.topic(topic) for topic in topics])
    for topic in described:
        error = for_code(topic["error_code"])
        if issubclass(error, AuthorizationError):
            raise error(topic["name"])
    return {topic["name"]: len(topic["partitions"]) for topic in described if topic["error_code"] == 0}


def _require(topics: Iterable[str], existing: dict[str, int], settings: Settings) -> dict[str, int]:
    missing = [settings.topic(topic) for topic in topics if settings.topic(topic) not in existing]
    if missing:
        raise TelexError(f"Topics are missing: {', '.join(missing)}. Create them with `telex topics`.")
    return existing


def _require_equal_partitions(existing: dict[str, int], settings: Settings) -> None:
    if len(set(_require(TOPICS, existing, settings).values())) > 1:
        counts = ", ".join(f"{topic} {count}" for topic, count in existing.items())
        raise TelexError(
            f"The topics have different numbers of partitions ({counts}): "
            "give all the same with kafka-topics.sh --alter --partitions."
        )
