"""The webhooks worker on a real Kafka: every match arrives, and no receiver that fails delays another."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from kafka import KafkaProducer
from pydantic import SecretStr

from streams.client import watch_store
from streams.settings import Settings
from streams.stages import DEAD, MATCHES, WEBHOOKS
from streams.worker.webhooks.signing import Secrets
from tests.support.independent_reader import committed, read
from tests.support.processes import telex, wait_for
from tests.support.watched import ALLOWED, SECRET, add, match, numbered, sender
from tests.support.webhook_receiver import WebhookReceiver

TRAMWAY = "text=tramway"
LIMIT_S = 40.0


def positions(settings: Settings) -> set[bytes]:
    """The keys of the stored positions."""
    last = {record.key: record.value for record in read(settings, WEBHOOKS)}
    return {key for key, value in last.items() if value is not None}


def failed_attempts(settings: Settings) -> int:
    """The most failed attempts in a row that a position has had."""
    return max((json.loads(record.value)["attempts"] for record in read(settings, WEBHOOKS) if record.value), default=0)


def fail_for_hours(settings: Settings, watch: str, due_s: float) -> None:
    """Store that the matches of a watch have failed for hours, and that the next attempt is due in `due_s` seconds."""
    partition = next(record.partition for record in read(settings, MATCHES) if record.key == watch.encode())
    position = {"offset": 0, "attempts": 9, "error": "", "due_ms": round((time.time() + due_s) * 1000)}
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    producer.send(settings.topic(WEBHOOKS), key=f"{watch}:{partition}".encode(), value=json.dumps(position).encode())
    producer.close()


@pytest.fixture
def receivers() -> Iterator[list[WebhookReceiver]]:
    with ExitStack() as stack:
        yield [stack.enter_context(WebhookReceiver()) for _ in range(4)]


def test_each_match_arrives_once_signed_and_in_its_order(pipeline: Settings, receivers: list[WebhookReceiver]) -> None:
    add(pipeline, "a", TRAMWAY, receivers[0].url)
    add(pipeline, "b", TRAMWAY, receivers[1].url)
    add(pipeline, "silent", TRAMWAY)
    no_matches = ((b"a", b"{"), (b"b", b'{"id": "1", "watch": "a"}'), (None, b""))
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
    for key, value in no_matches:
        producer.send(pipeline.topic(MATCHES), key=key, value=value)
    producer.close()
    match(pipeline, ["a", "b", "silent"], numbered(0, 20))
    with sender(pipeline).wait_ready() as worker:
        wait_for(lambda: len(receivers[0].accepted) + len(receivers[1].accepted) == 40, LIMIT_S, worker.log.read_text)
        wait_for(lambda: sum(committed(pipeline, "webhooks").values()) == 63, LIMIT_S)
        assert worker.metric('telex_webhooks_total{outcome="delivered"}') == 40
        log = worker.log.read_text()
    assert receivers[0].articles == receivers[1].articles == numbered(0, 20)
    secret = telex(pipeline, "watch", "show", "a", "--secret", **ALLOWED).stdout.strip()
    dead = read(pipeline, DEAD)
    assert {(record.key, record.value) for record in dead} == set(no_matches)
    assert {dict(record.headers)["telex.error.stage"] for record in dead} == {b"webhooks"}
    written = [record for record in read(pipeline, MATCHES) if (record.key, record.value) not in no_matches]
    known = {json.loads(record.value)["id"]: record.value for record in written}
    for webhook in receivers[0].accepted:
        content = webhook.verify(secret)
        assert content["data"] == json.loads(known[webhook.id])
    assert log == ""
    assert not positions(pipeline)


def test_receivers_that_fail_delay_nobody_and_get_everything_when_they_come_back(
    pipeline: Settings, receivers: list[WebhookReceiver]
) -> None:
    healthy, broken, hanging, gone = receivers
    for name, receiver in zip(("healthy", "broken", "hanging", "gone"), receivers, strict=True):
        add(pipeline, name, TRAMWAY, receiver.url)
    broken.fault, hanging.fault = "error", "hang"
    gone.go_away()
    with sender(pipeline).wait_ready() as worker:
        names = ["broken", "hanging", "gone", "healthy"]
        match(pipeline, names, numbered(0, 30))
        wait_for(lambda: len(healthy.accepted) == 30, 10, worker.log.read_text)
        assert broken.accepted == hanging.accepted == []
        # The hanging one has not had its time yet, and already the next matches of others go on.
        match(pipeline, names, numbered(30, 40))
        wait_for(lambda: len(healthy.accepted) == 40, 10, worker.log.read_text)
        wait_for(lambda: worker.metric("telex_webhooks_behind") == 3, LIMIT_S, worker.log.read_text)
        wait_for(lambda: sum(committed(pipeline, "webhooks").values()) == 160, LIMIT_S)
        broken.fault = hanging.fault = "none"
        gone.come_back()
        wait_for(lambda: all(len(receiver.accepted) >= 40 for receiver in receivers), 2 * LIMIT_S, worker.log.read_text)
        wait_for(lambda: not positions(pipeline), LIMIT_S)
        assert worker.metric("telex_webhooks_behind") == 0
    assert all(receiver.articles == numbered(0, 40) for receiver in receivers)


def test_a_record_that_is_no_match_stops_no_lane_that_reads_its_topic_again(
    pipeline: Settings, receivers: list[WebhookReceiver]
) -> None:
    add(pipeline, "a", TRAMWAY, receivers[0].url)
    receivers[0].fault = "error"
    with sender(pipeline).wait_ready() as worker:
        match(pipeline, ["a"], numbered(0, 3))
        wait_for(lambda: failed_attempts(pipeline) >= 1, LIMIT_S, worker.log.read_text)
        producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
        producer.send(pipeline.topic(MATCHES), key=b"a", value=b"{")
        producer.close()
        match(pipeline, ["a"], numbered(3, 6))
        wait_for(lambda: sum(committed(pipeline, "webhooks").values()) == 7, LIMIT_S)
        receivers[0].fault = "none"
        wait_for(lambda: len(receivers[0].accepted) == 6, LIMIT_S, worker.log.read_text)
        wait_for(lambda: not positions(pipeline), LIMIT_S)
    assert receivers[0].articles == numbered(0, 6)
    assert [(record.key, record.value) for record in read(pipeline, DEAD)] == [(b"a", b"{")]


def test_two_senders_share_the_watches_and_one_takes_over_what_the_other_has_not_delivered(
    pipeline: Settings, receivers: list[WebhookReceiver]
) -> None:
    names = [f"w{number}" for number in range(8)]
    for name in names:
        add(pipeline, name, TRAMWAY, receivers[0].url)
    receivers[0].fault = "error"
    with sender(pipeline).wait_ready() as first, sender(pipeline).wait_ready() as second:
        match(pipeline, names, numbered(0, 5))
        wait_for(
            lambda: first.metric("telex_webhooks_behind") + second.metric("telex_webhooks_behind") == 8,
            LIMIT_S,
            lambda: "\n".join(each.log.read_text() + each.get("/metrics")[1] for each in (first, second)),
        )
        assert first.metric("telex_webhooks_behind")
        first.kill()
        receivers[0].fault = "none"
        wait_for(lambda: len({webhook.id for webhook in receivers[0].accepted}) == 40, LIMIT_S, second.log.read_text)
        wait_for(lambda: not positions(pipeline), LIMIT_S)


def test_what_cannot_be_delivered_becomes_a_dead_letter_that_can_be_sent_again(
    pipeline: Settings, receivers: list[WebhookReceiver]
) -> None:
    add(pipeline, "a", TRAMWAY, receivers[0].url)
    receivers[0].fault = "error"
    with sender(pipeline, TELEX_WEBHOOK_GIVE_UP_S="5").wait_ready() as worker:
        match(pipeline, ["a"], numbered(0, 5))
        wait_for(lambda: failed_attempts(pipeline) >= 2, LIMIT_S, worker.log.read_text)
        worker.kill()  # between two attempts
        worker.start()
        given_up = 'telex_dead_letters_total{reason="delivery_failed"'
        wait_for(lambda: worker.metric(given_up) == 5, LIMIT_S, worker.log.read_text)
        dead = [{name: value.decode() for name, value in record.headers} for record in read(pipeline, DEAD)]
        assert {each["telex.error.reason"] for each in dead} == {"delivery_failed"}
        assert {each["telex.error.attempts"] for each in dead} == {str(receivers[0].attempts)}
        assert {each["__connect.errors.exception.message"] for each in dead} == {
            "The webhook could not be delivered for 5 s: the response is 500."
        }
        receivers[0].fault = "none"
        done = telex(pipeline, "dead", "redrive", "--reason", "delivery_failed")
        assert done.returncode == 0, done.stderr
        wait_for(lambda: receivers[0].articles == numbered(0, 5), LIMIT_S, worker.log.read_text)


def test_a_watch_that_is_removed_or_added_again_keeps_nobody_waiting(
    pipeline: Settings, receivers: list[WebhookReceiver]
) -> None:
    for name, receiver in (("moved", 0), ("removed", 0), ("repaired", 2), ("hanging", 3)):
        add(pipeline, name, TRAMWAY, receivers[receiver].url)
    receivers[0].fault, receivers[3].fault = "error", "hang"
    match(pipeline, ["repaired", "hanging"], numbered(0, 10))
    fail_for_hours(pipeline, "repaired", due_s=3600)
    fail_for_hours(pipeline, "hanging", due_s=0)
    with sender(pipeline).wait_ready() as worker:
        match(pipeline, ["moved", "removed"], numbered(0, 10))
        wait_for(lambda: worker.metric("telex_webhooks_behind") == 4, LIMIT_S, worker.log.read_text)
        watch_store.remove(pipeline, "removed")
        add(pipeline, "moved", TRAMWAY, receivers[1].url)
        wait_for(lambda: receivers[1].articles == numbered(0, 10), LIMIT_S, worker.log.read_text)
        wait_for(lambda: receivers[3].attempts, LIMIT_S, worker.log.read_text)
        add(pipeline, "hanging", TRAMWAY, receivers[1].url)  # during an attempt, after which the next is due in an hour
        wait_for(lambda: receivers[1].articles == 2 * numbered(0, 10), LIMIT_S, worker.log.read_text)
        assert receivers[2].attempts == 0
        add(pipeline, "repaired", TRAMWAY, receivers[2].url)
        wait_for(lambda: receivers[2].articles == numbered(0, 10), LIMIT_S, worker.log.read_text)
        wait_for(lambda: not positions(pipeline), LIMIT_S, worker.log.read_text)


def test_nothing_is_sent_to_this_machine_by_default_and_no_secret_is_shown(
    pipeline: Settings, receivers: list[WebhookReceiver]
) -> None:
    add(pipeline, "a", TRAMWAY, receivers[0].url)
    match(pipeline, ["a"], numbered(0, 1))
    with sender(pipeline, TELEX_WEBHOOK_ALLOW_PRIVATE="false").wait_ready() as worker:
        wait_for(lambda: worker.metric('telex_webhooks_total{outcome="failed"}'), LIMIT_S, worker.log.read_text)
        log = worker.log.read_text()
    assert "127.0.0.1 has the address 127.0.0.1, which is not public" in log
    assert receivers[0].attempts == 0
    secret = Secrets(Settings(webhook_secret=SecretStr(SECRET))).of_watch("a")
    topics = [record.value or b"" for topic in (MATCHES, WEBHOOKS, DEAD) for record in read(pipeline, topic)]
    assert not any(each.removeprefix("whsec_") in log for each in (secret, SECRET))
    assert not any(each.encode() in value for each in (secret, SECRET) for value in topics)
