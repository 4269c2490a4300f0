"""A broker with two doors: workers come in by one at which something is done to them, the exam by the other."""

from __future__ import annotations

from dataclasses import dataclass

from streams.system.ports import free_port


@dataclass(frozen=True)
class Doors:
    """The ports of a broker, and the properties that open them.

    Attributes:
        direct: the exam's.
        behind: the workers'.
    """

    direct: int
    behind: int
    properties: dict[str, str]


def two_doors(name: str, protocol: str = "PLAINTEXT", advertised: int | None = None) -> Doors:
    """Free ones; who came in by the workers' is told to come again at the advertised port, by default the same."""
    direct, behind, controller = free_port(), free_port(), free_port()
    properties = {
        "listeners": f"PLAINTEXT://127.0.0.1:{direct},{name}://127.0.0.1:{behind},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{direct},{name}://127.0.0.1:{advertised or behind}",
        "listener.security.protocol.map": f"PLAINTEXT:PLAINTEXT,{name}:{protocol},CONTROLLER:PLAINTEXT",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
    }
    return Doors(direct, behind, properties)
