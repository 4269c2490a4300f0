"""A web server on loopback that serves feeds and pages, and remembers what it was asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self


@dataclass
class Reply:
    """What the server answers.

    Attributes:
        parts: the body in parts; a float is a pause in seconds.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    parts: Callable[[], Iterator[bytes | float]] | None = None


@dataclass(frozen=True)
class Request:
    """What the server was asked, and when in seconds of the monotonic clock."""

    path: str
    headers: Mapping[str, str]
    at: float


class FeedServer:
    """Serves `replies` by path, with everything else missing. Use it as a context manager.

    A reply with an `ETag` answers 304 to a request that has it.
    """

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.requests: list[Request] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                outer.requests.append(Request(path, dict(self.headers), time.monotonic()))
                with suppress(ConnectionError):  # the client has seen enough
                    outer._answer(self, outer.replies.get(path, Reply(status=404)))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def _answer(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        etag = reply.headers.get("ETag")
        status = 304 if etag and handler.headers.get("If-None-Match") == etag else reply.status
        handler.send_response(status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.parts is None:
            handler.send_header("Content-Length", str(0 if status == 304 else len(reply.body)))
        handler.end_headers()
        if status == 304:
            return
        for part in reply.parts() if reply.parts else [reply.body]:
            if isinstance(part, float):
                time.sleep(part)
            else:
                handler.wfile.write(part)
                handler.wfile.flush()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def serve(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> str:
        """Serve a body. Headers are named with underscores. Returns the address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Type", "application/xml")
        self.replies[path] = Reply(body.encode() if isinstance(body, str) else body, status, named)
        return self.url(path)

    def asked(self, path: str) -> list[Request]:
        """The requests for a path."""
        return [request for request in self.requests if request.path == path]

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
