"""Topics that are missing, read-only or too small: a worker says why it stops, acknowledges nothing, and goes on when
it is mended.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_model import RAISE
from kafka import KafkaProducer
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ResourcePattern,
    ResourceType,
)

from streams.kafka import topics
from streams.kafka.connections import admin
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import DEAD, ENRICHED, RAW, STAGES
from tests.support.changes import add_partitions, limit_record
from tests.support.doors import two_doors
from tests.support.exam import Part
from tests.support.processes import HOSTILE_MODEL, WorkerProcess, wait_for
from tests.support.reading import committed, read
from tests.support.trial import TEXTS, Trial

PASSWORD = "9k-Fjord"
# Seconds in which a worker that cannot deliver stops: it waits 30 s for a topic that may come back.
STOP_LIMIT_S = 60.0
RATE = 10.0
TOO_SMALL, LARGE_ENOUGH = 100, 8 * 2**20


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[Settings, dict[str, str]]]:
    """Topics on a broker that asks workers who they are, and what a worker has to know to be let in; the exam may do
    everything.
    """
    doors = two_doors("GUARDED", "SASL_PLAINTEXT")
    properties = doors.properties | {
        "listener.name.guarded.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.guarded.plain.sasl.jaas.config": (
            f'org.apache.kafka.common.security.plain.PlainLoginModule required user_telex="{PASSWORD}";'
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    login = {
        "TELEX_BOOTSTRAP_SERVERS": f"127.0.0.1:{doors.behind}",
        "TELEX_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "TELEX_SASL_USERNAME": "telex",
        "TELEX_SASL_PASSWORD": PASSWORD,
    }
    with EmbeddedBroker(tmp_path, Settings().cache_dir, doors.direct, properties=properties) as broker:
        settings = Settings(bootstrap_servers=broker.bootstrap_servers, partitions=2, data_dir=tmp_path, web_port=0)
        topics.create(settings)
        with admin(settings) as client:
            client.create_acls(
                [_right(ResourceType.TOPIC, "*", ACLOperation.ALL), _right(ResourceType.GROUP, "*", ACLOperation.ALL)]
            )
        yield settings, login


def _right(
    kind: ResourceType, name: str, operation: ACLOperation, permission: ACLPermissionType = ACLPermissionType.ALLOW
) -> ACL:
    return ACL("User:telex", "*", operation, permission, ResourcePattern(kind, name))


def _no_writing(topic: str) -> ACL:
    return _right(ResourceType.TOPIC, topic, ACLOperation.WRITE, ACLPermissionType.DENY)


def forbid_writing(settings: Settings, topic: str) -> None:
    with admin(settings) as client:
        client.create_acls([_no_writing(topic)])


def allow_writing(settings: Settings, topic: str) -> None:
    with admin(settings) as client:
        client.delete_acls([_no_writing(topic)])


def remove(settings: Settings, *names: str) -> None:
    with admin(settings) as client:
        client.delete_topics(list(names))


def stops(worker: WorkerProcess, why: str) -> None:
    """Fails when it does not stop with an error whose reason is this."""
    assert worker.process.wait(STOP_LIMIT_S) == 1, worker.log.read_text()
    assert re.search(why, worker.log.read_text().splitlines()[-1]), worker.log.read_text()


def at_most(settings: Settings, **records: int) -> None:
    """Fails when a stage has committed more than it could deliver; the last commit of one that stopped may be
    missing.
    """
    found = {stage: sum(max(0, offset) for offset in committed(settings, stage).values()) for stage in STAGES}
    assert all(found[stage] <= records[stage] for stage in STAGES), found


@pytest.mark.part(
    8, "the topics of outputs and of dead letters missing, read-only for the workers, too small for the record"
)
def test_topics_that_cannot_be_written(guarded: tuple[Settings, dict[str, str]], part: Part) -> None:
    """All of it on one pipeline: a topic that is missing is waited for, and meanwhile the other stages have troubles of
    their own.
    """
    settings, login = guarded
    with Trial(settings, 1, TELEX_NER_MODELS=HOSTILE_MODEL, **login).ready() as trial:
        language, entities, sentiment = trial.workers

        remove(settings, ENRICHED, DEAD)
        trial.article()
        wait_for(lambda: len(read(settings, "articles.entities")) == 1, 30, trial.logs)
        trial.article(f"{TEXTS[0]} {RAISE}")
        wait_for(lambda: len(read(settings, "articles.language")) == 2, 30, trial.logs)
        forbid_writing(settings, "articles.language")
        trial.article()
        stops(language, r"did not take 1 records of .* for articles\.language \(TopicAuthorizationFailedError")
        stops(sentiment, "The broker did not .* 1 records of .* for articles.enriched")
        stops(entities, "The broker did not .* 1 records of .* for articles.dead")
        at_most(settings, language=2, entities=1, sentiment=0)
        language.start()
        stops(language, "Topics are missing: .*articles.dead.* Create them with `telex topics`")
        topics.create(settings)
        allow_writing(settings, "articles.language")
        for worker in trial.workers:
            worker.start()
        trial.ready()
        trial.wait_until_out()

        limit_record(settings, "articles.entities", TOO_SMALL)
        trial.article()
        stops(entities, "MessageSizeTooLargeError")
        forbid_writing(settings, DEAD)
        trial.send(b"{", b"poison")
        stops(language, rf"for {DEAD} \(TopicAuthorizationFailedError")
        allow_writing(settings, DEAD)
        limit_record(settings, DEAD, TOO_SMALL)
        language.start()
        stops(language, "MessageSizeTooLargeError")
        came = len(read(settings, "articles.language"))
        at_most(settings, language=4, entities=came - 1, sentiment=came - 1)
        for topic in ("articles.entities", DEAD):
            limit_record(settings, topic, LARGE_ENOUGH)
        for worker in (language, entities):
            worker.start()
        trial.ready()
        verdict = trial.verdict(part)
    assert verdict.enriched == 3
    assert verdict.dead >= 2  # of a copy of the article that fails there is one more


@pytest.mark.part(
    8, "partitions added to all topics under load, after `kill -9` of every worker; one topic after the other, twice"
)
def test_partitions_that_are_added_under_load(pipeline: Settings, part: Part) -> None:
    """The workers come back within their sessions: whoever shared the partitions out does not know that it should
    again.
    """
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers, metadata_max_age_ms=200)
    took = []
    with Trial(pipeline).ready().load(RATE) as trial:
        for worker in trial.workers:
            worker.kill()
            worker.start()
        trial.ready()
        running = [worker.process.pid for worker in trial.workers]
        for count in (pipeline.partitions + 2, pipeline.partitions + 5):
            add_partitions(pipeline, count)
            begin = time.monotonic()
            wait_for(lambda number=count: len(producer.partitions_for(pipeline.topic_prefix + RAW)) == number, 10)
            new = [f"{count}-{partition}".encode() for partition in range(count)]
            for partition, key in enumerate(new):
                value = json.dumps({"id": key.decode(), "text": TEXTS[partition % len(TEXTS)]}).encode()
                producer.send(pipeline.topic_prefix + RAW, value, key, partition=partition).get(10)
                trial.published += 1
            wait_for(lambda keys=new: {record.key for record in read(pipeline, ENRICHED)} >= set(keys), 120, trial.logs)
            took.append(time.monotonic() - begin)
        assert [worker.process.pid for worker in trial.workers] == running
        assert all(worker.process.poll() is None for worker in trial.workers), trial.logs()
        trial.verdict(part)
    producer.close(timeout=5)
    part.figure("from the last topic's new partitions until an article of each is out", took, "s", "a few seconds")
