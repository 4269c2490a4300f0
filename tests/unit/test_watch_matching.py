"""Watches: how they are read, which articles they match, and the record of a match."""

from __future__ import annotations

import json
import logging
from typing import Any

import msgspec
import pytest

from agents.watches import matching
from streams.errors import Reason, RecordError, TelexError
from streams.records import Story, watches
from streams.records.watches import MAX_MARKS, MatchRecord, Watch
from tests.support.filtered import article, wanted
from tests.support.measure_watches import ratio

VISIT = article(
    "Merkel in Paris",
    "Angela Merkel met Emmanuel Macron in Paris. Climate  change was\nthe topic.",
    named={"Angela Merkel": "PERSON", "Paris": "LOCATION/FR"},
    language="en",
    url="https://example.org/1",
)
STORY = msgspec.json.encode(
    Story(id="a", story="a", relation="first", of=None, similarity=None, articles=1, model="telex-stories/1")
)


def table(**known: dict[str, Any]) -> dict[bytes, bytes]:
    """The records of watches, by the conditions of each."""
    return {name.encode(): watches.encode(watches.new(wanted(conditions))) for name, conditions in known.items()}


def matched(value: bytes, **known: dict[str, Any]) -> list[dict[str, Any]]:
    """The values of the records that an article gives."""
    return [json.loads(record.value) for record in matching.derive(value, matching.index(table(**known))).records]


def test_each_watch_that_matches_gives_a_record() -> None:
    records = matching.derive(
        VISIT,
        matching.index(table(english={"language": ["en"]}, french={"language": ["fr"]}, climate={"text": ["climate"]})),
    ).records
    assert [(record.key, json.loads(record.value)["watch"]) for record in records] == [
        ("climate", "climate"),
        ("english", "english"),
    ]
    assert [record.id for record in records] == [json.loads(record.value)["id"] for record in records]


def test_the_record_of_a_match_has_the_article_and_what_matched() -> None:
    (record,) = matched(VISIT, merkel={"entity": ["merkel"], "text": ["climate change"]})
    assert record == {
        "id": record["id"],
        "watch": "merkel",
        "version": Watch(filter=wanted({"entity": ["merkel"], "text": ["climate change"]})).version,
        "article": {"id": "a", "title": "Merkel in Paris", "url": "https://example.org/1"},
        "entities": [
            {
                "name": "Angela Merkel",
                "type": "PERSON",
                "mentions": [
                    {"field": "title", "start": 0, "end": 6, "text": "Merkel"},
                    {"field": "text", "start": 7, "end": 13, "text": "Merkel"},
                ],
            }
        ],
        "passages": [{"field": "text", "start": 44, "end": 59, "text": "Climate  change"}],
    }


def test_a_match_that_comes_again_is_the_same_to_the_byte() -> None:
    known = table(b={"language": ["en"], "entity": ["Merkel", "Paris"]}, a={"text": ["topic"]})
    once = matching.derive(VISIT, matching.index(known)).records
    again = matching.derive(VISIT, matching.index(dict(reversed(known.items())))).records
    assert once == again


def test_the_id_of_a_match_depends_on_the_watch_its_version_and_the_article() -> None:
    ids = {
        watches.match_id(name, version, article_id)
        for name in ("a", "b")
        for version in ("1", "2")
        for article_id in ("x", "y")
    }
    assert len(ids) == 8


def test_a_new_url_makes_no_new_version() -> None:
    one, other = (watches.new(wanted({"text": ["a"]}), url) for url in (None, "https://example.org/x"))
    assert one.version == other.version
    assert one.version != watches.new(wanted({"text": ["b"]})).version


def test_a_record_leaves_out_what_is_too_much() -> None:
    long = "x" * 1000
    value = article(long, f"Merkel {'Merkel ' * 150} climate{' ' * 600}change", named={"Merkel": "PERSON"})
    (record,) = matched(value, m={"entity": ["Merkel"], "text": ["climate change"]})
    assert len(record["entities"][0]["mentions"]) == MAX_MARKS
    assert record["omitted"] == 151 - MAX_MARKS + 1
    assert len(record["article"]["title"]) == 500


