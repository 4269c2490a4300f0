"""`telex subscribe` on a real Kafka: which articles it shows, how it shows them, and when it ends."""

import json
import re

import pytest
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

from streams import Settings
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.stages import ENRICHED, MATCHES, RAW, STORIES, TOPICS
from tests.support.articles import NEWS, create_pipeline, enriched, ids, produce
from tests.support.commands import WAIT_S, RunTelex, StartTelex


@pytest.fixture(scope="module")
def stored(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A pipeline with enriched articles. Tests only read it."""
    settings = create_pipeline(broker, tmp_path_factory.mktemp("stored"))
    produce(
        settings,
        enriched("biden", "en", "negative", PERSON="Joe Biden", LOCATION="Paris"),
        enriched("macron", "fr", "positive", PERSON="Emmanuel\u00a0Macron"),
        enriched("paris", "fr", "neutral", ORGANIZATION="Paris Saint-Germain"),
        enriched("biden", "en", "negative", PERSON="Joe Biden", LOCATION="Paris"),
        {
            "id": "short",
            "text": "Non.",
            **{
                stage: {"status": "not_analysed", "reason": "text_too_short"}
                for stage in ("language", "entities", "sentiment")
            },
        },
        {
            "id": "odd",
            "text": NEWS,
            "language": "fr",
            "entities": {"status": "analysed", "items": 7},
            "sentiment": None,
        },
    )
    return settings


ALL = ["biden", "macron", "odd", "paris", "short"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ALL),
        (["--language", "en"], ["biden"]),
        (["--language", "FR"], ["macron", "paris"]),
        (["--entity", "joe biden"], ["biden"]),
        (["--entity", "Emmanuel Macron"], ["macron"]),
        (["--entity", "MACRON"], ["macron"]),
        (["--entity", "Paris"], ["biden"]),
        (["--type", "LOCATION"], ["biden"]),
        (["--type", "PERSON"], ["biden", "macron"]),
        (["--type", "ORGANIZATION", "--entity", "paris saint-germain"], ["paris"]),
        (["--sentiment", "positive"], ["macron"]),
        (["--language", "fr", "--sentiment", "neutral"], ["paris"]),
        (["--type", "person", "--entity-none", "macron", "--text", "TRAMWAY"], ["biden"]),
    ],
)
def test_a_filter_shows_the_articles_that_match_it(
    stored: Settings, run_telex: RunTelex, options: list[str], expected: list[str]
) -> None:
    count = ["--count", str(len(expected)), "--timeout", WAIT_S]
    code, shown, errors = run_telex(stored, "subscribe", "--from", "beginning", *options, *count)
    assert (code, ids(shown), errors) == (0, expected, [])


@pytest.mark.parametrize("options", [["--entity", "Paris", "--type", "ORGANIZATION"], ["--language", "de"], []])
def test_it_fails_when_the_time_runs_out(stored: Settings, run_telex: RunTelex, options: list[str]) -> None:
    begin = "beginning" if options else "end"
    code, shown, errors = run_telex(stored, "subscribe", "--from", begin, *options, "--timeout", "1", "--count", "9")
    assert (code, shown, errors) == (1, [], ["telex: The 1 s ran out after 0 records of 9."])


def test_it_shows_an_article_once_although_the_topic_has_a_copy(stored: Settings, run_telex: RunTelex) -> None:
    code, shown, errors = run_telex(stored, "subscribe", "--from", "beginning", "--timeout", "1.5")
    assert (code, ids(shown)) == (1, ALL)
    assert errors == ["telex: The 1.5 s ran out after 5 records."]


def test_it_shows_a_record_unchanged_on_one_line(pipeline: Settings, run_telex: RunTelex) -> None:
    produce(pipeline, b'{"id": "a",\r\n "views": 12345678901234567890.50,\n "text": "\\r\\nUn"}')
    _, shown, _ = run_telex(pipeline, "subscribe", "--from", "beginning", "--count", "1", "--timeout", WAIT_S)
    assert shown == ['{"id": "a",   "views": 12345678901234567890.50,  "text": "\\r\\nUn"}']


def test_the_table_is_readable_and_contains_no_control_characters(pipeline: Settings, run_telex: RunTelex) -> None:
    article = enriched("a\x1b[2J", "fr", "positive", PERSON="Emmanuel\u202f\x9b31mMacron")
    produce(pipeline, {**article, "title": "Le\ntram\x07 [red]rouge[/]\u202e"})
    _, shown, _ = run_telex(
        pipeline, "subscribe", "--from", "beginning", "--count", "1", "--timeout", WAIT_S, "--format", "table"
    )
    assert shown[0] == "a�[2J  Le tram� [red]rouge[/]�"
    assert "fr  ·  sentiment: positive +0.00" in shown[1]
    assert "entities: Emmanuel �31mMacron person ×1" in shown[2]


def test_an_article_waits_for_its_story_and_each_story_is_shown_once(stored: Settings, run_telex: RunTelex) -> None:
    options = ("subscribe", "--from", "beginning", "--stories", "first", "--text", "tramway")
    code, shown, errors = run_telex(stored, *options, "--timeout", "2")
    assert (code, shown, errors) == (1, [], ["telex: The 2 s ran out after 0 records."])
    relations = {"biden": "first", "macron": "duplicate", "paris": "first", "odd": "same_story"}
    produce(stored, *({"id": name, "relation": relation} for name, relation in relations.items()), topic=STORIES)
    code, shown, errors = run_telex(stored, *options, "--count", "2", "--timeout", WAIT_S)
    assert (code, ids(shown), errors) == (0, ["biden", "paris"], [])


def test_an_article_that_gets_no_story_of_its_own_keeps_nobody_waiting(pipeline: Settings, run_telex: RunTelex) -> None:
    produce(pipeline, enriched("copy"), enriched("new"))
    stories = KafkaConsumer(bootstrap_servers=pipeline.bootstrap_servers, group_id=pipeline.group("stories"))
    tps = [TopicPartition(pipeline.topic(ENRICHED), number) for number in range(pipeline.partitions)]
    stories.commit({tp: OffsetAndMetadata(2, "", -1) for tp in tps})
    stories.close()
    produce(pipeline, {"id": "new", "relation": "first"}, topic=STORIES)
    options = ("subscribe", "--from", "beginning", "--stories", "first", "--count", "1", "--timeout", WAIT_S)
    code, shown, errors = run_telex(pipeline, *options)
    assert (code, ids(shown), errors) == (0, ["new"], [])


def test_the_table_marks_what_met_the_filter(stored: Settings, run_telex: RunTelex) -> None:
    options = ("--from", "beginning", "--text", "nouvelle ligne", "--language", "en", "--count", "1")
    _, shown, _ = run_telex(stored, "subscribe", *options, "--timeout", WAIT_S, "--format", "table")
    assert "Le maire de Paris a inauguré mardi une »nouvelle ligne« de tramway." in " ".join(" ".join(shown).split())


def test_the_table_gives_the_reason_for_a_missing_analysis(stored: Settings, run_telex: RunTelex) -> None:
    code, shown, _ = run_telex(
        stored, "subscribe", "--from", "beginning", "--count", "5", "--timeout", WAIT_S, "--format", "table"
    )
    assert code == 0
    short, odd = (
        next(number for number, line in enumerate(shown) if line.startswith(name)) for name in ("short", "odd")
    )
    assert "not analysed: text too short  ·  sentiment: not analysed: text too short" in shown[short + 1]
    assert "not analysed: not yet  ·  sentiment: not analysed: not yet" in shown[odd + 1]


def test_it_reports_records_that_are_no_articles_unless_a_filter_is_set(
    pipeline: Settings, run_telex: RunTelex
) -> None:
    produce(pipeline, b"{", {"id": "a", "text": NEWS, "language": "fr"}, b"", topic=RAW)
    options = ("--topic", RAW, "--from", "beginning", "--timeout", "1")
    code, shown, errors = run_telex(pipeline, "subscribe", *options)
    assert (code, ids(shown)) == (1, ["a"])
    assert [
        bool(re.match("telex: The record . of .*, partition ., is not a JSON object", line)) for line in errors
    ] == [
        True,
        True,
        False,
    ]
    assert run_telex(pipeline, "subscribe", *options, "--language", "fr") == (
        1,
        [],
        ["telex: The 1 s ran out after 0 records."],
    )


def test_it_ends_without_a_message_when_its_output_is_closed(pipeline: Settings, start_telex: StartTelex) -> None:
    subscribing = start_telex("subscribe", "--from", "beginning")
    produce(pipeline, enriched("a"))
    assert json.loads(subscribing.stdout.readline())["id"] == "a"
    subscribing.stdout.close()
    produce(pipeline, enriched("b"))
    assert subscribing.wait(20) == 0
    assert subscribing.stderr.read() == b""


def test_a_filter_takes_one_number_of_mentions(kafka: Settings, run_telex: RunTelex) -> None:
    code, _, errors = run_telex(kafka, "subscribe", "--mentions", "2", "--mentions", "3")
    assert (code, errors[0].partition(". ")[0]) == (
        2,
        "telex: Invalid value: mentions: there are several numbers, and a filter takes one",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--type", "people"], "'--type': 'people' is none of PERSON, ORGANIZATION, LOCATION, MISC"),
        (["--sentiment", "good"], "'--sentiment': 'good' is none of negative, neutral, positive"),
        (["--topic", "raw"], f"'--topic': 'raw' is none of {', '.join([*TOPICS, STORIES, MATCHES])}"),
        (
            ["--from", "yesterday"],
            "--from: 'yesterday' is neither beginning, end, nor an ISO 8601 time such as 2026-03-26T18:00",
        ),
        (
            ["--from", "0001-01-01"],
            "--from: '0001-01-01' is neither beginning, end, nor an ISO 8601 time such as 2026-03-26T18:00",
        ),
        (["--count", "0"], "'--count': Input should be greater than or equal to 1"),
        (
            ["--timeout", "0"],
            "'--timeout': 0 is not a time to wait: give seconds above 0, or leave it out to wait for ever",
        ),
        (
            ["--timeout", "nan"],
            "'--timeout': nan is not a time to wait: give seconds above 0, or leave it out to wait for ever",
        ),
        (["--format", "xml"], "'--format': 'xml' is not one of 'json', 'table'"),
    ],
)
def test_invalid_option_values_exit_with_code_2(
    kafka: Settings, run_telex: RunTelex, options: list[str], message: str
) -> None:
    assert run_telex(kafka, "subscribe", *options) == (
        2,
        [],
        [f"telex: Invalid value for {message}. See `telex subscribe --help`."],
    )
