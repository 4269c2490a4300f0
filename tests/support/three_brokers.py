"""A cluster of three brokers that survives the loss of any one.

Every record has three replicas, and at least two of them are in sync when it is confirmed.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from streams.errors import TelexError
from streams.kafka.broker_config import new_cluster_id
from streams.kafka.connections import admin
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.system.ports import free_port
from tests.support.broker_changes import kill_broker
from tests.support.processes import wait_for

NODES = 3
REPLICATION = {
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    # Kafka creates 50 by default; on three nodes of one machine that takes longer than the tests themselves.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
}


class ThreeBrokers:
    """Three nodes on the loopback interface. Each is a broker and a controller and has its own folder.

    Attributes:
        nodes: the nodes by their id.
        folders: the folder of each node; one may be a file system of its own.
    """

    def __init__(self, folder: Path, cache: Path) -> None:
        ports = {node: free_port() for node in range(1, NODES + 1)}
        controllers = {node: free_port() for node in ports}
        cluster_id = new_cluster_id()
        self.folders = {node: folder / f"node-{node}" for node in ports}
        self.nodes = {
            node: EmbeddedBroker(
                self.folders[node], cache, port, properties=_properties(node, port, controllers), cluster_id=cluster_id
            )
            for node, port in ports.items()
        }
        self.bootstrap_servers = ",".join(node.bootstrap_servers for node in self.nodes.values())

    def leader(self, settings: Settings, topic: str) -> int:
        """The id of the node that leads the topic's first partition."""
        (described,) = _describe_topics(settings, [settings.topic_prefix + topic])
        return next(
            int(partition["leader_id"]) for partition in described["partitions"] if partition["partition_index"] == 0
        )

    def wait_in_sync(self, settings: Settings, limit_s: float = 90) -> None:
        """Wait until all replicas of every partition are in sync, in Kafka's own topics too."""

        def is_in_sync() -> bool:
            try:
                return all(
                    len(partition["isr_nodes"]) == NODES
                    for topic in _describe_topics(settings)
                    for partition in topic["partitions"]
                )
            except TelexError:  # the client asked a node that has ended, which the other nodes do not know yet
                return False

        wait_for(is_in_sync, limit_s)

    def __enter__(self) -> Self:
        try:
            for node in self.nodes.values():
                node.launch()
            for node in self.nodes.values():
                node.wait()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for broker in self.nodes.values():
            if broker.pid:
                kill_broker(broker)  # after SIGTERM the last two would wait for a quorum that no longer exists
            broker.stop()


def _properties(node: int, port: int, controllers: dict[int, int]) -> dict[str, str]:
    return {
        "node.id": str(node),
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllers[node]}",
        "controller.quorum.voters": ",".join(
            f"{voter}@127.0.0.1:{voter_port}" for voter, voter_port in controllers.items()
        ),
        "controller.quorum.bootstrap.servers": ",".join(
            f"127.0.0.1:{voter_port}" for voter_port in controllers.values()
        ),
        **REPLICATION,
    }


def _describe_topics(settings: Settings, topics: list[str] | None = None) -> list[dict[str, Any]]:
    with admin(settings) as client:
        described: list[dict[str, Any]] = client.describe_topics(topics)
    return described
