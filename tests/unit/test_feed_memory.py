"""What is remembered of feeds: it survives, it grows with the feeds, and it never loses an entry."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

from streams.errors import TelexError
from streams.feeds import feed_memory
from streams.feeds.entries import Entry
from streams.feeds.feed_memory import KEPT_DAYS, FeedMemory, Validators
from streams.feeds.feed_reader import FeedResult
from streams.feeds.feed_schedule import MAX_BACK_OFF_S, FeedSchedule
from streams.feeds.opml import feeds

FEED, OTHER = "https://news.example/feed?key=secret", "https://news.example/other"


def entry(name: str, version: bytes = b"1") -> Entry:
    return Entry(name, version, {"id": name, "text": "News"})


def test_an_entry_is_new_until_it_is_remembered_and_again_when_it_changes(tmp_path: Path) -> None:
    with FeedMemory(tmp_path / "m", "topic") as memory:
        assert memory.is_new(entry("a"))
        memory.remember(FEED, [entry("a")])
    with FeedMemory(tmp_path / "m", "topic") as memory:
        assert not memory.is_new(entry("a"))
        assert memory.is_new(entry("a", b"2"))
        memory.remember(FEED, [entry("a", b"2")])
        assert memory.is_new(entry("a", b"1"))


def test_two_versions_of_an_entry_in_two_feeds_are_each_published_once(tmp_path: Path) -> None:
    with FeedMemory(tmp_path / "m", "topic") as memory:
        memory.finish(FEED, [entry("a", b"short")], None, None)
        memory.finish(OTHER, [entry("a", b"long")], None, None)
        assert not memory.is_new(entry("a", b"short"))
        assert not memory.is_new(entry("a", b"long"))


def test_another_topic_knows_nothing_yet(tmp_path: Path) -> None:
    with FeedMemory(tmp_path / "m", "topic") as memory:
        memory.finish(FEED, [entry("a")], "etag", "date")
    with FeedMemory(tmp_path / "m", "created again") as memory:
        assert memory.is_new(entry("a"))
        assert memory.validators(FEED) == Validators(None, None)


def test_an_entry_that_left_its_feed_is_forgotten_after_a_while_and_one_that_stays_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = feed_memory._today()
    with FeedMemory(tmp_path / "m", "topic") as memory:
        memory.finish(FEED, [entry("stays"), entry("leaves")], "etag", "date")
        monkeypatch.setattr(feed_memory, "_today", lambda: today + KEPT_DAYS + 1)
        memory.finish(FEED, [entry("stays")], "etag", "date")
        assert (memory.is_new(entry("stays")), memory.is_new(entry("leaves"))) == (False, True)


def test_the_wish_of_a_host_to_wait_is_remembered_for_every_topic(tmp_path: Path) -> None:
    with FeedMemory(tmp_path / "m", "topic") as memory:
        assert memory.blocked_until("news.example") == 0
        memory.block("news.example", 60)
        memory.block("past.example", -1)
    with FeedMemory(tmp_path / "m", "other topic") as memory:
        assert time.time() < memory.blocked_until("news.example") <= time.time() + 60
        assert memory.blocked_until("past.example") == 0


def test_attempts_are_counted_until_the_entry_is_published(tmp_path: Path) -> None:
    with FeedMemory(tmp_path / "m", "topic") as memory:
        assert [memory.count_attempt(FEED, entry("a")) for _ in range(3)] == [1, 2, 3]
        assert memory.is_new(entry("a"))
        memory.remember(FEED, [entry("a")])
        assert memory.count_attempt(FEED, entry("a", b"2")) == 1


def test_the_file_is_the_users_own_and_has_no_addresses_of_feeds(tmp_path: Path) -> None:
    path = tmp_path / "new" / "m"
    with FeedMemory(path, "topic") as memory:
        memory.finish(FEED, [entry("a")], None, None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"secret" not in path.read_bytes()


def test_a_file_that_cannot_be_used_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"no database " * 100)
    with pytest.raises(TelexError, match=r"m is damaged \(.*\): move it away\."):
        FeedMemory(tmp_path / "m", "topic")
    (tmp_path / "file").touch()
    with pytest.raises(TelexError, match=r"cannot be written: (File exists|Not a directory)\. Set TELEX_DATA_DIR"):
        FeedMemory(tmp_path / "file" / "m", "topic")


def test_a_feed_that_fails_is_read_less_and_less_often_until_it_works() -> None:
    schedule, begin, pauses = FeedSchedule(["a", "b"], 300), 0.0, []
    assert schedule.due(0) == ["a", "b"]
    schedule.plan("b", FeedResult(), MAX_BACK_OFF_S * 100)
    for _ in range(9):
        schedule.plan("a", FeedResult(unread=True), begin)
        pauses.append(schedule.next_at() - begin)
        begin = schedule.next_at()
        assert schedule.due(begin) == ["a"]
    assert pauses == [600, 1200, 2400, 4800, 9600, 19200, *[MAX_BACK_OFF_S] * 3]
    schedule.plan("a", FeedResult(), begin)
    assert schedule.next_at() - begin == 300
    schedule.plan("a", FeedResult(unread=True, wait_s=7000), begin)
    assert schedule.next_at() - begin == 7000


def test_a_pace_slower_than_the_limit_of_back_off_stays() -> None:
    schedule = FeedSchedule(["a"], 86_400)
    schedule.plan("a", FeedResult(unread=True), 0.0)
    assert schedule.next_at() == 86_400


def opml(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "feeds.opml"
    path.write_text(content)
    return path


def test_opml_lists_each_feed_of_all_folders_once(tmp_path: Path) -> None:
    path = opml(
        tmp_path,
        """<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head><title>Mine</title></head><body>
        <outline text="Folder"><outline type="rss" text="A" xmlUrl="https://a.example/rss?x=1&amp;y=2"/>
        <outline text="B" XMLURL=" https://b.example/atom "/></outline>
        <outline text="A again" xmlUrl="https://a.example/rss?x=1&amp;y=2"/><outline text="note"/></body></opml>""",
    )
    assert feeds(path) == ["https://a.example/rss?x=1&y=2", "https://b.example/atom"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"is not OPML \(no element found"),
        ("<opml><body>", r"is not OPML \(no element found"),
        ("<opml><body><outline text='a'/></body></opml>", "has no feeds: OPML names each in the attribute xmlUrl"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><opml/>', "declares entities"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(TelexError, match=message):
        feeds(opml(tmp_path, content))


def test_a_list_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(TelexError, match=r"nowhere\.opml cannot be read: No such file or directory\."):
        feeds(tmp_path / "nowhere.opml")
