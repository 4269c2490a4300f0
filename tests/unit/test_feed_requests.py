"""Requests for feeds and pages: what a server may do to Telex, and what Telex may do to a server."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from streams.errors import FeedError
from streams.feeds import robots, site_client
from streams.feeds.feed_memory import FeedMemory
from streams.feeds.hosts import retry_after
from streams.feeds.site_client import Answer, SiteClient
from streams.settings import Settings
from streams.system.ports import free_port
from streams.system.public_address import is_public
from tests.support.feed_server import FeedServer, Reply
from tests.support.processes import wait_for


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[FeedMemory]:
    with FeedMemory(tmp_path / "feeds.sqlite", "topic") as opened:
        yield opened


def get_all(memory: FeedMemory, *urls: str, pause_s: float = 0, may_be_private: bool = True) -> list[Any]:
    """The answer or the error for each address, requested at the same time."""

    async def requests() -> list[Any]:
        settings = Settings(feed_pause_s=pause_s, feed_contact="desk@news.example")
        async with SiteClient(settings, memory) as client:
            tasks: list[Coroutine[Any, Any, Answer]] = [
                client.get(url, 1000, may_be_private=may_be_private) for url in urls
            ]
            return list(await asyncio.gather(*tasks, return_exceptions=True))

    return asyncio.run(requests())


def get(memory: FeedMemory, url: str, *, may_be_private: bool = True) -> Answer:
    (found,) = get_all(memory, url, may_be_private=may_be_private)
    if isinstance(found, BaseException):
        raise found
    assert isinstance(found, Answer)
    return found


def test_a_request_names_telex_its_version_and_the_contact(server: FeedServer, memory: FeedMemory) -> None:
    from importlib.metadata import version

    get(memory, server.serve("/feed", "x"))
    expected = f"Telex/{version('telex')} (+desk@news.example)"
    assert {request.headers["User-Agent"] for request in server.requests} == {expected}
    assert [request.path for request in server.requests] == ["/robots.txt", "/feed"]


@pytest.mark.parametrize("headers", [{"Content-Encoding": "gzip"}, {"Content-Type": "application/gzip"}, {}])
def test_gzip_is_unpacked_whatever_the_header_says(
    server: FeedServer, memory: FeedMemory, headers: dict[str, str]
) -> None:
    server.replies["/feed"] = Reply(gzip.compress(b"one ") + gzip.compress(b"two"), headers=headers)
    assert get(memory, server.url("/feed")).body == b"one two"
    server.replies["/feed"] = Reply(b"not packed", headers=headers)
    assert get(memory, server.url("/feed")).body == b"not packed"


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(b"x" * 1001), "has more than 1,000 bytes"),
        (Reply(parts=lambda: iter([b"x" * 600] * 2)), "has more than 1,000 bytes"),
        (Reply(gzip.compress(b"x" * 10_000_000)[:900]), "has more than 1,000 bytes"),
        (Reply(gzip.compress(b"short")[:-4]), "ends too early"),
        (Reply(b"\x1f\x8bnonsense"), "is damaged"),
        (Reply(b"x", headers={"Content-Encoding": "br"}), "is packed with 'br', which Telex did not ask for"),
        (Reply(b"x", headers={"Content-Length": "5"}), "cannot be reached"),
        (Reply(status=302, headers={"Location": "/feed"}), "leads through more than 5 redirects"),
        (Reply(status=302, headers={"Location": "file:///etc/passwd"}), "is not an address of the web"),
        (Reply(status=302, headers={"Location": "http://[bad"}), "cannot be reached|is not an address of the web"),
        (Reply(status=302), r"answers 302 \(Found\)"),
        (Reply(status=404), r"answers 404 \(Not Found\): look for its new address\."),
        (Reply(status=410), "the site has ended it"),
        (Reply(status=500), r"answers 500 \(Internal Server Error\): try again later\."),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_with_the_reason(
    server: FeedServer, memory: FeedMemory, reply: Reply, message: str
) -> None:
    server.replies["/feed"] = reply
    with pytest.raises(FeedError, match=message):
        get(memory, server.url("/feed"))


@pytest.mark.parametrize("url", ["ftp://a.example/", "news.example/feed", "http://", "http://[::1", "https://a b/", ""])
def test_what_is_no_address_of_the_web_is_refused(memory: FeedMemory, url: str) -> None:
    with pytest.raises(FeedError, match=r"is not an address of the web: write it as https://|cannot be reached"):
        get(memory, url)


def test_a_server_that_is_not_there_is_named(memory: FeedMemory) -> None:
    with pytest.raises(FeedError, match=r"127\.0\.0\.1:\d+/robots\.txt .*cannot be reached"):
        get(memory, f"http://127.0.0.1:{free_port()}/feed")


def test_a_server_that_sends_byte_after_byte_is_given_up(
    server: FeedServer, memory: FeedMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_client, "REQUEST_LIMIT_S", 0.5)
    server.replies["/feed"] = Reply(parts=lambda: iter([b"x", 0.2] * 50))
    with pytest.raises(FeedError, match=r"took longer than 0\.5 s"):
        get(memory, server.url("/feed"))


def test_work_that_keeps_the_loop_busy_makes_no_server_look_slow(
    server: FeedServer, memory: FeedMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_client, "REQUEST_LIMIT_S", 1.0)
    server.serve("/robots.txt", "")
    server.replies["/feed"] = Reply(parts=lambda: iter([b"x", 0.3] * 2))

    async def request() -> Answer:
        async with SiteClient(Settings(feed_pause_s=0), memory) as client:
            getting = asyncio.create_task(client.get(server.url("/feed"), 1000, may_be_private=True))
            await asyncio.to_thread(wait_for, lambda: server.asked("/feed"), 5)
            keep_busy(client)
            return await getting

    def keep_busy(client: SiteClient) -> None:
        with client.requests_wait():
            time.sleep(1.5)

    assert asyncio.run(request()).body == b"xx"


def test_a_redirect_is_followed_and_its_address_is_the_one_of_the_answer(
    server: FeedServer, memory: FeedMemory
) -> None:
    server.serve("/new/feed", "x")
    server.replies["/feed"] = Reply(status=301, headers={"Location": "new/feed"})
    assert get(memory, server.url("/feed")).url == server.url("/new/feed")


def test_two_requests_to_one_host_have_a_pause_between_them(server: FeedServer, memory: FeedMemory) -> None:
    urls = [server.serve(f"/{number}", "x") for number in range(3)]
    assert len(get_all(memory, *urls, pause_s=0.3)) == 3
    times = [request.at for request in server.requests]
    assert min(after - before for before, after in pairwise(times)) >= 0.3


def test_robots_txt_decides_and_is_asked_once_a_day(server: FeedServer, memory: FeedMemory) -> None:
    server.serve("/robots.txt", "User-agent: *\nDisallow: /\n\nUser-agent: telex\nDisallow: /*/private$\nAllow: /")
    server.serve("/a/private", "x")
    with pytest.raises(FeedError, match=r"/a/private is not allowed by .*/robots\.txt: ask the site"):
        get(memory, server.url("/a/private"))
    assert get(memory, server.serve("/a/private/not", "x")).body == b"x"
    assert [request.path for request in server.requests] == ["/robots.txt", "/a/private/not"]


def test_a_site_whose_robots_txt_cannot_be_read_is_not_read_and_one_without_it_is(
    server: FeedServer, memory: FeedMemory
) -> None:
    url = server.serve("/feed", "x")
    server.serve("/robots.txt", "", status=500)
    with pytest.raises(FeedError, match=r"decides what may be read, and cannot be read itself") as refused:
        get(memory, url)
    assert not refused.value.lasting
    server.replies["/robots.txt"] = Reply(b"User-agent: *", headers={"Content-Encoding": "br"})
    with pytest.raises(FeedError, match=r"cannot be read itself: .* is packed with 'br'"):
        get(memory, url)
    server.serve("/robots.txt", "", status=403)
    assert get(memory, url).body == b"x"


def test_a_byte_order_mark_hides_no_rule(server: FeedServer, memory: FeedMemory) -> None:
    server.serve("/robots.txt", "\ufeffUser-agent: *\nDisallow: /")
    with pytest.raises(FeedError, match="is not allowed by"):
        get(memory, server.serve("/feed", "x"))


def test_a_crawl_delay_makes_the_pause_longer(server: FeedServer, memory: FeedMemory) -> None:
    server.serve("/robots.txt", "User-agent: *\nCrawl-delay: 0.4")
    get_all(memory, server.serve("/1", "x"), server.serve("/2", "x"))
    first, second = (request.at for request in server.requests if request.path != "/robots.txt")
    assert second - first >= 0.4


@pytest.mark.usefixtures("no_garbage_collection")
def test_rules_that_take_for_ever_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "_LIMIT_S", 0.05)
    with pytest.raises(FeedError, match=r"https://a\.example/robots\.txt took longer than 0\.05 s to read"):
        robots.RobotRules("User-agent: *\n" + "Disallow: /*a*b$\n" * 100_000, "https://a.example")


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_host_gets_no_further_request_in_this_round_and_the_next(
    server: FeedServer, memory: FeedMemory, status: int
) -> None:
    busy = server.serve("/busy", "", status=status, Retry_After="90")
    other = server.serve("/other", "x")
    first, second = get_all(memory, busy, other)
    assert (first.wait_s, first.lasting) == (90, False)
    (third,) = get_all(memory, other)
    assert (second.wait_s, third.wait_s) == pytest.approx((90, 90), abs=5)
    assert server.asked("/other") == []


def test_retry_after_is_read_in_both_forms() -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert retry_after(in_an_hour) == pytest.approx(3600, abs=5)
    assert [retry_after(value) for value in (None, "", "soon", "120", "-5", "9999999")] == [
        None,
        None,
        None,
        120,
        None,
        86_400,
    ]


def test_a_feed_outside_of_a_private_network_leads_to_nothing_inside(server: FeedServer, memory: FeedMemory) -> None:
    url = server.serve("/admin", "secret")
    with pytest.raises(FeedError, match="is in a private network, and a feed outside of it leads there"):
        get(memory, url, may_be_private=False)
    with pytest.raises(FeedError, match="is in a private network"):
        get(memory, url.replace("127.0.0.1", "localhost"), may_be_private=False)
    assert server.requests == []


def test_a_name_that_means_another_address_after_the_check_gives_nothing(
    server: FeedServer, memory: FeedMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def passes(url: object) -> None:
        """The name meant a public address."""

    monkeypatch.setattr(site_client, "require_public", passes)
    with pytest.raises(FeedError, match="is in a private network"):
        get(memory, server.serve("/admin", "secret"), may_be_private=False)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("64:ff9b::808:808", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
    ],
)
def test_private_addresses_are_known_in_every_form(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_cookies_of_one_round_are_not_sent_in_the_next(server: FeedServer, memory: FeedMemory) -> None:
    url = server.serve("/feed", "x", Set_Cookie="id=1")
    get(memory, url)
    get(memory, url)
    assert all("Cookie" not in request.headers for request in server.requests)
