"""The faults of kafka-python that Telex replaces parts for, shown on kafka-python's own, unchanged parts.

Each test says which replacement can go when the test fails, because kafka-python then does without it.
`test_damaged_batches.py` and `test_snappy.py` have those of the formats.
"""

from __future__ import annotations

import gc
import json
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaConnectionError, KafkaTimeoutError, NoOffsetForPartitionError
from kafka.net.selector import NetworkSelector
from kafka.net.transport import KafkaTCPTransport
from kafka.protocol.metadata import MetadataResponse

from streams.kafka.connections import _Tcp
from streams.kafka.group_member import finish_rejoins

A = TopicPartition("articles", 0)
# With a version the clients do not ask a broker for its version, so they can be made without a broker.
WITHOUT_BROKER = {"bootstrap_servers": "127.0.0.1:1", "api_version": (2, 6)}

# A process of its own, because kafka-python leaves threads and sockets behind. The server answers in plain text.
FAILED_HANDSHAKE = """
import gc, json, socket, sys, threading, warnings
from kafka import KafkaConsumer
from kafka.errors import KafkaError
from streams.kafka.connections import client

accepted = []
listener = socket.create_server(("127.0.0.1", 0))

def serve():
    while True:
        accepted.append(listener.accept()[0])
        accepted[-1].sendall(b"no TLS here")

threading.Thread(target=serve, daemon=True).start()
options = {"kafka_client": client} if sys.argv[1] == "telex" else {}
with warnings.catch_warnings(record=True) as raised:
    warnings.simplefilter("always")
    try:
        KafkaConsumer(
            bootstrap_servers=f"127.0.0.1:{listener.getsockname()[1]}",
            security_protocol="SSL",
            bootstrap_timeout_ms=1000,
            **options,
        )
    except KafkaError as error:
        name = type(error).__name__
    gc.collect()
print(json.dumps({
    "error": name,
    "attempts": len(accepted),
    "threads": sum(thread.name.startswith("kafka-io") for thread in threading.enumerate()),
    "open_sockets": sum("unclosed <ssl.SSLSocket" in str(each.message) for each in raised),
}))
"""


def after_failed_handshakes(whose: str) -> Any:
    command = [sys.executable, "-c", FAILED_HANDSHAKE, whose]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


@pytest.fixture(autouse=True)
def unclosed_sockets() -> Iterator[None]:
    """Lets Python close the sockets of attempts to connect, which kafka-python leaves open."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def test_a_failure_that_stays_is_tried_until_the_time_is_up_and_its_reason_is_lost() -> None:
    """When this test fails, `get_connection`, `maybe_raise_auth_failure` and `_remember` of `_Connections` can go.

    So can `_Connections.bootstrap` when no thread is left, and `_build_transport` when no socket is.
    """
    own, telex = after_failed_handshakes("kafka-python"), after_failed_handshakes("telex")
    assert (own["error"], telex["error"]) == (KafkaTimeoutError.__name__, KafkaConnectionError.__name__)
    assert own["attempts"] > telex["attempts"] == 1
    assert (own["threads"], telex["threads"]) == (1, 0)
    assert own["open_sockets"] > telex["open_sockets"] == 0


class Answers:
    """What a transport hands on."""

    _sensors = None

    def __init__(self) -> None:
        self.received = b""
        self.error: Exception | None = None

    def data_received(self, data: bytes) -> None:
        self.received += data

    def connection_lost(self, error: Exception | None) -> None:
        self.error = error


@pytest.mark.parametrize(("transport", "received"), [(KafkaTCPTransport, b""), (_Tcp, b"refused")])
def test_an_answer_with_the_end_of_the_connection_is_dropped(transport: Any, received: bytes) -> None:
    """When this test fails for kafka-python's transport, `connections._KeepsLastAnswer` can go."""
    net, (here, there) = NetworkSelector(), socket.socketpair()
    here.setblocking(False)
    answers, reading = Answers(), transport(net, here)
    reading.set_protocol(answers)
    reading.resume_reading()
    there.sendall(b"refused")
    there.close()
    deadline = time.monotonic() + 10
    while answers.error is None and time.monotonic() < deadline:
        net.poll(timeout_ms=10)
    net.close()
    assert isinstance(answers.error, KafkaConnectionError)
    assert answers.received == received


@contextmanager
def consumer(**options: Any) -> Iterator[KafkaConsumer]:
    made = KafkaConsumer(**WITHOUT_BROKER, **options)
    try:
        yield made
    finally:
        made.close()


def test_a_question_for_an_unknown_topic_asks_for_all_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    """When this test fails, `SubscribedTopic._check_topic` can call `KafkaConsumer.partitions_for_topic`."""
    with consumer() as asking:
        asked = []
        monkeypatch.setattr(asking, "_fetch_all_topic_metadata", lambda: asked.append(1))
        asking.partitions_for_topic("articles")
        assert asked == [1]


def test_a_question_for_an_unknown_position_raises() -> None:
    """When this test fails, `client.finished_offsets` can ask `KafkaConsumer.position` for the positions."""
    with consumer(auto_offset_reset="none") as asking:
        asking.assign([A])
        with pytest.raises(NoOffsetForPartitionError):
            asking.position(A, timeout_ms=0)
        assert asking._subscription.all_consumed_offsets() == {}


def test_a_rejoin_whose_partitions_are_assigned_is_not_finished_by_the_next_poll() -> None:
    """When this test fails, `group_member.finish_rejoins` can go."""
    with consumer(group_id="desk") as member:
        member.subscribe([A.topic])
        coordinator = member._coordinator
        coordinator.rejoin_needed, coordinator._joined_subscription = False, {A.topic}
        assert not coordinator.need_rejoin()
        coordinator._assignment_snapshot, coordinator._metadata_snapshot = {A.topic: {0}}, {A.topic: {0, 1}}
        assert coordinator.need_rejoin()
        coordinator.rejoining = True  # as `join_group_async` does before it sends JoinGroup
        coordinator._assignment_snapshot = coordinator._metadata_snapshot  # as `_perform_assignment` does
        assert not coordinator.need_rejoin()
        finish_rejoins(member)
        assert coordinator.need_rejoin()
        coordinator.rejoining = False  # as `join_group_async` does after the answer to SyncGroup
        assert not coordinator.need_rejoin()


def test_a_header_without_a_value_is_refused() -> None:
    """When this test fails, `dead_letters.redrive` can send with the producer of kafka-python."""
    producer = KafkaProducer(**WITHOUT_BROKER)
    with pytest.raises(TypeError, match="headers"):
        producer.send("articles", b"value", headers=[("name", None)])
    producer.close(timeout=0)


def test_a_producer_with_a_pending_record_does_not_close() -> None:
    """When this test fails, `Publisher._close_producer` need not force the end of the producer's thread."""
    producer = KafkaProducer(**WITHOUT_BROKER)
    partition = MetadataResponse.MetadataResponseTopic.MetadataResponsePartition(0, 0, 1, [1], [1])
    producer._metadata._partitions = {A.topic: {A.partition: partition}}
    producer.send(A.topic, b"value", partition=A.partition)
    with pytest.raises(KafkaTimeoutError):
        producer.close(timeout=0.1)
    assert producer._sender.is_alive()
    producer._sender.force_close()
    producer.close(timeout=10)
    assert not producer._sender.is_alive()
