"""A consumer group with members of another program: Telex reports that in one line, and not that there is no Kafka."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from confluent_kafka import Consumer

from streams.settings import Settings
from streams.stages import ENRICHED, RAW
from tests.support.processes import telex, wait_for


@contextmanager
def member(settings: Settings, group: str, topic: str, **protocol: str) -> Iterator[None]:
    """A member that uses librdkafka. It has joined the group and has partitions."""
    brokers = {"bootstrap.servers": settings.bootstrap_servers, "group.id": settings.topic_prefix + group}
    with closing(
        Consumer({**brokers, **{name.replace("_", "."): value for name, value in protocol.items()}})
    ) as consumer:
        consumer.subscribe([settings.topic_prefix + topic])
        wait_for(lambda: consumer.poll(0.2) or consumer.assignment(), 30)
        yield


FOREIGN = pytest.mark.parametrize(
    ("protocol", "named"),
    [
        ({"partition_assignment_strategy": "cooperative-sticky"}, "cooperative-sticky"),
        ({"group_protocol": "consumer"}, "'consumer'"),
    ],
    ids=["another assignor", "another protocol"],
)


@FOREIGN
def test_a_worker_names_the_group_that_another_program_has_joined(
    pipeline: Settings, protocol: dict[str, str], named: str
) -> None:
    with member(pipeline, "telex.language", RAW, **protocol):
        done = telex(pipeline, "worker", "language", TELEX_WEB_PORT="0")
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if "members of another program" in line]
    assert f"{pipeline.topic_prefix}telex.language" in line
    assert named in line
    assert "No Kafka" not in done.stderr


def test_a_subscriber_reports_that_another_program_has_joined_its_group(pipeline: Settings) -> None:
    with member(pipeline, "desk", ENRICHED, partition_assignment_strategy="cooperative-sticky"):
        done = telex(pipeline, "subscribe", "--group", "desk", "--timeout", "20")
    assert done.returncode == 1
    assert "members of another program" in done.stderr
    assert "No Kafka" not in done.stderr
