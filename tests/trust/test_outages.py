"""Brokers that die, are away for a while, restart or have a full disk: workers stop or wait, and no record is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import RAW
from streams.system.ports import free_port
from tests.support.broker_changes import kill_broker
from tests.support.disk import Disk
from tests.support.exam import NER_MODELS, Part, pick
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import HOSTILE_MODEL, wait_for
from tests.support.three_brokers import ThreeBrokers

KILLS, OUTAGE_S = pick(1, 20), pick(30.0, 300.0)
LOSSES, ROUNDS, FULL_DISKS = pick(1, 10), pick(1, 5), pick(1, 5)
# Articles a second.
RATE = 20.0
# Time limit for two nodes to replace the third, in seconds.
TAKE_OVER_LIMIT_S = 90.0


@pytest.fixture
def own_disk(tmp_path: Path) -> Iterator[Disk]:
    """The disk of the broker that a test may kill."""
    with Disk(tmp_path / "broker") as disk:
        yield disk


@pytest.fixture
def own_broker(own_disk: Disk) -> Iterator[EmbeddedBroker]:
    """A broker that a test may kill."""
    with EmbeddedBroker(own_disk.folder.parent, Settings().cache_dir, free_port()) as broker:
        yield broker


@pytest.fixture(scope="module")
def disk_of_node_3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    with Disk(tmp_path_factory.mktemp("cluster") / "node-3" / "broker") as disk:
        yield disk


@pytest.fixture(scope="module")
def cluster(disk_of_node_3: Disk) -> Iterator[ThreeBrokers]:
    """Three brokers. A test may end one, and has to start it again."""
    with ThreeBrokers(disk_of_node_3.folder.parents[1], Settings().cache_dir) as brokers:
        yield brokers


@pytest.fixture
def replicated_pipeline(cluster: ThreeBrokers, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    settings = Settings(
        bootstrap_servers=cluster.bootstrap_servers,
        topic_prefix=f"{request.node.name}.",
        partitions=4,
        replication_factor=3,
        data_dir=tmp_path,
        web_port=0,
    )
    topics.create(settings)
    return settings


@pytest.mark.part(4, "`kill -9` of the broker, then an outage")
def test_no_record_is_lost_when_the_broker_is_killed_or_away(
    own_broker: EmbeddedBroker, own_pipeline: Settings, part: Part
) -> None:
    part.extent = f"{KILLS} times, {OUTAGE_S:.0f} s"
    with PipelineRun(own_pipeline, 1, supervised=True, TELEX_NER_MODELS=NER_MODELS).wait_ready() as run:
        for number in range(KILLS + 1):
            for _ in range(200):
                run.publish_article()
            run.close_producer()
            kill_broker(own_broker)
            time.sleep(OUTAGE_S if number == KILLS else 0)
            own_broker.start()
        for _ in range(50):
            run.publish_article()
        run.verdict(part)


@pytest.mark.long
@pytest.mark.part(4, "the broker's disk is full")
def test_no_record_is_lost_when_the_broker_has_a_full_disk(
    own_disk: Disk, own_broker: EmbeddedBroker, own_pipeline: Settings, part: Part
) -> None:
    own_disk.require()
    part.extent = f"{FULL_DISKS} times"
    with PipelineRun(own_pipeline, 1, supervised=True, TELEX_NER_MODELS=HOSTILE_MODEL).wait_ready() as run:
        for _ in range(FULL_DISKS):
            for _ in range(500):
                run.publish_article()
            run.close_producer()
            own_disk.fill()
            wait_for(lambda: own_broker.poll() is not None, 60, run.logs)
            assert "is full" in own_broker.why_ended()
            own_disk.free_space()
            own_broker.start()
        run.verdict(part)


@pytest.mark.long
@pytest.mark.part(
    4, f"three brokers at {RATE:.0f} articles a second: `kill -9` of the leader, then restarts of all in turn"
)
def test_no_record_is_lost_when_three_brokers_are_killed_and_restarted(
    cluster: ThreeBrokers, replicated_pipeline: Settings, part: Part
) -> None:
    part.extent = f"{LOSSES} kills, {ROUNDS} rounds of restarts"
    seconds = []
    with PipelineRun(replicated_pipeline, 1, supervised=True).wait_ready().start_load(RATE) as run:
        for _ in range(LOSSES):
            time.sleep(2)
            node = cluster.leader(replicated_pipeline, RAW)
            kill_broker(cluster.nodes[node])
            seconds.append(run.catch_up(TAKE_OVER_LIMIT_S))
            cluster.nodes[node].start()
            cluster.wait_in_sync(replicated_pipeline)
        for _ in range(ROUNDS):
            for broker in cluster.nodes.values():
                broker.stop()
                broker.start()
                cluster.wait_in_sync(replicated_pipeline)
        run.verdict(part)
    part.add_figure("from the death of a broker until every article published by then is out", seconds, "s")


@pytest.mark.long
@pytest.mark.part(4, f"three brokers at {RATE:.0f} articles a second: the disk of one is full")
def test_no_record_is_lost_when_one_of_three_brokers_has_a_full_disk(
    cluster: ThreeBrokers, disk_of_node_3: Disk, replicated_pipeline: Settings, part: Part
) -> None:
    disk_of_node_3.require()
    part.extent = f"{FULL_DISKS} times"
    seconds = []
    with (
        PipelineRun(replicated_pipeline, 1, supervised=True, TELEX_NER_MODELS=HOSTILE_MODEL)
        .wait_ready()
        .start_load(RATE) as run
    ):
        for _ in range(FULL_DISKS):
            time.sleep(2)
            disk_of_node_3.fill()
            wait_for(lambda: cluster.nodes[3].poll() is not None, 60, run.logs)
            seconds.append(run.catch_up(TAKE_OVER_LIMIT_S))
            disk_of_node_3.free_space()
            cluster.nodes[3].start()
            cluster.wait_in_sync(replicated_pipeline)
        run.verdict(part)
    part.add_figure(
        "from the end of a broker with a full disk until every article published by then is out", seconds, "s"
    )