def test_a_watch_is_the_same_after_it_was_written_and_read() -> None:
    watch = watches.new(wanted({"language": ["fr"], "mentions": 2, "text": ["été"]}), "https://example.org/telex?a=b")
    assert watches.decode(watches.encode(watch)) == watch


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"{", "A watch is a JSON object, and this is none: Input data was truncated"),
        (b"{}", "A watch has other fields: it should have an object `filter`, and may have a string `url`"),
        (b'{"filter": {"text": ["a"]}, "url": 7}', "A watch has other fields: it should have an object `filter`"),
        (b'{"filter": {}}', "A watch needs at least one condition"),
        (b'{"filter": {"txt": ["a"]}}', "A filter has no condition 'txt': did you mean text?"),
        (b'{"filter": {"stories": ["second"]}}', "stories: 'second' is none of first, duplicate"),
        (b'{"filter": {"text": ["a"]}, "url": "ftp://example.org"}', "'ftp://example.org' is no URL for a webhook"),
        (b'{"filter": {"text": ["a"]}, "url": "https://a:b@example.org"}', "'https://a:b@example.org' is no URL"),
        (b'{"filter": {"text": ["a"]}, "url": "https://example.org:99999"}', "'https://example.org:99999' is no URL"),
        (b'{"filter": {"text": ["a"]}, "url": "https:///x"}', "'https:///x' is no URL"),
        (b" " * 300_000, "A watch has at most 262144 bytes, and this one has 300000"),
    ],
)
def test_a_record_that_is_no_watch_is_refused_with_a_reason(value: bytes, message: str) -> None:
    with pytest.raises(TelexError) as refused:
        watches.decode(value)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("name", ["", "a b", "ä", "-a", "a" * 101, "a/b", "a\n"])
def test_a_name_that_a_watch_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(TelexError, match="is no name for a watch"):
        watches.checked_name(name)


def test_a_record_that_is_no_watch_harms_no_other_watch(caplog: pytest.LogCaptureFixture) -> None:
    known = {b"bad": b"{", b"\xff": b"{}", **table(good={"text": ["topic"]})}
    with caplog.at_level(logging.WARNING):
        at = matching.index(known)
    assert [record.key for record in matching.derive(VISIT, at).records] == ["good"]
    assert len(caplog.messages) == 2


def test_a_watch_that_asks_for_the_story_meets_an_article_when_its_story_is_known() -> None:
    at = matching.index(
        table(
            once={"text": ["climate"], "stories": ["first"]},
            always={"text": ["climate"]},
            edits={"stories": ["near_duplicate"]},
        )
    )
    assert [record.key for record in matching.derive(VISIT, at).records] == ["always"]
    (once,) = matching.derive_again(VISIT, STORY, at).records
    assert (once.key, json.loads(once.value)["story"]) == ("once", {"id": "a", "relation": "first"})
    assert matching.has_second_pass(at)
    assert not matching.has_second_pass(matching.index(table(always={"text": ["climate"]})))


@pytest.mark.parametrize("more", [None, b"{", b'{"id": "a"}', STORY.replace(b'"id":"a"', b'"id":"b"')])
def test_what_is_no_story_of_the_article_is_an_error(more: bytes | None) -> None:
    with pytest.raises(RecordError) as refused:
        matching.derive_again(VISIT, more, matching.index(table(once={"stories": ["first"]})))
    assert refused.value.reason is Reason.INVALID_FIELD


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.EMPTY),
        (b"{", Reason.INVALID_JSON),
        (b"[]", Reason.NOT_AN_OBJECT),
        (b'{"text": 7, "id": "a"}', Reason.INVALID_FIELD),
        (b'{"text": "News"}', Reason.INVALID_FIELD),
    ],
)
def test_a_record_that_is_no_article_is_an_error_with_its_reason(value: bytes | None, reason: Reason) -> None:
    with pytest.raises(RecordError) as refused:
        matching.derive(value, matching.index(table(good={"text": ["topic"]})))
    assert refused.value.reason == reason


def test_the_record_of_a_match_is_read_as_it_was_written() -> None:
    (record,) = matching.derive(VISIT, matching.index(table(merkel={"entity": ["merkel"]}))).records
    read = msgspec.json.decode(record.value, type=MatchRecord)
    assert (read.watch, read.article["id"], read.entities[0].name) == ("merkel", "a", "Angela Merkel")
    assert msgspec.json.encode(read) == record.value


def test_ten_thousand_watches_cost_less_than_three_times_what_ten_cost() -> None:
    assert ratio(10_000) < 3
