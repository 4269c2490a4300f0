"""A cluster of three brokers, of which any one may be lost: every record has three replicas, two of them in sync when
it is confirmed.
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
from tests.support.changes import kill_broker
from tests.support.processes import wait_for

NODES = 3
REPLICATION = {
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    # Kafka makes 50; on three nodes of one machine that takes longer than what is tested.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
}


class Cluster:
    """Three nodes on the loopback interface, each broker and controller, with a folder of its own.

    Attributes:
        nodes: by their id.
        folders: of each node; one may be a file system of its own.
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
        """The node that leads the topic's first partition."""
        (said,) = _described(settings, [settings.topic_prefix + topic])
        return next(
            int(partition["leader_id"]) for partition in said["partitions"] if partition["partition_index"] == 0
        )

    def wait_in_sync(self, settings: Settings, limit_s: float = 90) -> None:
        """Until every partition of every topic, Kafka's own included, has all its replicas."""

        def is_in_sync() -> bool:
            try:
                return all(
                    len(partition["isr_nodes"]) == NODES
                    for topic in _described(settings)
                    for partition in topic["partitions"]
                )
            except TelexError:  # the client asked a node that is away, which the others have not noticed yet
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
                kill_broker(broker)  # asked to stop, the last two would wait for a quorum that is gone
            broker.stop()


def _properties(node: int, port: int, controllers: dict[int, int]) -> dict[str, str]:
    return {
        "node.id": str(node),
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllers[node]}",
        "controller.quorum.voters": ",".join(f"{each}@127.0.0.1:{at}" for each, at in controllers.items()),
        "controller.quorum.bootstrap.servers": ",".join(f"127.0.0.1:{at}" for at in controllers.values()),
        **REPLICATION,
    }


def _described(settings: Settings, topics: list[str] | None = None) -> list[dict[str, Any]]:
    with admin(settings) as client:
        described: list[dict[str, Any]] = client.describe_topics(topics)
    return described
