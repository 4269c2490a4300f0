"""An independent reader: kafka-python alone, nothing of Telex's own client."""

from contextlib import closing

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stages import DEAD
from tests.support.specifications import breaches, written_by_telex


def read(settings: Settings, topic: str) -> list[ConsumerRecord]:
    """Every record of a topic, by partition and offset.

    What Telex wrote there keeps to the specifications, or the test fails.
    """
    consumer = KafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers,
        isolation_level="read_committed",
        max_partition_fetch_bytes=8 * 2**20,
    )
    # Also when a broker goes away meanwhile: its thread would look for one for ever.
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
    if topic != DEAD:  # its records are those of others, and unchanged
        wrong = {
            record.offset: breaches(record.key, record.value, record.headers)
            for record in records
            if written_by_telex(record.headers)
        }
        assert not any(wrong.values()), {offset: what for offset, what in wrong.items() if what}
    return sorted(records, key=lambda record: (record.partition, record.offset))


def committed(settings: Settings, stage: str) -> dict[int, int]:
    """The committed offset of a stage's group, by partition."""
    group = f"{settings.topic_prefix}telex.{stage}"
    with admin(settings) as client:
        offsets = client.list_group_offsets({group: None})[group]
    return {partition.partition: offset.offset for partition, offset in offsets.items()}
