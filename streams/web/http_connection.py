"""uvicorn's HTTP connection, with limits on the time that a client takes.

uvicorn 0.54 waits for ever for a client that does not read. The transport's `close`, which it calls when it gives up,
first waits until the client has read everything (https://docs.python.org/3/library/asyncio-protocol.html). It also
waits for ever for the rest of a request. `tests/unit/test_replacements_of_uvicorn.py` says when it does neither.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

# Seconds that a client has to read what fills its buffer of 64 KiB.
READ_LIMIT_S = 30.0
# Seconds that a client has to send a request.
REQUEST_LIMIT_S = 10.0


class HttpConnection(H11Protocol):
    """A connection that is cut when the client does not read, or does not finish its request."""

    _read_limit: asyncio.TimerHandle | None = None
    _request_limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Give the client its time for the first request."""
        super().connection_made(transport)
        self._limit_request()

    def data_received(self, data: bytes) -> None:
        """Give the client its time for the rest of the request, where something is missing."""
        super().data_received(data)
        self._limit_request()

    def pause_writing(self) -> None:
        """The buffer is full: give the client its time to read."""
        super().pause_writing()
        self._read_limit = self.loop.call_later(READ_LIMIT_S, self._cut)

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        self._cancel_read_limit()

    def shutdown(self) -> None:
        """The server stops: do not wait for a client that does not read."""
        if self.flow.write_paused:
            self.transport.abort()
        else:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._cancel_request_limit()
        self._cancel_read_limit()
        super().connection_lost(exc)

    def _limit_request(self) -> None:
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._cancel_request_limit()
        elif self._request_limit is None:
            self._request_limit = self.loop.call_later(REQUEST_LIMIT_S, self.transport.abort)

    def _cut(self) -> None:
        if metrics := self.app_state.get("metrics"):
            metrics.dropped("stalled")
        self.transport.abort()

    def _cancel_request_limit(self) -> None:
        if self._request_limit:
            self._request_limit.cancel()
            self._request_limit = None

    def _cancel_read_limit(self) -> None:
        if self._read_limit:
            self._read_limit.cancel()
            self._read_limit = None
