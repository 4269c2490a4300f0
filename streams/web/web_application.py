"""The addresses of the web server, and the answer of each."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from streams.errors import TelexError
from streams.settings import Settings
from streams.web import openapi, query
from streams.web.access import COOKIE, Access
from streams.web.articles import Articles
from streams.web.guard import Guard, client_of, refusal
from streams.web.pipeline_view import PipelineView
from streams.web.recent import RecentArticles
from streams.web.shared_answers import SharedAnswers
from streams.web.sources_view import SourcesView
from streams.web.stories import Stories
from streams.web.watches_view import WatchesView
from streams.web.web_metrics import WebMetrics

STATIC = Path(__file__).parent / "static"
# Readers of the stream at once. With the other connections they need less than the 1,024 files that a process may open.
MAX_READERS = 500
MAX_TOKEN_BYTES = 1024
# Seconds for which an answer is valid. Reading the state of the pipeline takes some 0.1 s of a processor.
MAX_AGE_S, MAX_STATUS_AGE_S, MAX_SOURCES_AGE_S = 1.0, 5.0, 15.0

# Some systems call it text/plain, and then browsers refuse it.
mimetypes.add_type("text/javascript", ".js")

Endpoint = Callable[[Request], Awaitable[Response]]


class _Events(StreamingResponse):
    """The stream of one reader. What belongs to the reader is given back as soon as it has left."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(events, headers={"X-Accel-Buffering": "no"})  # nginx passes each event on at once
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events, until the reader leaves or the server stops."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._events.aclose()


class WebApplication:
    """The application of one web server.

    Args:
        settings: of the cluster and of the server.
        access: who may read.
    """

    def __init__(self, settings: Settings, access: Access) -> None:
        self.metrics = WebMetrics()
        self._access = access
        recent = RecentArticles()
        self._stories_view, self._watches_view = Stories(settings, recent), WatchesView(settings)
        self._articles = Articles(settings, recent, self._stories_view, self.metrics)
        self._title = self._articles.titles.of
        self._pipeline_view, self._sources_view = PipelineView(settings), SourcesView(settings)
        self._shared = SharedAnswers()
        endpoints: dict[str, Endpoint] = {
            "/articles": self._list,
            "/articles/stream": self._stream,
            "/hour": self._hour,
            "/stories": self._stories,
            "/watches": self._watches,
            "/status": self._status,
            "/sources": self._sources,
            "/metrics": self._metrics,
            "/livez": self._live,
            "/readyz": self._ready,
            "/openapi.json": self._openapi,
            "/": self._page,
        }
        paths = frozenset([*endpoints, "/session"])
        self.app = Starlette(
            routes=[
                *(Route(path, endpoint, methods=["GET"]) for path, endpoint in endpoints.items()),
                Route("/session", self._session, methods=["POST"]),
                Mount("/static", StaticFiles(directory=STATIC)),
            ],
            middleware=[
                Middleware(
                    Guard,
                    access=access,
                    metrics=self.metrics,
                    paths=paths,
                    protects_metrics=settings.web_protect_metrics,
                )
            ],
            exception_handlers={HTTPException: _http_error, TelexError: _unavailable},  # type: ignore[dict-item]
            lifespan=self._lifespan,
        )

    def close(self) -> None:
        """End the streams, and stop to read from Kafka."""
        for part in (self._articles, self._stories_view, self._watches_view, self._sources_view):
            part.close()

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {"metrics": self.metrics}  # for `HttpConnection`
        self.close()

    async def _list(self, request: Request) -> Response:
        asked = query.read(request)
        return _json(msgspec.json.encode(await self._articles.newest(asked.wanted, asked.limit)))

    async def _stream(self, request: Request) -> Response:
        asked = query.read(request)
        if self.metrics.readers >= MAX_READERS:
            self.metrics.dropped("full")
            return refusal(503, f"There are {MAX_READERS} readers, and that is the most.", {"Retry-After": "10"})
        if request.method == "HEAD":
            return Response(media_type=_Events.media_type)
        return _Events(self._articles.stream(asked.position, asked.wanted))

    async def _hour(self, _: Request) -> Response:
        return _json(await self._shared.get("/hour", 0, MAX_AGE_S, self._articles.last_hour))

    async def _stories(self, request: Request) -> Response:
        limit = query.read(request).limit
        return _json(
            await self._shared.get("/stories", limit, MAX_AGE_S, lambda: self._stories_view.newest(limit, self._title))
        )

    async def _watches(self, request: Request) -> Response:
        limit = query.read(request).limit
        return _json(
            await self._shared.get("/watches", limit, MAX_AGE_S, lambda: self._watches_view.newest(limit, self._title))
        )

    async def _status(self, _: Request) -> Response:
        return _json(await self._shared.get("/status", 0, MAX_STATUS_AGE_S, self._pipeline_view.read))

    async def _sources(self, _: Request) -> Response:
        return _json(await self._shared.get("/sources", 0, MAX_SOURCES_AGE_S, self._sources_view.read))

    async def _metrics(self, _: Request) -> Response:
        tail = self._articles.tail
        self.metrics.reading(tail.lag, tail.problem is None)
        return Response(self.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    async def _live(self, _: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def _ready(self, _: Request) -> Response:
        problem = self._articles.tail.problem
        return PlainTextResponse(f"{problem or 'ready'}\n", 503 if problem else 200)

    async def _openapi(self, _: Request) -> Response:
        return _json(msgspec.json.encode(openapi.document(version("telex"))))

    async def _page(self, _: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    async def _session(self, request: Request) -> Response:
        """Answer a token with a cookie."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_TOKEN_BYTES:
                return refusal(413, f"A token has at most {MAX_TOKEN_BYTES} bytes.")
        try:
            content = self._access.cookie_for(body.decode(errors="replace").strip(), client_of(request.scope))
        except PermissionError:
            return refusal(429, "Too many tokens: wait a minute.", {"Retry-After": "60"})
        if content is None:
            return refusal(401, "The token is wrong.")
        # A proxy with TLS says so. Whoever invents this header only keeps the cookie from itself.
        is_https = request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
        answer = Response(status_code=204)
        answer.set_cookie(COOKIE, content, httponly=True, samesite="strict", secure=is_https, path="/")
        return answer


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


async def _http_error(_: Request, error: HTTPException) -> Response:
    return refusal(error.status_code, error.detail, dict(error.headers or {}))


async def _unavailable(_: Request, error: TelexError) -> Response:
    return refusal(503, str(error), {"Retry-After": "2"})
