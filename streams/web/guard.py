"""Checks every request: its size, host name, origin, rate and token; and gives every answer its headers."""

from __future__ import annotations

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.web.access import Access
from streams.web.rate_limit import RateLimit
from streams.web.web_metrics import WebMetrics

# The longest path with its query.
MAX_TARGET = 32_000
# No answer here holds an article: a browser needs some of them to ask for the token, and supervisors the others.
PUBLIC = ("/", "/livez", "/readyz", "/openapi.json", "/session")
PUBLIC_FOLDER = "/static/"

# No inline scripts and styles, nothing of other sites, no frames. Where the browser knows Trusted Types, no script can
# turn text into markup (https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/trusted-types/).
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """ASGI middleware.

    Args:
        app: answers the allowed requests.
        access: who may read.
        metrics: count the requests.
        paths: the paths that exist, for the metrics.
        protects_metrics: whether `/metrics` needs the token too.
    """

    def __init__(
        self, app: ASGIApp, access: Access, metrics: WebMetrics, paths: frozenset[str], protects_metrics: bool
    ) -> None:
        self._app, self._access, self._metrics, self._paths = app, access, metrics, paths
        self._public = PUBLIC if protects_metrics else (*PUBLIC, "/metrics")
        self._rates = RateLimit()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-cache" if self._is_static(scope) else "no-store")
                self._metrics.request(self._path(scope["path"]), message["status"])
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _path(self, path: str) -> str:
        if path.startswith(PUBLIC_FOLDER):
            return PUBLIC_FOLDER
        return path if path in self._paths else "other"

    @staticmethod
    def _is_static(scope: Scope) -> bool:
        return str(scope["path"]).startswith(PUBLIC_FOLDER)

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that is not allowed; None for one that is."""
        headers, path = Headers(scope=scope), scope["path"]
        if len(path) + len(scope["query_string"]) > MAX_TARGET:
            return refusal(414, f"The address has more than {MAX_TARGET} characters.")
        if not self._access.is_known_host(headers.get("host")):
            return refusal(
                421, "This is not a name of this server: open it as 127.0.0.1 or localhost, or set TELEX_WEB_TOKEN."
            )
        is_link = scope["method"] == "GET" and path == "/" and headers.get("sec-fetch-mode") == "navigate"
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not is_link:
            return refusal(403, "Pages of other sites read nothing here.")
        if not self._rates.allows(client_of(scope)):
            return refusal(429, "Too many requests: wait a second.", {"Retry-After": "1"})
        is_public = path in self._public or self._is_static(scope)
        if not is_public and not self._access.allows(headers, cookie_parser(headers.get("cookie", ""))):
            return refusal(
                401, "The token is missing or wrong: send it as Authorization: Bearer …", {"WWW-Authenticate": "Bearer"}
            )
        return None


def client_of(scope: Scope) -> str:
    """The address of the client. All clients of a proxy have the same."""
    return str((scope.get("client") or ("",))[0])


def refusal(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    """An error as JSON: what is wrong and what to do."""
    return Response(msgspec.json.encode({"error": reason}), status, headers, "application/json")
