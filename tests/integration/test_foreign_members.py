"""A consumer group that another program is in: who comes second is told so in one line."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Consumer
from processes import WorkerProcess, environment, wait_for

from streams.errors import TelexError
from streams.settings import Settings
from streams.subscriber import Subscriber

OTHER_ASSIGNOR = {"partition.assignment.strategy": "cooperative-sticky"}
JOIN_LIMIT_S = 30.0


@contextmanager
def member(settings: Settings, group: str, topic: str, how: dict[str, str]) -> Iterator[None]:
    """A consumer of librdkafka that has joined the group and has partitions."""
    consumer = Consumer({"bootstrap.servers": settings.bootstrap_servers, "group.id": group, "auto.offset.reset": "earliest", **how})
    try:
        consumer.subscribe([topic])
        deadline = time.monotonic() + JOIN_LIMIT_S
        while not consumer.assignment():
            assert time.monotonic() < deadline, "the foreign member did not join"
            consumer.poll(0.1)
        yield
    finally:
        consumer.close()


def test_a_subscriber_in_the_group_of_another_program_says_so(road: Settings) -> None:
    group, topic = f"{road.topic_prefix}desk", f"{road.topic_prefix}articles.enriched"
    with (
        member(road, group, topic, OTHER_ASSIGNOR),
        pytest.raises(TelexError, match=r"has members of another program.+own, or stop the others"),
        Subscriber(road, group="desk", timeout_s=20) as subscriber,
    ):
        list(subscriber)


def test_a_worker_in_the_group_of_another_program_says_so(road: Settings) -> None:
    group, topic = f"{road.topic_prefix}telex.language", f"{road.topic_prefix}articles.raw"
    with member(road, group, topic, OTHER_ASSIGNOR), WorkerProcess(road, "language", environment(road)) as worker:
        wait_for(lambda: worker.process.poll() is not None, 60, lambda: worker.log.read_text())
        assert worker.process.returncode == 1
        assert "has members of another program" in worker.log.read_text().splitlines()[-1]
