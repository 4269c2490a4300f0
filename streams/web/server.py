"""The web server: one process that serves the page until SIGTERM or SIGINT."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from streams.errors import TelexError
from streams.settings import Settings
from streams.web.access import Access, token_of
from streams.web.http_connection import HttpConnection
from streams.web.web_application import MAX_READERS, WebApplication

# Connections at once: the readers, and some room for other requests. Further ones get 503.
MAX_CONNECTIONS = MAX_READERS + 250
# Bytes of the headers of a request. The id of an event stands in one.
MAX_HEADER_BYTES = 64 * 1024
# Seconds that a connection stays open without a request.
KEEP_ALIVE_S = 20
# Seconds after SIGTERM to finish the answers. The supervisor waits for eleven.
STOP_LIMIT_S = 5


class _Server(uvicorn.Server):
    """uvicorn's server, which lets the streams end before it waits for them."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then stop as uvicorn does."""
        self._end_streams()
        await super().shutdown(sockets)


def run(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        settings: of the cluster and of the server.
        announce: is called with the address of the page once the server listens.

    Raises:
        TelexError: the port is in use, the address is not one of this machine, or a token is missing.
    """
    web = WebApplication(settings, Access(token_of(settings)))
    listener = _listen(settings.web_host, settings.web_port)
    announce(f"http://{_in_url(settings.web_host)}:{listener.getsockname()[1]}/")
    config = uvicorn.Config(
        web.app,
        http=HttpConnection,
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_LIMIT_S,
    )
    _Server(config, web.close).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise TelexError(
            f"The web page cannot be served on {host}:{port} ({error.strerror}): "
            "set TELEX_WEB_HOST or TELEX_WEB_PORT (0 takes a free port)."
        ) from None


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
