"""A broker with two listeners: the exam uses one, and workers use the other, which a test interferes with."""

from __future__ import annotations

from dataclasses import dataclass

from streams.system.ports import free_port


@dataclass(frozen=True)
class Listeners:
    """The ports of a broker's two listeners, and the broker properties that open them.

    Attributes:
        exam_port: the port that the exam connects to.
        worker_port: the port that workers, or the proxy before them, connect to.
        properties: the broker properties, by their names in Kafka.
    """

    exam_port: int
    worker_port: int
    properties: dict[str, str]


def two_listeners(name: str, protocol: str = "PLAINTEXT", advertised_port: int | None = None) -> Listeners:
    """Choose free ports for both listeners.

    Args:
        name: the name of the workers' listener.
        protocol: the security protocol of the workers' listener.
        advertised_port: the port that the broker sends its workers to; by default the port of their listener.
    """
    exam, worker, controller = free_port(), free_port(), free_port()
    properties = {
        "listeners": f"PLAINTEXT://127.0.0.1:{exam},{name}://127.0.0.1:{worker},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{exam},{name}://127.0.0.1:{advertised_port or worker}",
        "listener.security.protocol.map": f"PLAINTEXT:PLAINTEXT,{name}:{protocol},CONTROLLER:PLAINTEXT",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
    }
    return Listeners(exam, worker, properties)
