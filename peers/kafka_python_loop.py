"""A worker with kafka-python: one consumer, one producer, and a loop.

It follows the README of kafka-python, https://pypi.org/project/kafka-python/: the consumer in a group, the producer
with a key, and `JsonSerializer` for both. All settings are defaults: no compression, a commit of the consumer's
position every 5 s, a session of 45 s.
"""

from kafka import JsonSerializer, KafkaConsumer, KafkaProducer

from peers.task import load_task


def main() -> None:
    """Analyse articles until the process is killed."""
    task = load_task()
    consumer = KafkaConsumer(
        task.source, group_id=task.group, bootstrap_servers=task.servers, value_deserializer=JsonSerializer()
    )
    producer = KafkaProducer(bootstrap_servers=task.servers, value_serializer=JsonSerializer())
    for message in consumer:
        producer.send(task.target, key=message.key, value=task.analyse(message.value))


if __name__ == "__main__":
    main()
