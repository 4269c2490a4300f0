"""Topics that are missing, read-only or refuse records for their size, and topics that get partitions.

A worker that cannot deliver names the reason, stops, acknowledges nothing, and continues once the topic is mended.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
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
from tests.support.article_publisher import TEXTS
from tests.support.broker_changes import add_partitions, limit_record_size
from tests.support.exam import Part
from tests.support.independent_reader import committed, read
from tests.support.listeners import two_listeners
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import HOSTILE_MODEL, WorkerProcess, wait_for

PASSWORD = "9k-Fjord"
# Time limit for a worker that cannot deliver to stop, in seconds. It waits 30 s for a topic that may come back.
STOP_LIMIT_S = 60.0
# Articles a second.
RATE = 10.0
TOO_SMALL, LARGE_ENOUGH = 100, 8 * 2**20


@pytest.fixture
def secured_pipeline(tmp_path: Path) -> Iterator[tuple[Settings, dict[str, str]]]:
    """A pipeline on a broker where workers need a login and rights, and the exam needs none; and that login."""
    listeners = two_listeners("GUARDED", "SASL_PLAINTEXT")
    properties = listeners.properties | {
        "listener.name.guarded.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.guarded.plain.sasl.jaas.config": (
            f'org.apache.kafka.common.security.plain.PlainLoginModule required user_telex="{PASSWORD}";'
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    login = {
        "TELEX_BOOTSTRAP_SERVERS": f"127.0.0.1:{listeners.worker_port}",
        "TELEX_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "TELEX_SASL_USERNAME": "telex",
        "TELEX_SASL_PASSWORD": PASSWORD,
    }
    with EmbeddedBroker(tmp_path, Settings().cache_dir, listeners.exam_port, properties=properties) as broker:
        settings = Settings(bootstrap_servers=broker.bootstrap_servers, partitions=2, data_dir=tmp_path, web_port=0)
        topics.create(settings)
        with admin(settings) as client:
            client.create_acls(
                [_acl(ResourceType.TOPIC, "*", ACLOperation.ALL), _acl(ResourceType.GROUP, "*", ACLOperation.ALL)]
            )
        yield settings, login


def _acl(
    kind: ResourceType, name: str, operation: ACLOperation, permission: ACLPermissionType = ACLPermissionType.ALLOW
) -> ACL:
    return ACL("User:telex", "*", operation, permission, ResourcePattern(kind, name))


def _write_denied(topic: str) -> ACL:
    return _acl(ResourceType.TOPIC, topic, ACLOperation.WRITE, ACLPermissionType.DENY)


def forbid_writing(settings: Settings, topic: str) -> None:
    with admin(settings) as client:
        client.create_acls([_write_denied(topic)])


def allow_writing(settings: Settings, topic: str) -> None:
    with admin(settings) as client:
        client.delete_acls([_write_denied(topic)])


def delete_topics(settings: Settings, *names: str) -> None:
    with admin(settings) as client:
        client.delete_topics(list(names))


def expect_stop(worker: WorkerProcess, why: str) -> None:
    """The worker stops with exit code 1, and the last line of its log gives the reason."""
    assert worker.process.wait(STOP_LIMIT_S) == 1, worker.log.read_text()
    assert re.search(why, worker.log.read_text().splitlines()[-1]), worker.log.read_text()


def expect_commits_at_most(settings: Settings, **records: int) -> None:
    """No stage has committed more records than it could deliver. A stopped worker's last commit may be missing."""
    commits = {stage: sum(max(0, offset) for offset in committed(settings, stage).values()) for stage in STAGES}
    assert all(commits[stage] <= records[stage] for stage in STAGES), commits


