"""A network that is slow, cut, dark and half open between the workers and the broker: nothing is lost, and it all comes
out.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.worker.engine import SESSION_TIMEOUT_S
from tests.support.doors import two_doors
from tests.support.exam import Part, pick
from tests.support.processes import HOSTILE_MODEL, wait_for
from tests.support.proxy import Proxy
from tests.support.trial import Trial

ROUNDS, IDLE, SLOW_S, CUTS = pick(1, 4), pick(0, 3), pick(5.0, 60.0), pick(3, 20)
# Longer than a member of a group may be silent (6 s).
DARK_S = pick(9.0, 60.0)
# Longer than a worker waits for an answer (15 s).
SILENT_S = 17.0
# Kafka's number of the request for the offsets that a group has committed.
OFFSET_FETCH = 9
# How Faust's consumer of the first stage asks, once it has connected, which partitions there are.
ASKS_FOR_PARTITIONS = re.compile(rb"faust-[^a]*articles\.raw")
LATENCY_S = (0.1, 0.3)
RATE = 20.0
# Seconds from the end of a fault until what was published by then has come out.
RECOVERY_LIMIT_S = 90.0


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as network:
        yield network


@pytest.fixture
def pipeline_behind(proxy: Proxy, tmp_path: Path) -> Iterator[Settings]:
    """Topics on a broker that tells whoever comes by the proxy to come by the proxy again, and the exam to come
    directly.
    """
    doors = two_doors("PROXIED", advertised=proxy.port)
    with EmbeddedBroker(tmp_path, Settings().cache_dir, doors.direct, properties=doors.properties) as broker:
        proxy.start(doors.behind)
        settings = Settings(bootstrap_servers=broker.bootstrap_servers, partitions=4, data_dir=tmp_path, web_port=0)
        topics.create(settings)
        yield settings


@pytest.mark.part(5, f"a network that is slow, cut, dark and half open, under {RATE:.0f} articles a second")
def test_a_network_that_is_slow_cut_dark_and_half_open(proxy: Proxy, pipeline_behind: Settings, part: Part) -> None:
    part.extent = f"{ROUNDS} times each, {DARK_S:.0f} s dark"
    took = defaultdict(list)
    behind = {"TELEX_BOOTSTRAP_SERVERS": f"127.0.0.1:{proxy.port}"}
    with Trial(pipeline_behind, 1, supervised=True, TELEX_NER_MODELS=HOSTILE_MODEL, **behind).ready() as trial:
        for _ in range(IDLE):
            # No record is on the way that a worker could miss: it notices when its client gives up what it has asked.
            proxy.lose_brokers_side()
            time.sleep(1)
            for _ in range(20):
                trial.article()
            took["after connections were lost and the workers were not told, which had nothing to do"].append(
                trial.catch_up(RECOVERY_LIMIT_S)
            )
        trial.load(RATE)
        for _ in range(ROUNDS):
            proxy.latency_s = LATENCY_S
            time.sleep(SLOW_S)
            took["while bytes take 100 to 300 ms each way"].append(trial.catch_up(RECOVERY_LIMIT_S))
            proxy.latency_s = (0.0, 0.0)
            for _ in range(CUTS):
                time.sleep(1)
                assert proxy.cut()
            took["after every connection was reset"].append(trial.catch_up(RECOVERY_LIMIT_S))
            proxy.darken()
            time.sleep(DARK_S)
            proxy.lighten()
            took["after nothing went through"].append(trial.catch_up(RECOVERY_LIMIT_S))
            assert proxy.lose_workers_side()
            took["after connections were lost and the broker was not told"].append(trial.catch_up(RECOVERY_LIMIT_S))
            assert proxy.lose_brokers_side()
            took["after connections were lost and the workers were not told"].append(trial.catch_up(RECOVERY_LIMIT_S))
        trial.verdict(part)
    for when, seconds in took.items():
        part.figure(f"until all that was published by then is out, {when}", seconds, "s")


@pytest.mark.part(
    5,
    f"what a worker asks when it is given its partitions, where to begin, stays without an answer for {SILENT_S:.0f} s",
)
def test_a_worker_that_is_not_told_where_to_begin(proxy: Proxy, pipeline_behind: Settings, part: Part) -> None:
    """It asks again, and goes on: nobody starts it anew here."""
    behind = {"TELEX_BOOTSTRAP_SERVERS": f"127.0.0.1:{proxy.port}"}
    with Trial(pipeline_behind, 1, TELEX_NER_MODELS=HOSTILE_MODEL, **behind).ready() as trial:
        for _ in range(20):
            trial.article()
        trial.wait_until_out()
        proxy.swallowed = OFFSET_FETCH
        for worker in trial.workers:
            worker.kill()
            worker.start()
        trial.ready()
        for _ in range(20):
            trial.article()
        time.sleep(SILENT_S)
        proxy.swallowed = None
        trial.verdict(part)


@pytest.mark.part(
    5, "the network breaks when a worker that has just connected asks which partitions there are, and returns after 2 s"
)
def test_a_worker_that_is_not_told_which_partitions_there_are(
    proxy: Proxy, pipeline_behind: Settings, part: Part
) -> None:
    """It asks again before long, and nobody starts it anew: otherwise it would stand by, and nobody would read."""
    behind = {"TELEX_BOOTSTRAP_SERVERS": f"127.0.0.1:{proxy.port}"}
    with Trial(pipeline_behind, 1, TELEX_NER_MODELS=HOSTILE_MODEL, **behind).ready() as trial:
        language = next(worker for worker in trial.workers if worker.stage == "language")
        language.kill()
        time.sleep(SESSION_TIMEOUT_S + 1)  # else it is given what it had, and shares nothing out
        proxy.breaks_at = ASKS_FOR_PARTITIONS
        language.start()
        wait_for(proxy.broken.is_set, 60, trial.logs)
        time.sleep(2)
        proxy.broken.clear()
        for _ in range(40):
            trial.article()
        trial.verdict(part)
