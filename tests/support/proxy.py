"""A network between workers and a broker that can be slow, cut, dark or half open.

Toxiproxy does this and more, but it is a program in Go, and no package of Python's index brings it.
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
# SO_LINGER of 0 s: close() sends a reset and no farewell.
NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class _Connection:
    """One of a worker, and the one to the broker that goes on from it; `gone` is the side that was lost."""

    worker: socket.socket
    broker: socket.socket
    gone: socket.socket | None = None


class Proxy:
    """Carries bytes both ways between whoever connects to its port and a broker, in threads of its own.

    Attributes:
        port: on 127.0.0.1, where it listens.
        latency_s: how long bytes are on the way in each direction, at least and at most.
        swallowed: the kind of small requests that never arrive, by Kafka's number; None for none.
        breaks_at: what a request has in it that breaks the network: every connection is reset, and a new one at once;
        None for nothing.
        broken: whether that has happened; clear it, and everything goes through again.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port, self._broker_port = int(self._listener.getsockname()[1]), 0
        self.latency_s = (0.0, 0.0)
        self.swallowed: int | None = None
        self.breaks_at: re.Pattern[bytes] | None = None
        self.broken = threading.Event()
        self._connections: set[_Connection] = set()
        self._light = threading.Event()
        self._light.set()
        self._accepts = threading.Thread(target=self._accept, daemon=True)

    def start(self, broker_port: int) -> None:
        """Let whoever connects through to this port."""
        self._broker_port = broker_port
        self._accepts.start()

    def cut(self) -> int:
        """Reset every connection on both sides. Returns how many there were."""
        return self._each(_close)

    def lose_brokers_side(self) -> int:
        """Reset every connection on the broker's side; the worker's stays open and silent.

        Returns how many there were.
        """
        return self._each(lambda connection: _halve(connection, connection.broker))

    def lose_workers_side(self) -> int:
        """Reset every connection on the worker's side; the broker's stays open and silent.

        Returns how many there were.
        """
        return self._each(lambda connection: _halve(connection, connection.worker))

    def darken(self) -> None:
        """Let nothing through. TCP sends again what did not arrive: so it arrives late, when there is light."""
        self._light.clear()

    def lighten(self) -> None:
        """Let everything through again, and first what waited."""
        self._light.set()

    def _each(self, do: Callable[[_Connection], None]) -> int:
        connections = list(self._connections)
        for connection in connections:
            do(connection)
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
                for ends in (worker, broker), (broker, worker):
                    threading.Thread(target=self._carry, args=[connection, *ends], daemon=True).start()

    def _carry(self, connection: _Connection, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                time.sleep(random.uniform(*self.latency_s))
                self._light.wait()
                if source is connection.worker and self.breaks_at and self.breaks_at.search(data):
                    self.breaks_at = None
                    self.broken.set()
                    self.cut()
                if not connection.gone and not (source is connection.worker and self.swallowed in _kinds(data)):
                    sink.sendall(data)
        if source is not connection.gone:
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
        self._light.set()
        self.cut()


def _kinds(data: bytes) -> set[int]:
    """The kinds of the requests in what was sent at once, if it begins with one: each is four bytes of length, two of
    kind, and more.
    """
    found, at = set(), 0
    while at + 6 <= len(data):
        length, kind = struct.unpack_from(">ih", data, at)
        found.add(kind)
        at += 4 + length
    return found


def _close(connection: _Connection) -> None:
    for side in connection.worker, connection.broker:
        _reset(side)


def _halve(connection: _Connection, gone: socket.socket) -> None:
    connection.gone = gone
    _reset(gone)


def _reset(side: socket.socket) -> None:
    with suppress(OSError):  # the other end was quicker
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        side.shutdown(socket.SHUT_RD)  # wakes the thread that reads
    side.close()
