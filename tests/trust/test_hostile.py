"""Batches that no client of Kafka's own writes, at the input of every stage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from checker import Evidence, Record, check
from exam import Part, pick
from hostile import ROTS, Hostile
from processes import HOSTILE_MODEL, WorkerProcess, environment, wait_for
from reading import committed
from wire import Connection, records

from streams import topics
from streams.broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import DEAD, STAGES

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


@pytest.mark.part(15, "hostile batches at the input of every stage: such as a broker takes from a client that permits them, and bit rot")
def test_hostile_batches(tmp_path: Path, part: Part) -> None:
    with EmbeddedBroker(tmp_path, Settings().cache_dir, 0) as broker, ExitStack() as stack:
        roads = {
            stage: Settings(
                bootstrap_servers=broker.bootstrap_servers, topic_prefix=f"{stage}-", partitions=PARTITIONS, data_dir=tmp_path, web_port=0
            )
            for stage in STAGES
        }
        hostile = {stage: Hostile(15, stage) for stage in STAGES}
        for stage, settings in roads.items():
            topics.create(settings)
            source = settings.topic_prefix + STAGES[stage].source
            hostile[stage].produce(broker.bootstrap_servers, source, PARTITIONS, ROUNDS)
            hostile[stage].produce_to_rot(broker.bootstrap_servers, source, PARTITIONS)
        broker.stop()
        for stage, settings in roads.items():
            hostile[stage].rot(broker, tmp_path, settings.topic_prefix + STAGES[stage].source)
        broker.start()
        workers = {
            stage: stack.enter_context(WorkerProcess(settings, stage, environment(settings, TELEX_NER_MODELS=HOSTILE_MODEL)))
            for stage, settings in roads.items()
        }
        kinds, pointers, peak = 0, 0, 0.0
        for stage, settings in roads.items():
            expected = [record for sent in hostile[stage].sent for record in sent.expected()]
            worker = workers[stage].wait_ready(120)
            ends = dict.fromkeys(range(PARTITIONS), 0)
            for record in expected:
                ends[record.partition] = max(ends[record.partition], record.offset + 1)
            wait_for(lambda stage=stage, ends=ends, settings=settings: committed(settings, stage) == ends, LIMIT_S, worker.log.read_text)
            prefix = settings.topic_prefix
            source, target = prefix + STAGES[stage].source, prefix + STAGES[stage].target
            road = {
                source: sorted(expected, key=lambda each: (each.partition, each.offset)),
                target: everything(settings, STAGES[stage].target),
            }
            verdict = check(Evidence(road, everything(settings, DEAD), {source: committed(settings, stage)}))
            kinds += len(hostile[stage].sent)
            pointers += verdict.pointers
            peak = max(peak, worker.memory())
            assert worker.process.poll() is None, worker.log.read_text()
            part.holds(verdict)
        part.extent = f"{kinds} batches, {len(ROTS) * len(roads)} of them rotten"
        part.figure("dead letters that say what the original is and where it lies", pointers)
        part.figure("memory of a worker, at its most", peak, "MB", "under 700")
    assert peak < 700
    assert part.enriched > kinds
