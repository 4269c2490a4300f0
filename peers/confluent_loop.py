"""A worker with confluent-kafka: one consumer, one producer, and a loop.

It follows the examples "Basic Producer" and "Basic Consumer" of the README of confluent-kafka-python,
https://github.com/confluentinc/confluent-kafka-python#usage, without the schema registry. All other settings are
defaults: no compression, a commit of the stored offsets every 5 s, a session of 45 s.
"""

import json
import sys

from confluent_kafka import Consumer, KafkaError, Message, Producer

from peers.task import load_task


def report(error: KafkaError | None, _: Message) -> None:
    """Say that a message was not delivered."""
    if error is not None:
        print(f"Delivery failed: {error}", file=sys.stderr)


def main() -> None:
    """Analyse articles until the process is killed."""
    task = load_task()
    producer = Producer({"bootstrap.servers": task.servers})
    consumer = Consumer({"bootstrap.servers": task.servers, "group.id": task.group, "auto.offset.reset": "earliest"})
    consumer.subscribe([task.source])
    while True:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            print(f"Consumer error: {message.error()}", file=sys.stderr)
            continue
        article = task.analyse(json.loads(message.value() or b""))
        producer.produce(task.target, key=message.key(), value=json.dumps(article).encode(), on_delivery=report)
        producer.poll(0)


if __name__ == "__main__":
    main()
