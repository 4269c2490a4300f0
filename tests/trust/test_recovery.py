"""How long articles wait when a worker dies, when one is stopped, and when the broker was away.

All times are the broker's own: the raw and the enriched topic carry the time at which it took a record in. What counts
is the first article that was published after the event and came out, in the slowest of the partitions that the worker
had.
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
from tests.support.changes import configure, kill_broker
from tests.support.checker import identity
from tests.support.exam import Part, pick
from tests.support.processes import WorkerProcess, wait_for
from tests.support.trial import Trial

pytestmark = pytest.mark.long
TRIES = pick(1, 20)
RATE = 40.0
# Seconds within which articles have to flow again, whatever happened, before the part fails.
LIMIT_S = 60.0
QUIET_S = pick(2.0, 4.0)


class Watch:
    """Reads when the broker took each article in, raw and enriched."""

    def __init__(self, settings: Settings) -> None:
        configure(settings, RAW, {"message.timestamp.type": "LogAppendTime"})  # the enriched topic has it
        names = [settings.topic_prefix + topic for topic in (RAW, ENRICHED)]
        self._settings, self._raw = settings, names[0]
        self._positions = {TopicPartition(name, number): 0 for name in names for number in range(settings.partitions)}
        self._published: dict[bytes, tuple[float, int]] = {}
        self._out: dict[bytes, float] = {}

    def read(self) -> None:
        """Read on from where the last look ended. The connection lasts no longer: the broker may go away in between."""
        consumer = KafkaConsumer(bootstrap_servers=self._settings.bootstrap_servers)
        with closing(consumer):
            consumer.assign(list(self._positions))
            for place, position in self._positions.items():
                consumer.seek(place, position)
            ends = consumer.end_offsets(list(self._positions))
            while any(consumer.position(place) < end for place, end in ends.items()):
                for place, records in consumer.poll(timeout_ms=100).items():
                    for record in records:
                        key = identity(record) or b""
                        if place.topic == self._raw:
                            self._published[key] = record.timestamp / 1000, record.partition
                        else:
                            self._out.setdefault(key, record.timestamp / 1000)
            self._positions = {place: consumer.position(place) for place in self._positions}

    def flow(self, since: float, partitions: Iterable[int]) -> float | None:
        """Seconds from `since` to the first article out that was published after it, in the slowest partition; None
        before that.
        """
        self.read()
        first: dict[int, float] = {}
        for key, at in self._out.items():
            published, partition = self._published.get(key, (0.0, -1))
            if published > since:
                first[partition] = min(first.get(partition, at), at)
        waits = [first[partition] - since for partition in partitions if partition in first]
        return max(waits) if len(waits) == len(set(partitions)) else None


def wait_for_flow(watch: Watch, since: float, partitions: Iterable[int], why: Callable[[], str]) -> float:
    found: list[float] = []

    def flows() -> bool:
        time.sleep(0.2)
        seconds = watch.flow(since, partitions)
        found.extend([] if seconds is None else [seconds])
        return bool(found)

    wait_for(flows, LIMIT_S, why)
    return found[0]


def partitions(worker: WorkerProcess) -> list[int]:
    """Those that the worker says it has."""
    return [int(number) for number in re.findall(r'telex_consumer_lag\{.*partition="(\d+)"', worker.get("/metrics")[1])]


def having_partitions(trial: Trial, stage: str) -> list[WorkerProcess]:
    """The workers of a stage that have some; just after they joined, none says so yet."""
    found: list[WorkerProcess] = []

    def one_has() -> bool:
        found[:] = [worker for worker in trial.workers if worker.stage == stage and partitions(worker)]
        return bool(found)

    wait_for(one_has, LIMIT_S, trial.logs)
    return found


def signalled(pipeline: Settings, part: Part, number: signal.Signals, goal: str) -> None:
    """Send a signal to a worker of each stage in turn, as often as is asked for, and measure how long its articles
    wait.
    """
    watch, chance, waits = Watch(pipeline), random.Random(20), []
    with Trial(pipeline, supervised=True).ready().load(RATE) as trial:
        stages = sorted({worker.stage for worker in trial.workers})
        for turn in range(max(TRIES, len(stages))):
            trial.ready()
            worker = chance.choice(having_partitions(trial, stages[turn % len(stages)]))
            had, since = partitions(worker), time.time()
            worker.process.send_signal(number)
            waits.append(wait_for_flow(watch, since, had, trial.logs))
            time.sleep(QUIET_S)
        part.figure(f"from {number.name} of a worker to flow", waits, "s", goal)
        verdict = trial.verdict(part)
    part.figure(f"copies for each {number.name}", verdict.duplicates / len(waits))
    part.extent = f"{len(waits)} times"


@pytest.mark.part(1, "from `kill -9` of a worker to the next article of its partitions; it is started again at once")
def test_recovery_from_a_kill(pipeline: Settings, part: Part) -> None:
    signalled(pipeline, part, signal.SIGKILL, "under 8 s")


@pytest.mark.part(2, "from SIGTERM of a worker to the next article of its partitions; it is started again at once")
def test_recovery_from_a_graceful_stop(pipeline: Settings, part: Part) -> None:
    signalled(pipeline, part, signal.SIGTERM, "under 2 s")


@pytest.mark.part(4, "from the broker's return after `kill -9` and up to 45 s to the next article of each partition")
def test_recovery_from_an_outage(own_broker: EmbeddedBroker, own_pipeline: Settings, part: Part) -> None:
    watch, waits, chance = Watch(own_pipeline), [], random.Random(4)
    with Trial(own_pipeline, supervised=True).ready() as trial:
        for _ in range(TRIES):
            for _ in range(100):
                trial.article()
            trial.hang_up()
            kill_broker(own_broker)
            time.sleep(chance.uniform(5, 45))
            own_broker.start()
            since = time.time()
            for _ in range(40):
                trial.article()
            trial.hang_up()
            waits.append(wait_for_flow(watch, since, range(own_pipeline.partitions), trial.logs))
        part.figure("from the broker's return to flow", waits, "s", "under 5 s")
        trial.verdict(part)
    part.extent = f"{TRIES} times"
