"""A connection to a broker in Kafka's wire protocol, without a client library: it sends and returns batches as bytes.

The layout of requests: https://kafka.apache.org/protocol.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

PRODUCE, FETCH = 0, 1
# The newest versions before the compact ("flexible") encoding.
PRODUCE_VERSION, FETCH_VERSION = 7, 4


@dataclass
class Connection:
    """One connection to one broker; use it as a context manager.

    Args:
        bootstrap_servers: the broker's address, `host:port`.
    """

    bootstrap_servers: str
    _number: int = field(default=0, init=False)

    def __enter__(self) -> Self:
        host, port = self.bootstrap_servers.rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), 60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def produce(self, topic: str, partition: int, batches: bytes) -> tuple[int, int]:
        """Send batches to the broker. Returns its error code, 0 for none, and the offset of the first record."""
        body = struct.pack(">hhi", -1, -1, 30_000) + struct.pack(">i", 1) + _string(topic)
        body += struct.pack(">iii", 1, partition, len(batches)) + batches
        response = self._request(PRODUCE, PRODUCE_VERSION, body)
        at = 4 + 2 + len(topic.encode()) + 4 + 4
        error, offset = struct.unpack_from(">hq", response, at)
        return error, offset

    def fetch(self, topic: str, partition: int, offset: int, size: int = 2**26) -> tuple[int, bytes]:
        """Fetch from an offset. Returns the broker's error code and the batches."""
        body = struct.pack(">iiiib", -1, 500, 1, size, 0) + struct.pack(">i", 1) + _string(topic)
        body += struct.pack(">iiqi", 1, partition, offset, size)
        response = self._request(FETCH, FETCH_VERSION, body)
        at = 4 + 4 + 2 + len(topic.encode()) + 4 + 4
        error, _, _, aborted = struct.unpack_from(">hqqi", response, at)
        at += 22 + 16 * max(0, aborted)
        (length,) = struct.unpack_from(">i", response, at)
        return error, response[at + 4 : at + 4 + max(0, length)]

    def _request(self, api: int, version: int, body: bytes) -> bytes:
        self._number += 1
        message = struct.pack(">hhi", api, version, self._number) + _string("hostile") + body
        self._socket.sendall(struct.pack(">i", len(message)) + message)
        (length,) = struct.unpack(">i", self._receive(4))
        return self._receive(length)[4:]

    def _receive(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            part = self._socket.recv(min(2**20, length - len(found)))
            if not part:
                raise ConnectionError("the broker closed the connection")
            found += part
        return bytes(found)


def _string(text: str) -> bytes:
    return struct.pack(">h", len(text.encode())) + text.encode()
