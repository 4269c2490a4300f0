"""Watches on a real Kafka: workers match articles, take over changes, and lose nothing."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from streams.client import watch_store
from streams.settings import Settings
from streams.stages import DEAD, ENRICHED, MATCHES, WATCHES
from tests.support.articles import enriched, produce
from tests.support.commands import WAIT_S, RunTelex
from tests.support.independent_reader import committed, end_offset_sum, read
from tests.support.processes import WorkerProcess, environment, wait_for
from tests.support.watched import add, stories_followed, tell_stories, write_story

LIMIT_S = 30.0


def worker(settings: Settings, instance: str | None = None) -> WorkerProcess:
    return WorkerProcess(settings, "watches", environment(settings), instance)


def matches(settings: Settings) -> list[tuple[str, str]]:
    """The watch and the article of each match."""
    values = [json.loads(record.value) for record in read(settings, MATCHES)]
    return [(value["watch"], value["article"]["id"]) for value in values]


def rows(run_telex: RunTelex, settings: Settings, *arguments: str) -> list[dict[str, Any]]:
    """The JSON lines of a command."""
    code, lines, errors = run_telex(settings, *arguments)
    assert code == 0, errors
    return [json.loads(line) for line in lines]


def wait_until_matched(settings: Settings, articles: int) -> None:
    wait_for(lambda: sum(committed(settings, "watches").values()) == articles, LIMIT_S)


def test_a_match_has_its_record_and_a_record_that_is_no_article_becomes_a_dead_letter(
    pipeline: Settings, run_telex: RunTelex
) -> None:
    add(pipeline, "biden", "entity=joe biden&text=nouvelle ligne")
    add(pipeline, "french", "language=fr")
    with worker(pipeline).wait_ready() as running:
        produce(pipeline, enriched("a", "en", PERSON="Joe Biden"), b"{", enriched("b", "fr"), enriched("c", "de"))
        wait_until_matched(pipeline, 4)
        assert running.metric('telex_matches_total{stage="watches"}') == 2
        assert running.metric('telex_articles_total{outcome="dead",stage="watches"}') == 1
    found = {record.key: record for record in read(pipeline, MATCHES)}
    assert found.keys() == {b"biden", b"french"}
    value, article = json.loads(found[b"biden"].value), enriched("a", "en", PERSON="Joe Biden")
    marks = [*value["entities"][0]["mentions"], *value["passages"]]
    assert [mark["text"] for mark in marks] == ["Biden", "nouvelle ligne"]
    assert article["text"][marks[1]["start"] : marks[1]["end"]] == "nouvelle ligne"
    (dead,) = read(pipeline, DEAD)
    assert (dead.value, dict(dead.headers)["telex.error.stage"]) == (b"{", b"watches")
    assert rows(run_telex, pipeline, "dead", "list", "--stage", "watches")[0]["reason"] == "invalid_json"


def test_a_change_takes_effect_in_all_workers_without_a_restart(pipeline: Settings) -> None:
    with worker(pipeline) as first, worker(pipeline) as second:
        first.wait_ready()
        second.wait_ready()
        count = 0

        def publish(round_name: str) -> set[tuple[str, str]]:
            """Publish an article to each partition, and return the matches that they give."""
            nonlocal count
            before = set(matches(pipeline))
            produce(pipeline, *(enriched(f"{round_name}{number}") for number in range(20)))
            count += 20
            wait_until_matched(pipeline, count)
            return set(matches(pipeline)) - before

        assert publish("a") == set()
        add(pipeline, "tram", "text=tramway")
        time.sleep(2)
        assert publish("b") == {("tram", f"b{number}") for number in range(20)}
        add(pipeline, "tram", "text=métro")
        time.sleep(2)
        assert publish("c") == set()
        add(pipeline, "tram", "text=tramway")
        watch_store.remove(pipeline, "tram")
        time.sleep(2)
        assert publish("d") == set()
        assert all(each.metric("telex_articles_total{") for each in (first, second))


def test_a_watch_that_asks_for_the_story_matches_each_story_once(pipeline: Settings, run_telex: RunTelex) -> None:
    add(pipeline, "always", "text=tramway")
    add(pipeline, "once", "text=tramway&stories=first")
    with worker(pipeline) as running, WorkerProcess(pipeline, "stories", environment(pipeline)) as stories:
        for each in (running, stories):
            each.wait_ready()
        # The texts are equal.
        produce(pipeline, *(enriched(f"a{number}") for number in range(8)))
        wait_for(lambda: stories_followed(pipeline, 8), LIMIT_S, running.log.read_text)
        assert running.metric('telex_matches_total{stage="watches"}') == 9
        log = running.log.read_text()
    found = matches(pipeline)
    assert [watch for watch, _ in found].count("always") == 8
    (first,) = [article for watch, article in found if watch == "once"]
    (record,) = [record for record in read(pipeline, MATCHES) if record.key == b"once"]
    assert json.loads(record.value)["story"] == {"id": first, "relation": "first"}
    assert log == ""
    tried = rows(run_telex, pipeline, "watch", "test", "once")
    assert [record["article"]["id"] for record in tried] == [first]


def test_the_stories_that_came_while_no_worker_ran_are_matched_later(pipeline: Settings) -> None:
    add(pipeline, "edits", "stories=near_duplicate")
    told = tell_stories(pipeline, [f"a{number}" for number in range(10)], "near_duplicate")
    missing = {"telex.article.offset": b"10000"}  # Kafka has deleted the article
    write_story(pipeline, "gone", "near_duplicate", 0, missing)
    write_story(pipeline, "bad", "near_duplicate", 0, {})
    with worker(pipeline) as running:
        wait_for(lambda: stories_followed(pipeline, 12), LIMIT_S, running.log.read_text)
        lost = running.metric("telex_records_lost_total{")
    assert {article for _, article in matches(pipeline)} == told
    assert lost == 1
    (dead,) = read(pipeline, DEAD)
    assert dict(dead.headers)["__connect.errors.exception.message"] == b"The header telex.article.offset is no offset."


def test_a_worker_that_starts_knows_the_watches_before_its_first_article(pipeline: Settings) -> None:
    for number in range(5):
        add(pipeline, f"w{number}", "text=tramway")
    produce(pipeline, *(enriched(f"a{number}") for number in range(10)))
    with worker(pipeline):
        wait_until_matched(pipeline, 10)
    assert len(matches(pipeline)) == 50


@pytest.fixture
def watched(pipeline: Settings, run_telex: RunTelex) -> Settings:
    produce(
        pipeline,
        enriched("biden", "en", "negative", PERSON="Joe Biden"),
        enriched("macron", "fr", "positive", PERSON="Emmanuel Macron"),
        b"{",
    )
    for arguments in (
        ["biden", "--entity", "Joe Biden", "--language", "en", "--url", "https://example.org/hook"],
        ["all", "--text", "tramway", "--text", "métro"],
    ):
        assert run_telex(pipeline, "watch", "add", *arguments) == (0, [], [])
    return pipeline


def test_watches_are_listed_shown_and_removed(watched: Settings, run_telex: RunTelex) -> None:
    assert rows(run_telex, watched, "watch", "list") == [
        {"name": "all", "filter": "--text 'métro' --text tramway", "url": None},
        {"name": "biden", "filter": "--language en --entity 'Joe Biden'", "url": "https://example.org/hook"},
    ]
    (shown,) = rows(run_telex, watched, "watch", "show", "biden")
    assert shown["filter"] == {"language": ["en"], "entity": ["Joe Biden"]}
    assert run_telex(watched, "watch", "remove", "biden")[0] == 0
    assert [row["name"] for row in rows(run_telex, watched, "watch", "list")] == ["all"]
    for command in ("show", "remove", "test"):
        assert run_telex(watched, "watch", command, "biden") == (
            1,
            [],
            ["telex: There is no watch 'biden': `telex watch list` shows all."],
        )


def test_a_watch_can_be_tried_on_the_last_articles(watched: Settings, run_telex: RunTelex) -> None:
    (record,) = rows(run_telex, watched, "watch", "test", "biden")
    assert (record["watch"], record["article"]["id"]) == ("biden", "biden")
    assert len(rows(run_telex, watched, "watch", "test", "all", "--last", "100")) == 2
    _, shown, _ = run_telex(watched, "watch", "test", "all", "--format", "table")
    assert "ligne de »tramway«." in " ".join(" ".join(shown).split())


def test_a_subscriber_can_use_the_filter_of_a_watch(watched: Settings, run_telex: RunTelex) -> None:
    options = ("subscribe", "--from", "beginning", "--watch", "biden")
    code, shown, errors = run_telex(watched, *options, "--count", "1", "--timeout", WAIT_S)
    assert (code, [json.loads(line)["id"] for line in shown], errors) == (0, ["biden"], [])
    code, _, errors = run_telex(watched, *options, "--language", "fr")
    assert (code, errors[0].partition(".")[0]) == (
        2,
        "telex: Invalid value for --watch: it brings its own filter, so leave the other conditions out",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a b", "--text", "x"], "Invalid value: 'a b' is no name for a watch"),
        (["a"], "Invalid value: A watch needs at least one condition"),
        (["a", "--text", "x", "--url", "example.org"], "Invalid value: 'example.org' is no URL for a webhook"),
        (["a", "--text", "!"], "Invalid value for '--text': '!' has no letter and no digit"),
    ],
)
def test_a_watch_that_cannot_be_used_is_refused(
    kafka: Settings, run_telex: RunTelex, arguments: list[str], message: str
) -> None:
    code, _, errors = run_telex(kafka, "watch", "add", *arguments)
    assert (code, errors[0].startswith(f"telex: {message}")) == (2, True), errors


def test_the_topic_of_the_watches_keeps_the_last_record_of_each(pipeline: Settings, run_telex: RunTelex) -> None:
    for text in ("a", "b", "c"):
        add(pipeline, "same", f"text={text}")
    assert end_offset_sum(pipeline, WATCHES) == 3
    assert [json.loads(record.value) for record in read(pipeline, WATCHES)][-1] == {"filter": {"text": ["c"]}}
    assert rows(run_telex, pipeline, "watch", "list") == [{"name": "same", "filter": "--text c", "url": None}]
    assert not read(pipeline, ENRICHED)
