"""Faults of the network between the workers and the broker: no record is lost, and every article comes out."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import STAGE_NAMES
from streams.worker.engine import SESSION_TIMEOUT_S
from tests.support.exam import Part, pick
from tests.support.listeners import two_listeners
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import HOSTILE_MODEL, fresh, wait_for
from tests.support.proxy import Proxy

ROUNDS, IDLE_LOSSES, SLOW_S, RESETS = pick(1, 4), pick(0, 3), pick(5.0, 60.0), pick(3, 20)
# Longer than the session timeout of a group's member (6 s).
BLOCKED_S = pick(9.0, 60.0)
# Longer than the request timeout of a worker (15 s).
UNANSWERED_S = 17.0
# Kafka's API key of the request for a group's committed offsets.
OFFSET_FETCH = 9
# The request of Faust's consumer in the first stage, after it has connected, for the partitions that exist.
PARTITIONS_REQUEST = re.compile(rb"faust-[^a]*articles\.raw")
LATENCY_S = (0.1, 0.3)
# The stages have the same consumer. In the short form the first one alone is tried.
WORKERS = pick({"language": 1}, dict.fromkeys(STAGE_NAMES, 1))
# Articles a second.
RATE = 20.0
# Seconds from the end of a fault until every article published by then has come out.
RECOVERY_LIMIT_S = 90.0


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Proxy, EmbeddedBroker]]:
    """A broker that workers reach through the proxy only, and the exam directly."""
    folder = tmp_path_factory.mktemp("network")
    with Proxy() as proxy:
        listeners = two_listeners("PROXIED", advertised_port=proxy.port)
        properties = listeners.properties
        with EmbeddedBroker(folder, Settings().cache_dir, listeners.exam_port, properties=properties) as broker:
            proxy.start(listeners.worker_port)
            yield proxy, broker


@pytest.fixture
def proxy(network: tuple[Proxy, EmbeddedBroker]) -> Proxy:
    return network[0]


@pytest.fixture
def pipeline_behind_proxy(network: tuple[Proxy, EmbeddedBroker], tmp_path: Path) -> Settings:
    settings = fresh(network[1], tmp_path)
    topics.create(settings)
    return settings


def workers_behind(
    proxy: Proxy, settings: Settings, workers: int | Mapping[str, int] = 1, *, supervised: bool = False
) -> PipelineRun:
    """A run whose workers reach the broker through the proxy."""
    through_proxy = {"TELEX_BOOTSTRAP_SERVERS": f"127.0.0.1:{proxy.port}"}
    run = PipelineRun(settings, workers, supervised=supervised, each=[through_proxy], TELEX_NER_MODELS=HOSTILE_MODEL)
    return run.wait_ready()


@pytest.mark.long
@pytest.mark.part(
    5,
    f"a network that is slow, resets connections, stops all traffic and half-closes connections, at {RATE:.0f} "
    "articles a second",
)
def test_no_record_is_lost_in_a_faulty_network(proxy: Proxy, pipeline_behind_proxy: Settings, part: Part) -> None:
    part.extent = f"{ROUNDS} times each, {BLOCKED_S:.0f} s without traffic"
    seconds = defaultdict(list)
    with workers_behind(proxy, pipeline_behind_proxy, supervised=True) as run:
        for _ in range(IDLE_LOSSES):
            # No record is on its way that a worker could miss: it notices when the request of its client times out.
            proxy.lose_broker_side()
            time.sleep(1)
            for _ in range(20):
                run.publish_article()
            seconds["after idle workers lost their connections without notice"].append(run.catch_up(RECOVERY_LIMIT_S))
        run.start_load(RATE)
        for _ in range(ROUNDS):
            proxy.latency_s = LATENCY_S
            time.sleep(SLOW_S)
            seconds["while bytes take 100 to 300 ms in each direction"].append(run.catch_up(RECOVERY_LIMIT_S))
            proxy.latency_s = (0.0, 0.0)
            for _ in range(RESETS):
                time.sleep(1)
                assert proxy.reset_connections()
            seconds["after every connection was reset"].append(run.catch_up(RECOVERY_LIMIT_S))
            proxy.block()
            time.sleep(BLOCKED_S)
            proxy.unblock()
            seconds["after all traffic stopped"].append(run.catch_up(RECOVERY_LIMIT_S))
            assert proxy.lose_worker_side()
            seconds["after the broker lost its connections without notice"].append(run.catch_up(RECOVERY_LIMIT_S))
            assert proxy.lose_broker_side()
            seconds["after the workers lost their connections without notice"].append(run.catch_up(RECOVERY_LIMIT_S))
        run.verdict(part)
    for when, measured in seconds.items():
        part.add_figure(f"until every article published by then is out, {when}", measured, "s")


@pytest.mark.part(
    5, f"no answer for {UNANSWERED_S:.0f} s to a worker that asks for the committed offsets of its new partitions"
)
def test_a_worker_asks_again_for_its_committed_offsets(
    proxy: Proxy, pipeline_behind_proxy: Settings, part: Part
) -> None:
    """It continues without a restart: nothing supervises it here."""
    with workers_behind(proxy, pipeline_behind_proxy, WORKERS) as run:
        for _ in range(20):
            run.publish_article()
        run.wait_until_out()
        proxy.dropped_api_key = OFFSET_FETCH
        for worker in run.workers:
            worker.kill()
            worker.start()
        run.wait_ready()
        for _ in range(20):
            run.publish_article()
        time.sleep(UNANSWERED_S)
        proxy.dropped_api_key = None
        run.verdict(part)


@pytest.mark.part(5, "the network fails for 2 s when a worker that has just connected asks which partitions exist")
def test_a_worker_asks_again_which_partitions_exist(proxy: Proxy, pipeline_behind_proxy: Settings, part: Part) -> None:
    """It asks soon, and nothing restarts it. Otherwise it would stand by, and no worker would read."""
    with workers_behind(proxy, pipeline_behind_proxy, WORKERS) as run:
        language = next(worker for worker in run.workers if worker.stage == "language")
        language.kill()
        time.sleep(SESSION_TIMEOUT_S + 1)  # before that it gets its old partitions back, and assigns none
        proxy.breaks_at = PARTITIONS_REQUEST
        language.start()
        wait_for(proxy.broken.is_set, 60, run.logs)
        time.sleep(2)
        proxy.broken.clear()
        for _ in range(40):
            run.publish_article()
        run.verdict(part)
