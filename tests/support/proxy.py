"""A network between workers and a broker that can delay, drop, reset or half-close connections.

Toxiproxy does this and more, but it is a program in Go, and no package on PyPI contains it.
"""

from __future__ import annotations

import random
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

CHUNK = 2**20
# SO_LINGER of 0 s: close() sends a reset (RST) and no FIN.
NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class _Connection:
    """A worker's connection, and the connection to the broker that continues it; `lost` is the side that was lost."""

    worker: socket.socket
    broker: socket.socket
    lost: socket.socket | None = None


class Proxy:
    """Carries bytes in both directions between its clients and a broker, in its own threads.

    Attributes:
        port: the port on 127.0.0.1 where it listens.
        latency_s: the lowest and the highest delay of bytes in each direction, in seconds.
        dropped_api_key: the API key of small requests that never arrive; None for none.
        breaks_at: the pattern of a request that breaks the network, so that every connection is reset, and every new
            one too; None for no pattern.
        broken: set once the network has broken; clear it to mend the network.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port, self._broker_port = int(self._listener.getsockname()[1]), 0
        self.latency_s = (0.0, 0.0)
        self.dropped_api_key: int | None = None
        self.breaks_at: re.Pattern[bytes] | None = None
        self.broken = threading.Event()
        self._connections: set[_Connection] = set()
        self._flowing = threading.Event()
        self._flowing.set()
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    def start(self, broker_port: int) -> None:
        """Connect clients to the broker on this port."""
        self._broker_port = broker_port
        self._acceptor.start()

    def reset_connections(self) -> int:
        """Reset every connection on both sides. Returns how many there were."""
        return self._apply(_close)

    def lose_broker_side(self) -> int:
        """Reset every connection on the broker's side; the worker's side stays open and silent.

        Returns how many there were.
        """
        return self._apply(lambda connection: _half_close(connection, connection.broker))

    def lose_worker_side(self) -> int:
        """Reset every connection on the worker's side; the broker's side stays open and silent.

        Returns how many there were.
        """
        return self._apply(lambda connection: _half_close(connection, connection.worker))

    def block(self) -> None:
        """Hold all bytes back. They arrive after `unblock`, as TCP sends lost bytes again."""
        self._flowing.clear()

    def unblock(self) -> None:
        """Let all bytes through again, those that were held back first."""
        self._flowing.set()

    def _apply(self, action: Callable[[_Connection], None]) -> int:
        connections = list(self._connections)
        for connection in connections:
            action(connection)
        return len(connections)

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                worker, _ = self._listener.accept()
                if self.broken.is_set():
                    _reset(worker)
                    continue
                try:
                    broker = socket.create_connection(("127.0.0.1", self._broker_port))
                except OSError:
                    worker.close()
                    continue
                connection = _Connection(worker, broker)
                self._connections.add(connection)
                for direction in (worker, broker), (broker, worker):
                    threading.Thread(target=self._carry, args=[connection, *direction], daemon=True).start()

    def _carry(self, connection: _Connection, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                time.sleep(random.uniform(*self.latency_s))
                self._flowing.wait()
                if source is connection.worker and self.breaks_at and self.breaks_at.search(data):
                    self.breaks_at = None
                    self.broken.set()
                    self.reset_connections()
                dropped = source is connection.worker and self.dropped_api_key in _api_keys(data)
                if not connection.lost and not dropped:
                    sink.sendall(data)
        if source is not connection.lost:
            _close(connection)
            self._connections.discard(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()
        self._flowing.set()
        self.reset_connections()


def _api_keys(data: bytes) -> set[int]:
    """The API keys of requests that were sent together, if the data begins with a request.

    A request begins with four bytes of length and two bytes of API key.
    """
    found, at = set(), 0
    while at + 6 <= len(data):
        length, api_key = struct.unpack_from(">ih", data, at)
        found.add(api_key)
        at += 4 + length
    return found


def _close(connection: _Connection) -> None:
    for side in connection.worker, connection.broker:
        _reset(side)


def _half_close(connection: _Connection, lost: socket.socket) -> None:
    connection.lost = lost
    _reset(lost)


def _reset(side: socket.socket) -> None:
    with suppress(OSError):  # the other end closed it first
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        side.shutdown(socket.SHUT_RD)  # wakes the thread that reads
    side.close()
