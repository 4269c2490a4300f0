"""What the page shows beside the articles: the last hour, the stories, the watches, and titles."""

from __future__ import annotations

import json
import time

import pytest

from streams.records.filters import FilteredArticle
from streams.web import last_hour, story_list
from streams.web.last_hour import LastHour
from streams.web.recent import RecentArticle
from streams.web.story_list import StoryList
from streams.web.titles import Titles
from streams.web.topic_record import TopicRecord, topic_record
from streams.web.watch_list import Matches, Watches, decode_match, decode_watch
from tests.support.filtered import article

MINUTE = 60_000


def recent(value: bytes, time_ms: float | None = None) -> RecentArticle:
    moment = time.time() * 1000 if time_ms is None else time_ms
    return RecentArticle(0, 0, int(moment), value, "", FilteredArticle(value))


def news(number: int, **more: object) -> bytes:
    return article(
        f"Merkel {number}",
        "Merkel spoke in Berlin.",
        named={"Angela Merkel": "PERSON", "Berlin": "LOCATION/DE"},
        towards={"Angela Merkel": "negative"},
        language="en",
        sentiment="negative",
        id=f"n{number}",
        **more,
    )


def story(identity: str, of_story: str, articles: int, relation: str = "same_story", time_ms: int = 0) -> TopicRecord:
    value = {
        "id": identity,
        "story": of_story,
        "relation": relation,
        "of": None if relation == "first" else of_story,
        "similarity": 0.5,
        "articles": articles,
        "model": "m",
    }
    encoded = json.dumps(value).encode()
    return TopicRecord(0, 0, time_ms, identity.encode(), encoded, story_list.decode(encoded))


def watch(name: str, conditions: dict[str, list[str]] | None, url: str | None = None) -> TopicRecord:
    """The record of a watch; without conditions the one that removes it."""
    found = None if conditions is None else decode_watch(json.dumps({"filter": conditions, "url": url}).encode())
    return TopicRecord(0, 0, 0, name.encode(), b"", found)


def match(name: str, identity: str, time_ms: int) -> TopicRecord:
    value = {"id": identity, "watch": name, "version": "v", "article": {"id": "a"}}
    return TopicRecord(0, 0, time_ms, name.encode(), b"", decode_match(json.dumps(value).encode()))


def test_the_last_hour_counts_languages_tones_entities_and_places() -> None:
    hour = LastHour()
    unknown = article(None, "Ein Text.", language="de", id="u")
    hour.add([*(recent(news(number)) for number in range(3)), recent(unknown)])
    report = hour.report()
    assert (report.articles, sum(report.minutes), report.minutes[-1] + report.minutes[-2]) == (4, 4, 4)
    assert report.languages == {"en": 3, "de": 1}
    assert report.sentiments == {"negative": 3, "neutral": 0, "positive": 0}
    merkel, berlin = report.entities
    assert (merkel.name, merkel.type, merkel.articles, merkel.tones["negative"]) == ("Angela Merkel", "PERSON", 3, 3)
    assert (berlin.name, berlin.tones) == ("Berlin", {"negative": 0, "neutral": 0, "positive": 0})
    assert [(place.name, place.articles) for place in report.places] == [("Berlin", 3)]
    assert report.not_analysed["entities"] == {"text_too_short": 1}
    assert report.not_analysed["language"] == {}


def test_what_leaves_the_hour_no_longer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    hour, begin = LastHour(), time.time()
    hour.add([recent(news(1), 1000 * begin - 30 * MINUTE), recent(news(2), 1000 * begin)])
    assert hour.report().articles == 2
    for minutes, left in ((40, 1), (70, 0)):
        later = begin + 60 * minutes
        monkeypatch.setattr(time, "time", lambda later=later: later)
        report = hour.report()
        assert (report.articles, sum(report.languages.values()), len(report.entities)) == (left, left, 2 * left)


def test_articles_older_than_an_hour_and_those_of_the_future_do_no_harm() -> None:
    hour, now = LastHour(), time.time() * 1000
    hour.add([recent(news(1), now - 90 * MINUTE), recent(news(2), now + 90 * MINUTE)])
    assert (hour.report().articles, hour.report().minutes[-1]) == (1, 1)


def test_a_flood_of_names_takes_a_bounded_part_of_the_memory() -> None:
    hour = LastHour()
    for number in range(400):
        named = {f"Name{number}x{each}": "MISC" for each in range(60)}
        hour.add([recent(article(None, "x", named=named, language="en", id=str(number)))])
    assert sum(len(counts) for counts in hour._minutes.values()) <= 2 * last_hour.MAX_KEYS
    assert hour.report().articles == 400


def test_a_name_or_a_language_of_a_kilobyte_does_not_count() -> None:
    hour = LastHour()
    hour.add([recent(article(None, "x", named={"n" * 1000: "MISC"}, language="l" * 1000))])
    assert (hour.report().articles, hour.report().entities, hour.report().languages) == (1, [], {})


