"""Free ports of this machine."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port of the loopback interface on which nothing listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(host: str, port: int) -> bool:
    """Whether nothing listens on the port."""
    with socket.socket() as probe:
        # Servers set this option too: the port of a server that has just ended counts as free, despite its last
        # connections.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
