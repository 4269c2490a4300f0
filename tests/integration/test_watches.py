"""Watches on a real Kafka: workers match articles, take over changes, and lose nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from streams.client import watch_store
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.records.headers import ARTICLE_OFFSET
from streams.settings import Settings
from streams.stages import DEAD, ENRICHED, MATCHES, WATCHES
from tests.support.articles import create_pipeline, enriched, produce
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


def wait_until_matched(settings: Settings) -> None:
    """Wait until the workers have finished all enriched articles."""
    articles = end_offset_sum(settings, ENRICHED)
    wait_for(lambda: sum(committed(settings, "watches").values()) == articles, LIMIT_S)


@dataclass(frozen=True)
class Finished:
    """What a worker did that found articles and stories when it started."""

    settings: Settings
    matches: float
    dead: float
    lost: float
    told: set[str]


@pytest.fixture(scope="module")
def finished(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    settings = create_pipeline(broker, tmp_path_factory.mktemp("watched"))
    add(settings, "biden", "entity=joe biden&text=nouvelle ligne")
    add(settings, "german", "language=de")
    add(settings, "edits", "stories=near_duplicate")
    produce(settings, enriched("a", "en", PERSON="Joe Biden"), b"{", enriched("b", "de"), enriched("c", "fr"))
    told = tell_stories(settings, [f"s{number}" for number in range(10)], "near_duplicate")
    write_story(settings, "gone", "near_duplicate", 0, {ARTICLE_OFFSET: b"10000"})
    write_story(settings, "bad", "near_duplicate", 0, {})
    with worker(settings).wait_ready() as running:
        wait_until_matched(settings)
        wait_for(lambda: stories_followed(settings, 12), LIMIT_S, running.log.read_text)
        return Finished(
            settings,
            running.metric('telex_matches_total{stage="watches"}'),
            running.metric('telex_articles_total{outcome="dead",stage="watches"}'),
            running.metric("telex_records_lost_total{"),
            told,
        )


def test_a_match_has_its_record(finished: Finished) -> None:
    found = {record.key: record for record in read(finished.settings, MATCHES)}
    assert found.keys() == {b"biden", b"german", b"edits"}
    value, article = json.loads(found[b"biden"].value), enriched("a", "en", PERSON="Joe Biden")
    marks = [*value["entities"][0]["mentions"], *value["passages"]]
    assert [mark["text"] for mark in marks] == ["Biden", "nouvelle ligne"]
    assert article["text"][marks[1]["start"] : marks[1]["end"]] == "nouvelle ligne"


def test_a_record_that_is_no_article_or_no_story_becomes_a_dead_letter(finished: Finished, run_telex: RunTelex) -> None:
    article, story = sorted(read(finished.settings, DEAD), key=lambda record: len(record.value))
    assert (article.value, dict(article.headers)["telex.error.stage"]) == (b"{", b"watches")
    said = dict(story.headers)["__connect.errors.exception.message"]
    assert said == b"The header telex.article.offset is no offset."
    listed = rows(run_telex, finished.settings, "dead", "list", "--stage", "watches")
    assert {row["reason"] for row in listed} == {"invalid_json", "invalid_field"}
    assert finished.dead == 1


def test_an_article_is_matched_with_its_story_later_unless_kafka_has_deleted_it(finished: Finished) -> None:
    assert {article for watch, article in matches(finished.settings) if watch == "edits"} == finished.told
    assert finished.lost == 1
    assert finished.matches == 2 + len(finished.told)


Workers = tuple[Settings, list[WorkerProcess]]


@pytest.fixture(scope="module")
def workers(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Two workers, which share their partitions."""
    settings = create_pipeline(broker, tmp_path_factory.mktemp("workers"))
    with worker(settings) as first, worker(settings) as second:
        for each in (first, second):
            each.wait_ready()
        yield settings, [first, second]


def test_a_change_takes_effect_in_all_workers_without_a_restart(workers: Workers) -> None:
    settings, processes = workers

    def publish(round_name: str) -> set[tuple[str, str]]:
        """Publish articles to each partition, and return the matches that they give."""
        before = set(matches(settings))
        produce(settings, *(enriched(f"{round_name}{number}") for number in range(20)))
        wait_until_matched(settings)
        return set(matches(settings)) - before

    assert publish("a") == set()
    add(settings, "tram", "text=tramway")
    time.sleep(2)
    assert publish("b") == {("tram", f"b{number}") for number in range(20)}
    add(settings, "tram", "text=métro")
    time.sleep(2)
    assert publish("c") == set()
    add(settings, "tram", "text=tramway")
    watch_store.remove(settings, "tram")
    time.sleep(2)
    assert publish("d") == set()
    assert all(each.metric("telex_articles_total{") for each in processes)


def test_a_watch_that_asks_for_the_story_matches_each_story_once(workers: Workers, run_telex: RunTelex) -> None:
    settings, processes = workers
    add(settings, "always", "text=tramway")
    add(settings, "once", "text=tramway&stories=first")
    # The texts are equal, and those of other tests are.
    produce(settings, *(enriched(f"e{number}") for number in range(8)))
    total = end_offset_sum(settings, ENRICHED)
    with WorkerProcess(settings, "stories", environment(settings)):
        wait_for(lambda: stories_followed(settings, total), LIMIT_S, processes[0].log.read_text)
    found = matches(settings)
    assert len({article for watch, article in found if watch == "always"}) == 8
    (first,) = [article for watch, article in found if watch == "once"]
    (record,) = [record for record in read(settings, MATCHES) if record.key == b"once"]
    assert json.loads(record.value)["story"] == {"id": first, "relation": "first"}
    tried = rows(run_telex, settings, "watch", "test", "once")
    assert [record["article"]["id"] for record in tried] == [first]
    assert [each.log.read_text() for each in processes] == ["", ""]


@pytest.fixture
def watched(pipeline: Settings, run_telex: RunTelex) -> Settings:
    produce(
        pipeline,
        *[enriched("biden", "en", "negative", PERSON="Joe Biden")] * 2,  # the second one is a copy
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