def test_a_story_has_its_reports_the_newest_first_with_their_titles() -> None:
    stories = StoryList()
    stories.take([story("a", "a", 1, "first", 1), story("x", "x", 1, "first", 2), story("b", "a", 2, time_ms=3)])
    titles = {"a": "The first report"}
    first, second = stories.newest(10, titles.get)
    assert (first.story, first.title, first.articles) == ("a", "The first report", 2)
    assert [(report.id, report.relation, report.title) for report in first.reports] == [
        ("b", "same_story", None),
        ("a", "first", "The first report"),
    ]
    assert (second.story, second.title) == ("x", None)
    assert [found.story for found in stories.newest(1, titles.get)] == ["a"]


def test_a_report_that_comes_again_counts_once_and_a_late_count_never_falls() -> None:
    stories = StoryList()
    stories.take([story("a", "a", 1, "first"), story("b", "a", 2), story("b", "a", 2), story("a", "a", 1, "first")])
    (found,) = stories.newest(10, lambda _: None)
    assert (found.articles, len(found.reports)) == (2, 2)


def test_the_list_of_stories_is_bounded() -> None:
    stories = StoryList()
    stories.take([story(str(number), str(number), 1) for number in range(story_list.MAX_STORIES + 5)])
    stories.take([story(f"r{number}", "s", number + 1) for number in range(story_list.MAX_REPORTS + 5)])
    found = stories.newest(10_000, lambda _: None)
    assert (len(found), len(found[0].reports)) == (story_list.MAX_STORIES, story_list.MAX_REPORTS)


def test_a_record_that_is_no_story_is_passed_over() -> None:
    stories = StoryList()
    for value in (b"{", b"[]", b'{"id": 1}'):
        with pytest.raises(ValueError, match=r"."):
            story_list.decode(value)
    stories.take([TopicRecord(0, 0, 0, b"a", b"", None)])
    assert stories.newest(10, lambda _: None) == []


def nameless(_: str) -> None:
    """No title is known."""


def test_the_watches_are_those_of_the_last_records_with_the_newest_match_first() -> None:
    watches, matches = Watches(), Matches()
    watches.take([watch("a", {"text": ["x"]}), watch("b", {"text": ["x"], "language": ["fr"]}, "https://example.org")])
    watches.take([watch("c", {"text": ["x"]}), watch("c", None), watch("a", {"text": ["y"]})])
    matches.take([match("b", "1", 1), match("b", "2", 2), match("b", "1", 3), match("c", "3", 4)])
    found = matches.newest_of(watches.by_name, 10, {"a": "The title"}.get)
    assert [(watch.name, watch.filter, watch.query, watch.webhook) for watch in found] == [
        ("b", {"language": ["fr"], "text": ["x"]}, "language=fr&text=x", True),
        ("a", {"text": ["y"]}, "text=y", False),
    ]
    assert [(match.match.id, match.title) for match in found[0].matches] == [("2", "The title"), ("1", "The title")]
    assert [watch.name for watch in matches.newest_of(watches.by_name, 1, nameless)] == ["b"]


def test_a_watch_under_a_name_that_no_watch_may_have_is_left_out() -> None:
    watches = Watches()
    watches.take([watch(name, {"text": ["x"]}) for name in ("n" * 1000, "\u202en", "", "good-name")])
    assert list(watches.by_name) == ["good-name"]


def test_the_url_of_a_webhook_is_not_shown() -> None:
    watches = Watches()
    watches.take([watch("a", {"text": ["x"]}, "https://example.org/s3cret")])
    assert "s3cret" not in repr(Matches().newest_of(watches.by_name, 10, nameless))


@pytest.mark.parametrize("value", [b"{", b"[]", b'{"filter": []}', b'{"filter": {}}', b'{"filter": {"entty": ["x"]}}'])
def test_a_record_that_is_no_watch_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_watch(value)


def test_an_article_without_a_title_is_named_by_its_beginning() -> None:
    titles = Titles()
    titles.add([recent(article(None, "word " * 100, id="a")), recent(article("A  title\n", "x", id="b"))])
    assert titles.of("b") == "A title"
    assert len(titles.of("a") or "") <= 160
    assert (titles.of("a") or "").startswith("word word")
    assert titles.of("c") is None


class Raw:
    """A record of kafka-python's."""

    partition, offset, timestamp, key, headers = 0, 1, 2, b"k", None

    def __init__(self, value: bytes | None) -> None:
        self.value = value


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_record_that_cannot_be_decoded_has_no_document(value: bytes | None) -> None:
    for decode in (FilteredArticle, story_list.decode, decode_match, decode_watch):
        assert topic_record(Raw(value), decode).document is None
