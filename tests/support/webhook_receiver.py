"""A receiver of webhooks with faults: a real HTTP server that answers, fails, hangs or goes away, as a test wants."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from standardwebhooks import Webhook

Fault = Literal["none", "error", "redirect", "reset", "hang", "slow", "endless"]
# Seconds that a slow receiver takes for each webhook.
SLOW_S = 0.3


@dataclass(frozen=True)
class Received:
    """A webhook as it arrived.

    Attributes:
        id: the header `webhook-id`.
        at: when it arrived, in seconds of the monotonic clock.
    """

    id: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def article(self) -> str:
        """The id of the article that matched."""
        identifier: str = json.loads(self.body)["data"]["article"]["id"]
        return identifier

    def verify(self, secret: str) -> Any:
        """The content, if the signature is right. Raises WebhookVerificationError if not."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class WebhookReceiver:
    """A server on a port of this machine.

    Attributes:
        fault: what it does with each webhook.
        accepted: the webhooks that it answered with 2xx.
        attempts: the number of all requests.
    """

    certificate: Path | None = None
    fault: Fault = "none"
    accepted: list[Received] = field(default_factory=list)
    attempts: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._start()

    @property
    def url(self) -> str:
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://127.0.0.1:{self.port}/hook?desk=7"

    @property
    def articles(self) -> list[str]:
        """The ids of the articles that were accepted, in their order."""
        return [webhook.article for webhook in self.accepted]

    def _start(self) -> None:
        receiver = self

        class Request(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.attempts += 1
                fault = receiver.fault
                if fault == "hang":
                    time.sleep(60)
                if fault == "reset":
                    # An end without lingering sends a reset.
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    return
                if fault == "slow":
                    time.sleep(SLOW_S)
                if fault in ("none", "slow", "endless"):
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    receiver.accepted.append(Received(headers["webhook-id"], headers, body, time.monotonic()))
                self.send_response({"error": 500, "redirect": 302}.get(fault, 204))
                if fault == "redirect":
                    self.send_header("Location", receiver.url)
                self.end_headers()
                while fault == "endless":
                    self.wfile.write(b"x" * 65536)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 100

            def handle_error(self, *_: object) -> None:
                pass

        self._server = Server(("127.0.0.1", self.port), Request)
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def go_away(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()

    def come_back(self) -> None:
        """Listen again on the same port."""
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.go_away()
