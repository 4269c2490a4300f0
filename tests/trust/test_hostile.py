"""Batches that no client of Kafka's own writes, at the input of every stage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from streams import Subscriber
from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import DEAD, RAW, STAGES
from tests.support.checker import Evidence, Record, check
from tests.support.exam import Part, pick
from tests.support.hostile import ROTS, Hostile
from tests.support.processes import HOSTILE_MODEL, WorkerProcess, environment, telex, wait_for
from tests.support.reading import committed
from tests.support.wire import Connection, records

ROUNDS = pick(3, 60)
PARTITIONS = 3
LIMIT_S = 120.0


def everything(settings: Settings, topic: str) -> list[Record]:
    """A topic of sound batches, by hand: kafka-python ends at a header name that is not UTF-8."""
    return list(_records(settings, settings.topic_prefix + topic))


def _records(settings: Settings, topic: str) -> Iterator[Record]:
    with Connection(settings.bootstrap_servers) as broker:
        for partition in range(PARTITIONS):
            offset = 0
            while True:
                error, data = broker.fetch(topic, partition, offset)
                assert error == 0, error
                found = [record for record in records(data) if record.offset >= offset]
                if not found:
                    break
                offset = found[-1].offset + 1
                for each in found:
                    headers = [(name.decode(errors="surrogateescape"), value) for name, value in each.headers]
                    yield Record(partition, each.offset, each.key, each.value, headers)


@pytest.mark.part(
    15,
    "hostile batches at the input of every stage: such as a broker takes from a client that permits them, and bit rot",
)
def test_hostile_batches(tmp_path: Path, part: Part) -> None:
    with EmbeddedBroker(tmp_path, Settings().cache_dir, 0) as broker, ExitStack() as stack:
        pipelines = {
            stage: Settings(
                bootstrap_servers=broker.bootstrap_servers,
                topic_prefix=f"{stage}-",
                partitions=PARTITIONS,
                data_dir=tmp_path,
                web_port=0,
            )
            for stage in STAGES
        }
        hostile = {stage: Hostile(15, stage) for stage in STAGES}
        for stage, settings in pipelines.items():
            topics.create(settings)
            source = settings.topic_prefix + STAGES[stage].source
            hostile[stage].produce(broker.bootstrap_servers, source, PARTITIONS, ROUNDS)
            hostile[stage].produce_to_rot(broker.bootstrap_servers, source, PARTITIONS)
        broker.stop()
        for stage, settings in pipelines.items():
            hostile[stage].rot(broker, tmp_path, settings.topic_prefix + STAGES[stage].source)
        broker.start()
        workers = {
            stage: stack.enter_context(
                WorkerProcess(settings, stage, environment(settings, TELEX_NER_MODELS=HOSTILE_MODEL))
            )
            for stage, settings in pipelines.items()
        }
        kinds, pointers, peak = 0, 0, 0.0
        for stage, settings in pipelines.items():
            expected = [record for sent in hostile[stage].sent for record in sent.expected()]
            worker = workers[stage].wait_ready(120)
            ends = dict.fromkeys(range(PARTITIONS), 0)
            for record in expected:
                ends[record.partition] = max(ends[record.partition], record.offset + 1)
            wait_for(
                lambda stage=stage, ends=ends, settings=settings: committed(settings, stage) == ends,
                LIMIT_S,
                worker.log.read_text,
            )
            prefix = settings.topic_prefix
            source, target = prefix + STAGES[stage].source, prefix + STAGES[stage].target
            pipeline = {
                source: sorted(expected, key=lambda each: (each.partition, each.offset)),
                target: everything(settings, STAGES[stage].target),
            }
            verdict = check(Evidence(pipeline, everything(settings, DEAD), {source: committed(settings, stage)}))
            kinds += len(hostile[stage].sent)
            pointers += verdict.pointers
            peak = max(peak, worker.memory())
            assert worker.process.poll() is None, worker.log.read_text()
            part.holds(verdict)
        _read_by_telex(pipelines["language"], hostile["language"])
        part.extent = f"{kinds} batches, {len(ROTS) * len(pipelines)} of them rotten"
        part.figure("dead letters that say what the original is and where it lies", pointers)
        part.figure("memory of a worker, at its most", peak, "MB", "under 400")
    assert peak < 400
    assert part.enriched > kinds


def _read_by_telex(settings: Settings, hostile: Hostile) -> None:
    """Telex's own readers go on behind everything, show what the dead letters say, and send back what can be sent."""
    sound = [record for sent in hostile.sent if not sent.rotten for record in sent.expected()]
    with Subscriber(settings, topic=RAW, start="beginning", timeout_s=5, once=False) as articles:
        received = {(each.partition, each.offset): each for each in articles}
    small = [
        record
        for record in sound
        if len(record.key or b"") + len(record.value or b"") < 2**22 and len(record.headers) != 1
    ]
    assert len(small) > 100
    for record in small:
        each = received[record.partition, record.offset]
        assert (each.key, each.value, list(each.headers)) == (record.key, record.value, record.headers)
    assert not any(
        (record.partition, record.offset) in received
        for sent in hostile.sent
        if sent.rotten
        for record in sent.expected()
    )

    listed = [json.loads(line) for line in telex(settings, "dead", "list", "--format", "json").stdout.splitlines()]
    reasons = {letter["reason"] for letter in listed}
    assert {"undecodable", "too_large", "invalid_json", "empty"} <= reasons
    rotten, large = (
        next(letter for letter in listed if letter["reason"] == reason) for reason in ("undecodable", "too_large")
    )
    shown = json.loads(telex(settings, "dead", "show", rotten["id"], "--format", "json").stdout)
    assert shown["original"]["bytes"]["batch"] > 61
    assert "at language-articles.raw, partition" in shown["original"]["state"]
    assert telex(settings, "dead", "show", large["id"]).returncode == 0
    done = telex(settings, "dead", "redrive", rotten["id"], "--format", "json")
    assert done.returncode == 1
    assert "cannot go back: its record" in done.stderr
    back = telex(settings, "dead", "redrive", "--reason", "invalid_json", "--format", "json")
    refused = back.stderr.count("cannot go back")
    assert refused < 10, back.stderr
    assert len(back.stdout.splitlines()) == sum(letter["reason"] == "invalid_json" for letter in listed) - refused
