"""Input of every kind: poison, gaps in the offsets, compaction, large texts, and a topic that is replayed."""

from __future__ import annotations

import itertools
import json
import random
import time
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pytest
from hypothesis import given
from kafka import KafkaProducer, TopicPartition

from streams.kafka import consumer_groups
from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stages import DEAD, ENRICHED, RAW, STAGES
from tests.support.article_publisher import TEXTS
from tests.support.broker_changes import configure_topic
from tests.support.checker import check
from tests.support.exam import NER_MODELS, Part, pick
from tests.support.independent_reader import committed, read
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import wait_for

STREAM, EMPTY, TRANSACTIONS = pick(200, 10_000), pick(300, 100_000), pick(30, 200)
REPLAYED = pick(30, 60)
# Values of `text` that are no text.
NO_TEXTS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text("0123456789 .,-%\n\u200b😀")
    | st.lists(st.text(), max_size=3)
)
NO_ARTICLES = st.binary(max_size=200) | st.dictionaries(st.text(), st.text()).flatmap(
    lambda fields: NO_TEXTS.map(lambda text: json.dumps({**fields, "text": text}).encode())
)
BAD = [path.read_bytes() for path in sorted((Path(__file__).parents[2] / "seeds" / "bad").glob("*.json"))]


def no_articles(count: int) -> list[bytes]:
    """`count` arbitrary values that are no articles."""
    values: list[bytes] = []

    @hypothesis.settings(max_examples=count, derandomize=True, database=None, deadline=None)
    @given(NO_ARTICLES)
    def collect(value: bytes) -> None:
        values.append(value)

    collect()
    return values


@pytest.mark.long
@pytest.mark.part(
    6,
    "poison and random bytes among articles, one record in a hundred each; a partition of poison and empty "
    "records only; 1 MB of text",
)
def test_poison_becomes_dead_letters_and_harms_no_article(pipeline: Settings, part: Part) -> None:
    part.extent = f"{STREAM:,} records and {EMPTY:,} empty ones"
    chance, arbitrary = random.Random(6), itertools.cycle(no_articles(STREAM // 50))
    with PipelineRun(pipeline, pick(1, 2), TELEX_NER_MODELS=NER_MODELS).wait_ready() as run:
        for number in range(STREAM):
            if chance.random() < 0.01:
                run.publish(chance.choice(BAD), b"poison", partition=number % 3)
            elif chance.random() < 0.01:
                run.publish(next(arbitrary), b"random", partition=number % 3)
            else:
                identifier = f"p{number}"
                run.publish(
                    json.dumps({"id": identifier, "text": TEXTS[number % len(TEXTS)]}).encode(),
                    identifier.encode(),
                    number % 3,
                )
        for number in range(STREAM // 10):
            run.publish(BAD[number % len(BAD)], b"poison", partition=3)
        for number in range(EMPTY):
            run.publish(b"" if number % 2 else None, b"empty", partition=3)
        run.publish_article("Le maire de Paris a parlé. " * (1_000_000 // 27))
        verdict = run.verdict(part)
    assert verdict.dead > STREAM // 10 + EMPTY
    assert verdict.enriched > STREAM * 0.95


@pytest.mark.part(
    7, "a transactional publisher that aborts a third of its transactions; `kill -9` of workers in between"
)
@pytest.mark.long
def test_no_record_is_lost_around_gaps_in_the_offsets(pipeline: Settings, part: Part) -> None:
    part.extent = f"{TRANSACTIONS} transactions"
    chance = random.Random(7)
    topic = pipeline.topic_prefix + RAW
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers, transactional_id=pipeline.topic_prefix)
    producer.init_transactions()
    with PipelineRun(pipeline, TELEX_NER_MODELS=NER_MODELS).wait_ready() as run:
        for number in range(TRANSACTIONS):
            producer.begin_transaction()
            records = [f"t{number}-{part}" for part in range(chance.randrange(1, 4))]
            for identifier in records:
                value = json.dumps({"id": identifier, "text": chance.choice(TEXTS)}).encode()
                producer.send(topic, key=identifier.encode(), value=value, partition=chance.randrange(2))
            if chance.random() < 0.3:
                producer.flush()
                producer.abort_transaction()
            else:
                producer.commit_transaction()
                run.published += len(records)
            if chance.random() < 0.3:
                worker = run.pick_worker(chance)
                worker.kill()
                worker.start()
        run.verdict(part)
    producer.close()


@pytest.mark.long
@pytest.mark.part(7, "a compacted raw topic")
def test_every_remaining_record_of_a_compacted_topic_comes_out(pipeline: Settings, part: Part) -> None:
    """Compaction leaves gaps of any size where a publisher has overwritten records."""
    compact = {
        "cleanup.policy": "compact",
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.01",
        "max.compaction.lag.ms": "100",
        "retention.ms": "-1",
    }
    configure_topic(pipeline, RAW, compact)
    with KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers) as producer:
        for number in range(400):
            identifier = f"c{number % 37}"
            value = json.dumps({"id": identifier, "text": TEXTS[number % 37 % len(TEXTS)]}).encode()
            producer.send(pipeline.topic_prefix + RAW, key=identifier.encode(), value=value)
            if number % 50 == 49:
                producer.flush()
                time.sleep(0.2)
        deadline = time.monotonic() + 60
        while len(read(pipeline, RAW)) == 400 and time.monotonic() < deadline:
            time.sleep(1)
    assert len(read(pipeline, RAW)) < 400
    with PipelineRun(pipeline, 1, TELEX_NER_MODELS=NER_MODELS).wait_ready() as run:
        run.published = 37
        evidence = run.settle()
    part.add(check(evidence))
    assert {record.key for record in evidence.pipeline[pipeline.topic_prefix + ENRICHED]} == {
        f"c{number}".encode() for number in range(37)
    }
    assert not read(pipeline, DEAD)
    last = {
        partition: max(r.offset for r in read(pipeline, RAW) if r.partition == partition)
        for partition in committed(pipeline, "language")
    }
    assert all(offset == last[partition] + 1 for partition, offset in committed(pipeline, "language").items())


@pytest.mark.long
@pytest.mark.part(12, "the raw topic is replayed from the beginning and gives the same bytes")
def test_a_replay_of_the_raw_topic_gives_the_same_bytes(pipeline: Settings, part: Part) -> None:
    with PipelineRun(pipeline, 1).wait_ready() as run:
        for _ in range(REPLAYED):
            run.publish_article()
        first = run.settle()
    with admin(pipeline) as client:
        stage = STAGES["language"]
        beginning = {
            TopicPartition(pipeline.topic_prefix + stage.source, number): 0 for number in range(pipeline.partitions)
        }
        group = f"{pipeline.topic_prefix}telex.language"
        # A killed worker stays a member until its session ends.
        wait_for(lambda: not consumer_groups.members(client, [group])[group], 30)
        consumer_groups.commit(client, group, beginning)
    with PipelineRun(pipeline, 1).wait_ready() as run:
        run.published = REPLAYED
        again = run.settle()
    part.add(check(again))
    enriched = pipeline.topic_prefix + ENRICHED
    assert len(again.pipeline[enriched]) == 2 * len(first.pipeline[enriched]) == 2 * REPLAYED
    values: dict[bytes | None, set[bytes | None]] = {}
    for record in again.pipeline[enriched]:
        values.setdefault(record.key, set()).add(record.value)
    assert all(len(different) == 1 for different in values.values())
