"""Requests for feeds and pages, with a limit on everything that a server may do."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from types import TracebackType
from typing import Self

import httpx

from streams.errors import FeedError
from streams.feeds.addresses import is_proxied, private, require_public, shown
from streams.feeds.answer_body import read_body
from streams.feeds.feed_memory import FeedMemory
from streams.feeds.hosts import Hosts, retry_after
from streams.feeds.robots import PRODUCT, RobotRules
from streams.settings import Settings
from streams.system.public_address import is_public

# Seconds for a whole request, without its redirects.
REQUEST_LIMIT_S = 30.0
MAX_REDIRECTS = 5
# Requests under way at the same time, to different hosts.
MAX_REQUESTS = 8
# Most bytes of an answer, before and after it is unpacked. RFC 9309 asks for at least 500 KiB of robots.txt.
MAX_FEED_BYTES, MAX_PAGE_BYTES, MAX_ROBOTS_BYTES = 16 * 2**20, 8 * 2**20, 2 * 2**20
# Codes by which a host asks to wait, and the seconds to wait where it does not say how long.
_BUSY = (429, 503)
_DEFAULT_WAIT_S = 60.0
# Codes of 4xx after which the same request may succeed.
_PASSING = (408, 425, 429)


class _RefusedError(FeedError):
    """The server answers with a code of 4xx, and would do so again."""


@dataclass(frozen=True)
class Answer:
    """The answer of a server.

    Attributes:
        url: the address after all redirects.
        status: 200 or, to a conditional request, 304.
        body: unpacked bytes.
        private: whether the server is in a private network.
    """

    url: str
    status: int
    headers: httpx.Headers
    body: bytes
    private: bool


class SiteClient:
    """Requests the feeds and pages of one round. Use it as an asynchronous context manager.

    Args:
        settings: the pause between requests, and the address that the User-Agent names.
        memory: keeps the robots.txt of each site for a day, and until when a host asks to wait.
        obeys_robots: whether robots.txt decides what is read.
    """

    def __init__(self, settings: Settings, memory: FeedMemory, *, obeys_robots: bool = True) -> None:
        contact = f" (+{settings.feed_contact})" if settings.feed_contact else ""
        self._client = httpx.AsyncClient(
            headers={"User-Agent": f"{PRODUCT}/{version('telex')}{contact}", "Accept-Encoding": "gzip"},
            timeout=None,  # noqa: S113 - REQUEST_LIMIT_S counts; httpx has no limit on a request as a whole
        )
        self._hosts = Hosts(settings.feed_pause_s, memory)
        self._slots = asyncio.Semaphore(MAX_REQUESTS)
        self._memory, self._obeys_robots = memory, obeys_robots
        self._limits: set[asyncio.Timeout] = set()
        self._robots_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(
        self, url: str, max_bytes: int, headers: Mapping[str, str] | None = None, *, may_be_private: bool
    ) -> Answer:
        """Get a feed or a page.

        Args:
            url: of the scheme http or https.
            max_bytes: the largest answer that is read.
            headers: more headers of the request.
            may_be_private: whether the address may be in a private network. A redirect from a public address never may.

        Raises:
            FeedError: there is no answer, or none that can be used.
        """
        return await self._follow(url, max_bytes, headers or {}, may_be_private, obeys_robots=self._obeys_robots)

    async def _follow(
        self, url: str, max_bytes: int, headers: Mapping[str, str], may_be_private: bool, *, obeys_robots: bool
    ) -> Answer:
        try:
            request: httpx.Request | None = self._client.build_request("GET", url, headers=headers)
        except (httpx.InvalidURL, UnicodeError, ValueError):
            raise FeedError(f"{shown(url)} is not an address of the web: write it as https://…", lasting=True) from None
        for _ in range(MAX_REDIRECTS + 1):
            assert request
            _require_web(request.url)
            if not may_be_private:
                await require_public(request.url)
            if obeys_robots:
                await self._require_allowed(request.url, may_be_private)
            answer, request = await self._send(request, max_bytes, may_be_private)
            if request is None:
                return answer
            may_be_private = answer.private
        raise FeedError(f"{shown(url)} leads through more than {MAX_REDIRECTS} redirects: look for its new address.")

    async def _send(
        self, request: httpx.Request, max_bytes: int, may_be_private: bool
    ) -> tuple[Answer, httpx.Request | None]:
        """The answer to a request, and the request to which it redirects."""
        name = shown(str(request.url))
        async with self._hosts.turn(request.url), self._slots:
            try:
                async with self._limit():
                    response = await self._client.send(request, stream=True)
                    try:
                        is_private = _is_private(response)
                        # A name may have meant another address when it was checked.
                        if is_private and not may_be_private:
                            raise private(request.url)
                        body = await read_body(response, max_bytes) if response.status_code == httpx.codes.OK else b""
                    finally:
                        await response.aclose()
            except TimeoutError:
                raise FeedError(f"{name} took longer than {REQUEST_LIMIT_S:g} s: the server is too slow.") from None
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                reason = str(error).strip().rstrip(".") or type(error).__name__
                raise FeedError(f"{name} cannot be reached ({reason}): check the address.") from None
            answer = Answer(str(response.url), response.status_code, response.headers, body, is_private)
            if response.next_request is None:
                self._require_success(answer)
            return answer, response.next_request

    @asynccontextmanager
    async def _limit(self) -> AsyncIterator[None]:
        async with asyncio.timeout(REQUEST_LIMIT_S) as limit:
            self._limits.add(limit)
            try:
                yield
            finally:
                self._limits.discard(limit)

    @contextmanager
    def requests_wait(self) -> Iterator[None]:
        """For work that keeps the event loop busy: the requests under way get its time in addition to their limit.

        So a feed that takes long to parse does not make the servers of other feeds look slow.
        """
        begin = time.monotonic()
        try:
            yield
        finally:
            for limit in self._limits:
                if not limit.expired() and (when := limit.when()) is not None:
                    limit.reschedule(when + time.monotonic() - begin)

    def _require_success(self, answer: Answer) -> None:
        """Raises FeedError for every status but 200 and 304."""
        status = answer.status
        if status in (httpx.codes.OK, httpx.codes.NOT_MODIFIED):
            return
        wait_s = None
        if status in _BUSY:
            wait_s = retry_after(answer.headers.get("Retry-After")) or _DEFAULT_WAIT_S
            self._memory.block(httpx.URL(answer.url).host, wait_s)
        phrase = httpx.codes.get_reason_phrase(status) or "unknown"
        advice = {
            401: "it wants a password",
            403: "the site does not give it to programs",
            404: "look for its new address",
            410: "the site has ended it, so remove it from your list",
        }.get(status, "try again later")
        message = f"{shown(answer.url)} answers {status} ({phrase}): {advice}."
        if 400 <= status < 500 and status not in _PASSING:
            raise _RefusedError(message, lasting=True)
        raise FeedError(message, wait_s=wait_s)

    async def _require_allowed(self, url: httpx.URL, may_be_private: bool) -> None:
        """Raises FeedError where robots.txt does not allow the address, or cannot be read."""
        origin = f"{url.scheme}://{url.netloc.decode()}"
        async with self._robots_locks[origin]:
            text = self._memory.robots(origin)
            if text is None:
                text = await self._robots_txt(f"{origin}/robots.txt", may_be_private)
                self._memory.keep_robots(origin, text)
        rules = RobotRules(text, shown(origin))
        self._hosts.slow_down(url.host, rules.delay_s)
        rules.require_allowed(str(url))

    async def _robots_txt(self, url: str, may_be_private: bool) -> str:
        """The robots.txt of a site; empty where it has none (RFC 9309, section 2.3.1)."""
        try:
            answer = await self._follow(url, MAX_ROBOTS_BYTES, {}, may_be_private, obeys_robots=False)
        except _RefusedError:
            return ""
        except FeedError as error:
            raise FeedError(
                f"{shown(url)} decides what may be read, and cannot be read itself: {error}", wait_s=error.wait_s
            ) from None
        # Some files begin with a byte order mark, which would hide their first rule.
        return answer.body.decode("utf-8-sig", errors="replace")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()


def _require_web(url: httpx.URL) -> None:
    if url.scheme not in ("http", "https") or not url.host:
        raise FeedError(f"{shown(str(url))} is not an address of the web: write it as https://…", lasting=True)


def _is_private(response: httpx.Response) -> bool:
    """Whether the server that answered is in a private network. Where a proxy connects, only the proxy knows."""
    if is_proxied(response.url):
        return False
    peer = response.extensions["network_stream"].get_extra_info("server_addr")
    # A connection that the server has reset has no address any more.
    return peer is None or not is_public(str(peer[0]))
