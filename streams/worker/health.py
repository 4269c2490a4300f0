"""Metrics and health over HTTP, on a thread of their own, so that they answer while the event loop is busy."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from streams.errors import TelexError

# A client that connects and sends nothing is disconnected after this many seconds.
REQUEST_LIMIT_S = 5.0

# Returns whether all is well, and the reason in one line.
Check = Callable[[], tuple[bool, str]]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Do nothing. A client that hangs up is not an event, and socketserver would print a traceback."""


class HealthServer:
    """Serves `/metrics`, `/livez` and `/readyz` until it is closed.

    Args:
        host, port: the address to listen on; port 0 takes a free one.
        registry: the metrics to serve.
        live, ready: the checks of `/livez` and `/readyz`, which answer 200 or 503.

    Raises:
        TelexError: the port is in use, or this machine does not have the address.
    """

    def __init__(self, host: str, port: int, registry: CollectorRegistry, live: Check, ready: Check) -> None:
        class Request(BaseHTTPRequestHandler):
            timeout = REQUEST_LIMIT_S

            def do_GET(self) -> None:
                checks = {"/livez": live, "/readyz": ready}
                if self.path == "/metrics":
                    self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
                elif self.path in checks:
                    well, why = checks[self.path]()
                    self._answer(200 if well else 503, "text/plain; charset=utf-8", f"{why}\n".encode())
                else:
                    self._answer(404, "text/plain; charset=utf-8", b"There are /metrics, /livez and /readyz.\n")

            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Do nothing. Normal operation logs nothing."""

        try:
            self._server = _Server((host, port), Request)
        except OSError as error:
            raise TelexError(
                f"Metrics cannot be served on {host}:{port} ({error.strerror}): set TELEX_WEB_HOST or TELEX_WEB_PORT (0 takes a free port)."
            ) from None
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="web", daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
