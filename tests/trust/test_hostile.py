"""Hostile and damaged batches at the input of every stage stop no worker, and no sound record is lost."""

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
from tests.support.disk_damage import DAMAGES, damage_batches
from tests.support.exam import Part, pick
from tests.support.hostile_batches import HostileBatches
from tests.support.independent_reader import committed
from tests.support.processes import HOSTILE_MODEL, WorkerProcess, environment, telex, wait_for
from tests.support.wire_connection import Connection
from tests.support.wire_records import records

ROUNDS = pick(3, 60)
PARTITIONS = 3
LIMIT_S = 120.0


def read_raw(settings: Settings, topic: str) -> list[Record]:
    """Every record of a topic of sound batches. kafka-python fails at those whose header names are not UTF-8."""
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


def wait_for_commits(settings: Settings, worker: WorkerProcess, ends: dict[int, int]) -> None:
    wait_for(lambda: committed(settings, worker.stage) == ends, LIMIT_S, worker.log.read_text)


@pytest.mark.long
@pytest.mark.part(
    15,
    "hostile batches at the input of every stage: those that a broker accepts from a permissive client, and "
    "those that a disk damages",
)
def test_hostile_batches_stop_no_worker_and_lose_no_record(tmp_path: Path, part: Part) -> None:
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
        hostile = {stage: HostileBatches(15, stage) for stage in STAGES}
        for stage, settings in pipelines.items():
            topics.create(settings)
            source = settings.topic_prefix + STAGES[stage].source
            hostile[stage].produce(broker.bootstrap_servers, source, PARTITIONS, ROUNDS)
            hostile[stage].produce_to_damage(broker.bootstrap_servers, source, PARTITIONS, len(DAMAGES))
        broker.stop()
        for stage, settings in pipelines.items():
            batches = hostile[stage]
            damage_batches(batches.to_damage, tmp_path, settings.topic_prefix + STAGES[stage].source, batches.chance)
        broker.start()
        workers = {
            stage: stack.enter_context(
                WorkerProcess(settings, stage, environment(settings, TELEX_NER_MODELS=HOSTILE_MODEL))
            )
            for stage, settings in pipelines.items()
        }
        sent, pointers, peak_memory = 0, 0, 0.0
        for stage, settings in pipelines.items():
            expected = [record for batch in hostile[stage].sent for record in batch.expected()]
            worker = workers[stage].wait_ready(120)
            ends = dict.fromkeys(range(PARTITIONS), 0)
            for record in expected:
                ends[record.partition] = max(ends[record.partition], record.offset + 1)
            wait_for_commits(settings, worker, ends)
            prefix = settings.topic_prefix
            source, target = prefix + STAGES[stage].source, prefix + STAGES[stage].target
            pipeline = {
                source: sorted(expected, key=lambda each: (each.partition, each.offset)),
                target: read_raw(settings, STAGES[stage].target),
            }
            verdict = check(Evidence(pipeline, read_raw(settings, DEAD), {source: committed(settings, stage)}))
            sent += len(hostile[stage].sent)
            pointers += verdict.pointers
            peak_memory = max(peak_memory, worker.peak_memory())
            assert worker.process.poll() is None, worker.log.read_text()
            part.add(verdict)
        _check_subscriber(pipelines["language"], hostile["language"])
        _check_dead_letter_commands(pipelines["language"])
        part.extent = f"{sent} batches, {len(DAMAGES) * len(pipelines)} of them damaged"
        part.add_figure("dead letters with only the beginning of their record", pointers)
        part.add_figure("peak memory of a worker", peak_memory, "MB", "under 400")
    assert peak_memory < 400
    assert part.enriched > sent


def _check_subscriber(settings: Settings, hostile: HostileBatches) -> None:
    """The Subscriber reads the records of all sound batches, and continues after damaged ones."""
    sound = [record for batch in hostile.sent if not batch.damaged for record in batch.expected()]
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
        for batch in hostile.sent
        if batch.damaged
        for record in batch.expected()
    )


def _check_dead_letter_commands(settings: Settings) -> None:
    """`telex dead` shows the dead letters, and sends back the records that still exist."""
    listed = [json.loads(line) for line in telex(settings, "dead", "list", "--format", "json").stdout.splitlines()]
    reasons = {dead_letter["reason"] for dead_letter in listed}
    assert {"undecodable", "too_large", "invalid_json", "empty"} <= reasons
    damaged, large = (
        next(dead_letter for dead_letter in listed if dead_letter["reason"] == reason)
        for reason in ("undecodable", "too_large")
    )
    shown = json.loads(telex(settings, "dead", "show", damaged["id"], "--format", "json").stdout)
    assert shown["original"]["bytes"]["batch"] > 61
    assert "at language-articles.raw, partition" in shown["original"]["state"]
    assert telex(settings, "dead", "show", large["id"]).returncode == 0
    done = telex(settings, "dead", "redrive", damaged["id"], "--format", "json")
    assert done.returncode == 1
    assert "cannot go back: its record" in done.stderr
    redriven = telex(settings, "dead", "redrive", "--reason", "invalid_json", "--format", "json")
    refused = redriven.stderr.count("cannot go back")
    assert refused < 10, redriven.stderr
    invalid = sum(dead_letter["reason"] == "invalid_json" for dead_letter in listed)
    assert len(redriven.stdout.splitlines()) == invalid - refused