@pytest.mark.part(
    8,
    "the topics for outputs and dead letters are missing, are read-only for the workers, or refuse the record "
    "for its size",
)
def test_a_worker_stops_when_it_cannot_write_and_continues_when_it_can(
    secured_pipeline: tuple[Settings, dict[str, str]], part: Part
) -> None:
    """All faults share one pipeline: workers wait for a missing topic, and meanwhile other stages have other faults."""
    settings, login = secured_pipeline
    with PipelineRun(settings, 1, each=[login], TELEX_NER_MODELS=HOSTILE_MODEL).wait_ready() as run:
        language, entities, sentiment = run.workers

        delete_topics(settings, ENRICHED, DEAD)
        run.publish_article()
        wait_for(lambda: len(read(settings, "articles.entities")) == 1, 30, run.logs)
        run.publish_article(f"{TEXTS[0]} {RAISE}")
        wait_for(lambda: len(read(settings, "articles.language")) == 2, 30, run.logs)
        forbid_writing(settings, "articles.language")
        run.publish_article()
        expect_stop(language, r"did not take 1 records of .* for articles\.language \(TopicAuthorizationFailedError")
        expect_stop(sentiment, "The broker did not .* 1 records of .* for articles.enriched")
        expect_stop(entities, "The broker did not .* 1 records of .* for articles.dead")
        expect_commits_at_most(settings, language=2, entities=1, sentiment=0)
        language.start()
        expect_stop(language, "Topics are missing: .*articles.dead.* Create them with `telex topics`")
        topics.create(settings)
        allow_writing(settings, "articles.language")
        for worker in run.workers:
            worker.start()
        run.wait_ready()
        run.wait_until_out()

        limit_record_size(settings, "articles.entities", TOO_SMALL)
        run.publish_article()
        expect_stop(entities, "MessageSizeTooLargeError")
        forbid_writing(settings, DEAD)
        run.publish(b"{", b"poison")
        expect_stop(language, rf"for {DEAD} \(TopicAuthorizationFailedError")
        allow_writing(settings, DEAD)
        limit_record_size(settings, DEAD, TOO_SMALL)
        language.start()
        expect_stop(language, "MessageSizeTooLargeError")
        outputs = len(read(settings, "articles.language"))
        expect_commits_at_most(settings, language=4, entities=outputs - 1, sentiment=outputs - 1)
        for topic in ("articles.entities", DEAD):
            limit_record_size(settings, topic, LARGE_ENOUGH)
        for worker in (language, entities):
            worker.start()
        run.wait_ready()
        verdict = run.verdict(part)
    assert verdict.enriched == 3
    assert verdict.dead >= 2  # a copy of the article that fails becomes one more


def wait_for_partitions(producer: KafkaProducer, topic: str, count: int) -> None:
    wait_for(lambda: len(producer.partitions_for(topic)) == count, 10)


def wait_until_enriched(run: PipelineRun, keys: Sequence[bytes]) -> None:
    wait_for(lambda: {record.key for record in read(run.settings, ENRICHED)} >= set(keys), 120, run.logs)


@pytest.mark.long
@pytest.mark.part(
    8,
    "partitions are added to all topics under load, twice, one topic after the other; `kill -9` of every worker before",
)
def test_workers_read_partitions_that_are_added_under_load(pipeline: Settings, part: Part) -> None:
    """The workers come back within their sessions, so that the group's leader does not assign the partitions again."""
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers, metadata_max_age_ms=200)
    seconds = []
    with PipelineRun(pipeline).wait_ready().start_load(RATE) as run:
        for worker in run.workers:
            worker.kill()
            worker.start()
        run.wait_ready()
        pids = [worker.process.pid for worker in run.workers]
        for count in (pipeline.partitions + 2, pipeline.partitions + 5):
            add_partitions(pipeline, count)
            begin = time.monotonic()
            wait_for_partitions(producer, pipeline.topic_prefix + RAW, count)
            keys = [f"{count}-{partition}".encode() for partition in range(count)]
            for partition, key in enumerate(keys):
                value = json.dumps({"id": key.decode(), "text": TEXTS[partition % len(TEXTS)]}).encode()
                producer.send(pipeline.topic_prefix + RAW, value, key, partition=partition).get(10)
                run.published += 1
            wait_until_enriched(run, keys)
            seconds.append(time.monotonic() - begin)
        assert [worker.process.pid for worker in run.workers] == pids
        assert all(worker.process.poll() is None for worker in run.workers), run.logs()
        run.verdict(part)
    producer.close(timeout=5)
    part.add_figure(
        "from the last topic's new partitions until an article of each is out", seconds, "s", "a few seconds"
    )
