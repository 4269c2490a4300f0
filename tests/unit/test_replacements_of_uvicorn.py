"""The faults of uvicorn that `streams/web/http_connection.py` makes up for, shown on uvicorn's own connection.

Each test says which part can go when it fails, because uvicorn then does without it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from streams.web import http_connection
from streams.web.http_connection import HttpConnection

ENOUGH = 64 * 2**20


async def endless(scope: Any, receive: Any, send: Any) -> None:
    """An application that sends more than a client that does not read can take."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(ENOUGH // 2**16):
        await send({"type": "http.response.body", "body": bytes(2**16), "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def connections_after(connection: type[asyncio.Protocol], request: bytes, seconds: float) -> int:
    """How many connections a server still has after a client has sent a request and read nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(endless, http=connection, ws="none", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve([listener]))
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, listener.getsockname())
    await loop.sock_sendall(client, request)
    await asyncio.sleep(seconds)
    left = len(server.server_state.connections)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    server.should_exit = True
    await serving
    return left


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connection, "READ_LIMIT_S", 0.3)
    monkeypatch.setattr(http_connection, "REQUEST_LIMIT_S", 0.3)


@pytest.mark.parametrize("request_", [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHo"])
def test_uvicorn_waits_for_ever_for_a_client_that_stops_and_telex_does_not(request_: bytes) -> None:
    assert asyncio.run(connections_after(H11Protocol, request_, 1.5)) == 1
    assert asyncio.run(connections_after(HttpConnection, request_, 1.5)) == 0


def test_the_transport_of_a_client_that_reads_nothing_stays_after_its_close() -> None:
    async def scenario() -> tuple[int, int]:
        accepted: list[asyncio.Transport] = []

        class Kept(asyncio.Protocol):
            def connection_made(self, transport: Any) -> None:
                accepted.append(transport)

        listener = socket.create_server(("127.0.0.1", 0))
        server = await asyncio.get_running_loop().create_server(Kept, sock=listener)
        with socket.create_connection(listener.getsockname()):
            await asyncio.sleep(0.1)
            (transport,) = accepted
            transport.write(bytes(ENOUGH))
            transport.close()
            await asyncio.sleep(0.5)
            before = transport.get_write_buffer_size()
            transport.abort()
            await asyncio.sleep(0.1)
            after = transport.get_write_buffer_size()
        server.close()
        return before, after

    before, after = asyncio.run(scenario())
    assert before > 0
    assert after == 0
