"""How long articles wait after a worker is killed or stopped, and after the broker was away.

All times are those of the broker: records in the raw and the enriched topic carry the time at which it received them.
The wait ends with the first article that was published after the event and has come out, in the slowest of the
partitions that the worker had.
"""

from __future__ import annotations

import random
import re
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import closing

import pytest
from kafka import KafkaConsumer, TopicPartition

from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import ENRICHED, RAW
from tests.support.broker_changes import configure_topic, kill_broker
from tests.support.checker import identity
from tests.support.exam import Part, pick
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import WorkerProcess, wait_for

pytestmark = pytest.mark.long
TRIES = pick(1, 20)
# Articles a second.
RATE = 40.0
# Seconds in which articles have to flow again after any event, or the part fails.
LIMIT_S = 60.0
QUIET_S = pick(2.0, 4.0)


class ArticleTimes:
    """Reads the times at which the broker received each article, raw and enriched."""

    def __init__(self, settings: Settings) -> None:
        configure_topic(settings, RAW, {"message.timestamp.type": "LogAppendTime"})  # the enriched topic has it already
        names = [settings.topic_prefix + topic for topic in (RAW, ENRICHED)]
        self._settings, self._raw = settings, names[0]
        self._positions = {TopicPartition(name, number): 0 for name in names for number in range(settings.partitions)}
        self._published: dict[bytes, tuple[float, int]] = {}
        self._enriched: dict[bytes, float] = {}

    def read(self) -> None:
        """Read the records since the last call. The consumer is closed again, as the broker may end between calls."""
        consumer = KafkaConsumer(bootstrap_servers=self._settings.bootstrap_servers)
        with closing(consumer):
            consumer.assign(list(self._positions))
            for partition, position in self._positions.items():
                consumer.seek(partition, position)
            ends = consumer.end_offsets(list(self._positions))
            while any(consumer.position(partition) < end for partition, end in ends.items()):
                for partition, records in consumer.poll(timeout_ms=100).items():
                    for record in records:
                        key = identity(record) or b""
                        if partition.topic == self._raw:
                            self._published[key] = record.timestamp / 1000, record.partition
                        else:
                            self._enriched.setdefault(key, record.timestamp / 1000)
            self._positions = {partition: consumer.position(partition) for partition in self._positions}

    def seconds_to_flow(self, since: float, partitions: Iterable[int]) -> float | None:
        """Seconds from `since` until an article that was published later came out, in the slowest partition.

        None if a partition has no such article yet.
        """
        self.read()
        first: dict[int, float] = {}
        for key, enriched in self._enriched.items():
            published, partition = self._published.get(key, (0.0, -1))
            if published > since:
                first[partition] = min(first.get(partition, enriched), enriched)
        waits = [first[partition] - since for partition in partitions if partition in first]
        return max(waits) if len(waits) == len(set(partitions)) else None


def wait_for_flow(times: ArticleTimes, since: float, partitions: Iterable[int], why: Callable[[], str]) -> float:
    """Wait until articles flow again. Returns the seconds from `since`."""
    measured: list[float] = []

    def flows() -> bool:
        time.sleep(0.2)
        seconds = times.seconds_to_flow(since, partitions)
        measured.extend([] if seconds is None else [seconds])
        return bool(measured)

    wait_for(flows, LIMIT_S, why)
    return measured[0]


def assigned_partitions(worker: WorkerProcess) -> list[int]:
    """The partitions that the worker reports."""
    return [int(number) for number in re.findall(r'telex_consumer_lag\{.*partition="(\d+)"', worker.get("/metrics")[1])]


def workers_with_partitions(run: PipelineRun, stage: str) -> list[WorkerProcess]:
    """Wait for the workers of a stage that have partitions. Just after they have joined, none reports any."""
    found: list[WorkerProcess] = []

    def one_has() -> bool:
        found[:] = [worker for worker in run.workers if worker.stage == stage and assigned_partitions(worker)]
        return bool(found)

    wait_for(one_has, LIMIT_S, run.logs)
    return found


def measure_recovery(pipeline: Settings, part: Part, number: signal.Signals, goal: str) -> None:
    """Send a signal to a worker of each stage in turn, and measure how long its articles wait."""
    times, chance, waits = ArticleTimes(pipeline), random.Random(20), []
    with PipelineRun(pipeline, supervised=True).wait_ready().start_load(RATE) as run:
        stages = sorted({worker.stage for worker in run.workers})
        for turn in range(max(TRIES, len(stages))):
            run.wait_ready()
            worker = chance.choice(workers_with_partitions(run, stages[turn % len(stages)]))
            partitions, since = assigned_partitions(worker), time.time()
            worker.process.send_signal(number)
            waits.append(wait_for_flow(times, since, partitions, run.logs))
            time.sleep(QUIET_S)
        part.add_figure(f"from {number.name} of a worker until articles flow", waits, "s", goal)
        verdict = run.verdict(part)
    part.add_figure(f"copies per {number.name}", verdict.copies / len(waits))
    part.extent = f"{len(waits)} times"


@pytest.mark.part(
    1, "recovery from `kill -9` of a worker, which starts again at once: time to the next article of its partitions"
)
def test_articles_flow_again_after_a_worker_is_killed(pipeline: Settings, part: Part) -> None:
    measure_recovery(pipeline, part, signal.SIGKILL, "under 8 s")


@pytest.mark.part(
    2, "recovery from SIGTERM to a worker, which starts again at once: time to the next article of its partitions"
)
def test_articles_flow_again_after_a_worker_is_stopped(pipeline: Settings, part: Part) -> None:
    measure_recovery(pipeline, part, signal.SIGTERM, "under 2 s")


@pytest.mark.part(
    4,
    "recovery from `kill -9` of the broker and an outage of up to 45 s: time from its return to the next article "
    "of each partition",
)
def test_articles_flow_again_after_the_broker_was_away(
    own_broker: EmbeddedBroker, own_pipeline: Settings, part: Part
) -> None:
    times, waits, chance = ArticleTimes(own_pipeline), [], random.Random(4)
    with PipelineRun(own_pipeline, supervised=True).wait_ready() as run:
        for _ in range(TRIES):
            for _ in range(100):
                run.publish_article()
            run.close_producer()
            kill_broker(own_broker)
            time.sleep(chance.uniform(5, 45))
            own_broker.start()
            since = time.time()
            for _ in range(40):
                run.publish_article()
            run.close_producer()
            waits.append(wait_for_flow(times, since, range(own_pipeline.partitions), run.logs))
        part.add_figure("from the broker's return until articles flow", waits, "s", "under 5 s")
        run.verdict(part)
    part.extent = f"{TRIES} times"
