"""Brokers that die, are away for a while, are restarted or run out of disk: workers stop or wait, and nothing is
lost.
"""

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
from tests.support.changes import kill_broker
from tests.support.cluster import Cluster
from tests.support.disk import Disk
from tests.support.exam import Part, pick
from tests.support.processes import HOSTILE_MODEL, wait_for
from tests.support.trial import Trial

KILLS, OUTAGE_S = pick(1, 20), pick(30.0, 300.0)
LOSSES, ROUNDS, FULL_DISKS = pick(1, 10), pick(1, 5), pick(1, 5)
RATE = 20.0
# Seconds in which two nodes have to carry on for the third.
TAKE_OVER_LIMIT_S = 90.0


@pytest.fixture
def own_disk(tmp_path: Path) -> Iterator[Disk]:
    """What the broker of a test keeps its data on."""
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
def cluster(disk_of_node_3: Disk) -> Iterator[Cluster]:
    """Three brokers of which a test may take one away; it has to bring it back."""
    with Cluster(disk_of_node_3.folder.parents[1], Settings().cache_dir) as three:
        yield three


@pytest.fixture
def pipeline_over_three(cluster: Cluster, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
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
def test_a_broker_that_is_killed_and_one_that_is_away_for_a_while(
    own_broker: EmbeddedBroker, own_pipeline: Settings, part: Part
) -> None:
    part.extent = f"{KILLS} times, {OUTAGE_S:.0f} s"
    with Trial(own_pipeline, 1, supervised=True).ready() as trial:
        for number in range(KILLS + 1):
            for _ in range(200):
                trial.article()
            trial.hang_up()
            kill_broker(own_broker)
            time.sleep(OUTAGE_S if number == KILLS else 0)
            own_broker.start()
        for _ in range(50):
            trial.article()
        trial.verdict(part)


@pytest.mark.part(4, "the broker's disk full")
def test_a_broker_whose_disk_is_full(
    own_disk: Disk, own_broker: EmbeddedBroker, own_pipeline: Settings, part: Part
) -> None:
    own_disk.require()
    part.extent = f"{FULL_DISKS} times"
    with Trial(own_pipeline, 1, supervised=True, TELEX_NER_MODELS=HOSTILE_MODEL).ready() as trial:
        for _ in range(FULL_DISKS):
            for _ in range(500):
                trial.article()
            trial.hang_up()
            own_disk.fill()
            wait_for(lambda: own_broker.poll() is not None, 60, trial.logs)
            assert "is full" in own_broker.why_ended()
            own_disk.make_room()
            own_broker.start()
        trial.verdict(part)


@pytest.mark.long
@pytest.mark.part(
    4, f"three brokers under {RATE:.0f} articles a second: `kill -9` of one that leads, restarts of all in turn"
)
def test_three_brokers_that_are_killed_and_restarted(
    cluster: Cluster, pipeline_over_three: Settings, part: Part
) -> None:
    part.extent = f"{LOSSES} kills, {ROUNDS} rounds of restarts"
    took = []
    with Trial(pipeline_over_three, 1, supervised=True).ready().load(RATE) as trial:
        for _ in range(LOSSES):
            time.sleep(2)
            node = cluster.leader(pipeline_over_three, RAW)
            kill_broker(cluster.nodes[node])
            took.append(trial.catch_up(TAKE_OVER_LIMIT_S))
            cluster.nodes[node].start()
            cluster.wait_in_sync(pipeline_over_three)
        for _ in range(ROUNDS):
            for broker in cluster.nodes.values():
                broker.stop()
                broker.start()
                cluster.wait_in_sync(pipeline_over_three)
        trial.verdict(part)
    part.figure("from the death of a broker until all that was published by then is out", took, "s")


@pytest.mark.long
@pytest.mark.part(4, f"three brokers under {RATE:.0f} articles a second: the disk of one full")
def test_three_brokers_and_a_full_disk(
    cluster: Cluster, disk_of_node_3: Disk, pipeline_over_three: Settings, part: Part
) -> None:
    disk_of_node_3.require()
    part.extent = f"{FULL_DISKS} times"
    took = []
    with Trial(pipeline_over_three, 1, supervised=True, TELEX_NER_MODELS=HOSTILE_MODEL).ready().load(RATE) as trial:
        for _ in range(FULL_DISKS):
            time.sleep(2)
            disk_of_node_3.fill()
            wait_for(lambda: cluster.nodes[3].poll() is not None, 60, trial.logs)
            took.append(trial.catch_up(TAKE_OVER_LIMIT_S))
            disk_of_node_3.make_room()
            cluster.nodes[3].start()
            cluster.wait_in_sync(pipeline_over_three)
        trial.verdict(part)
    part.figure("from the end of a broker with a full disk until all that was published by then is out", took, "s")
