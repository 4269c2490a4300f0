"""A reader of topics and committed offsets that uses kafka-python alone, and none of Telex's own clients."""

from contextlib import closing

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stages import DEAD
from tests.support.specifications import breaches, written_by_telex


class SpecificationBreachError(AssertionError):
    """A record that Telex wrote breaks a rule of `tests.support.specifications`."""


def read(settings: Settings, topic: str) -> list[ConsumerRecord]:
    """Every record of a topic, ordered by partition and offset.

    Raises SpecificationBreachError, which fails a test, if a record that Telex wrote breaks one of the specifications.
    """
    consumer = KafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers,
        isolation_level="read_committed",
        max_partition_fetch_bytes=8 * 2**20,
    )
    # Also when a broker ends meanwhile: the consumer's thread would try to reach one for ever.
    with closing(consumer):
        name = settings.topic_prefix + topic
        partitions = [TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name) or ())]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        records = []
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for found in consumer.poll(timeout_ms=200).values():
                records += found
    if topic != DEAD:  # dead letters are unchanged records of publishers
        wrong = {
            record.offset: breaches(record.key, record.value, record.headers)
            for record in records
            if written_by_telex(record.headers)
        }
        if any(wrong.values()):
            raise SpecificationBreachError(str({offset: found for offset, found in wrong.items() if found}))
    return sorted(records, key=lambda record: (record.partition, record.offset))


def end_offset_sum(settings: Settings, topic: str) -> int:
    """The sum of the end offsets of a topic's partitions: how many records were ever written to it."""
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap_servers)
    name = settings.topic_prefix + topic
    with closing(consumer):
        partitions = [TopicPartition(name, number) for number in consumer.partitions_for_topic(name) or ()]
        return sum(consumer.end_offsets(partitions).values())


def committed(settings: Settings, stage: str) -> dict[int, int]:
    """The committed offsets of a stage's group, by partition."""
    group = f"{settings.topic_prefix}telex.{stage}"
    with admin(settings) as client:
        offsets = client.list_group_offsets({group: None})[group]
    return {partition.partition: offset.offset for partition, offset in offsets.items()}
