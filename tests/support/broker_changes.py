"""Changes that tests make to a broker, its topics and the offsets of its groups."""

import os
import signal
from collections.abc import Iterable, Mapping

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import TopicAlreadyExistsError

from streams.kafka import consumer_groups
from streams.kafka.connections import admin
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import TOPICS
from tests.support.processes import wait_for


def kill_broker(broker: EmbeddedBroker) -> None:
    """`kill -9` the broker, and wait until it has ended."""
    assert broker.pid
    os.kill(broker.pid, signal.SIGKILL)
    wait_for(lambda: broker.poll() == -signal.SIGKILL, 5)


def configure_topic(settings: Settings, topic: str, configs: Mapping[str, str]) -> None:
    """Set configurations of a topic, by their names in Kafka."""
    with admin(settings) as client:
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, settings.topic_prefix + topic, dict(configs))])


def limit_record_size(settings: Settings, topic: str, size: int) -> None:
    """Set the largest size of a record in a topic, in bytes."""
    configure_topic(settings, topic, {"max.message.bytes": str(size)})


def add_partitions(settings: Settings, count: int, topics: Iterable[str] = TOPICS) -> None:
    """Raise the number of partitions to `count`, one topic after the other, as kafka-topics.sh does."""
    with admin(settings) as client:
        for topic in topics:
            client.create_partitions({settings.topic_prefix + topic: count})


def recreate_topic(settings: Settings, topic: str) -> None:
    """Delete a topic and create it again at once, with as many partitions as before."""
    name = settings.topic_prefix + topic
    with admin(settings) as client:
        count = len(client.describe_topics([name])[0]["partitions"])
        client.delete_topics([name])

        def created() -> bool:
            try:
                client.create_topics({name: {"num_partitions": count, "replication_factor": 1}}, wait_for_metadata=True)
            except TopicAlreadyExistsError:  # the broker has not deleted it yet
                return False
            return True

        wait_for(created, 10)


def delete_records(settings: Settings, topic: str, partition: int, before: int) -> None:
    """Delete a partition's records before an offset, as retention does."""
    with admin(settings) as client:
        client.delete_records({TopicPartition(settings.topic_prefix + topic, partition): before})


def set_offset(settings: Settings, group: str, topic: str, partition: int, offset: int) -> None:
    """Commit an offset for a group without members, as `kafka-consumer-groups.sh --reset-offsets` does."""
    with admin(settings) as client:
        consumer_groups.commit(
            client, settings.topic_prefix + group, {TopicPartition(settings.topic_prefix + topic, partition): offset}
        )
