"""`telex subscribe` and the Subscriber behind it, on a real Kafka."""

import json
import re
import signal
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path

import pytest
from kafka.admin import MemberToRemove

from streams import Settings, Subscriber
from streams.kafka import consumer_groups
from streams.kafka.connections import admin
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.stages import ENRICHED, RAW, TOPICS
from tests.support.client_commands import (
    NEWS,
    WAIT_S,
    RunTelex,
    StartTelex,
    create_pipeline,
    enriched,
    ids,
    produce,
)
from tests.support.processes import wait_for


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
    ],
)
def test_a_filter_selects_the_articles_that_it_names(
    stored: Settings, run_telex: RunTelex, options: list[str], expected: list[str]
) -> None:
    count = ["--count", str(len(expected)), "--timeout", WAIT_S]
    code, shown, errors = run_telex(stored, "subscribe", "--from", "beginning", *options, *count)
    assert (code, ids(shown), errors) == (0, expected, [])


@pytest.mark.parametrize("options", [["--entity", "Paris", "--type", "ORGANIZATION"], ["--language", "de"], []])
def test_a_time_out_is_a_failure(stored: Settings, run_telex: RunTelex, options: list[str]) -> None:
    begin = "beginning" if options else "end"
    code, shown, errors = run_telex(stored, "subscribe", "--from", begin, *options, "--timeout", "1", "--count", "9")
    assert (code, shown, errors) == (1, [], ["telex: The 1 s ran out after 0 articles of 9."])


def test_each_article_is_shown_once_although_its_record_is_stored_twice(stored: Settings, run_telex: RunTelex) -> None:
    code, shown, errors = run_telex(stored, "subscribe", "--from", "beginning", "--timeout", "1.5")
    assert (code, ids(shown)) == (1, ALL)
    assert errors == ["telex: The 1.5 s ran out after 5 articles."]


def test_a_record_is_shown_unchanged_on_one_line(pipeline: Settings, run_telex: RunTelex) -> None:
    produce(pipeline, b'{"id": "a",\r\n "views": 12345678901234567890.50,\n "text": "\\r\\nUn"}')
    _, shown, _ = run_telex(pipeline, "subscribe", "--from", "beginning", "--count", "1", "--timeout", WAIT_S)
    assert shown == ['{"id": "a",   "views": 12345678901234567890.50,  "text": "\\r\\nUn"}']


def test_the_table_is_readable_and_has_no_commands_for_the_terminal(pipeline: Settings, run_telex: RunTelex) -> None:
    article = enriched("a\x1b[2J", "fr", "positive", PERSON="Emmanuel\u202f\x9b31mMacron")
    produce(pipeline, {**article, "title": "Le\ntram\x07 [red]rouge[/]\u202e"})
    _, shown, _ = run_telex(
        pipeline, "subscribe", "--from", "beginning", "--count", "1", "--timeout", WAIT_S, "--format", "table"
    )
    assert shown[0] == "a�[2J  Le tram� [red]rouge[/]�"
    assert "fr  ·  sentiment: positive +0.00" in shown[1]
    assert "entities: Emmanuel �31mMacron person ×1" in shown[2]


def test_the_table_says_why_an_analysis_is_missing(stored: Settings, run_telex: RunTelex) -> None:
    code, shown, _ = run_telex(
        stored, "subscribe", "--from", "beginning", "--count", "5", "--timeout", WAIT_S, "--format", "table"
    )
    assert code == 0
    short, odd = (
        next(number for number, line in enumerate(shown) if line.startswith(name)) for name in ("short", "odd")
    )
    assert "not analysed: text too short  ·  sentiment: not analysed: text too short" in shown[short + 1]
    assert "not analysed: not yet  ·  sentiment: not analysed: not yet" in shown[odd + 1]


def test_records_that_are_no_articles_are_reported_unless_a_filter_is_set(
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
        ["telex: The 1 s ran out after 0 articles."],
    )


# A recent time, because Kafka deletes enriched records by their timestamps.
MOMENT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


@pytest.fixture(scope="module")
def dated(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Three articles, with timestamps an hour before MOMENT, at MOMENT, and an hour after it."""
    folder = tmp_path_factory.mktemp("dated")
    # By default the broker sets the timestamps. A change takes a while, so the topic is created with this setting.
    as_sent = {"num_partitions": 4, "replication_factor": 1, "configs": {"message.timestamp.type": "CreateTime"}}
    with admin(Settings(bootstrap_servers=broker.bootstrap_servers)) as client:
        client.create_topics({f"{folder.name}.{ENRICHED}": as_sent}, wait_for_metadata=True)
    settings = create_pipeline(broker, folder)
    for hours, identifier in enumerate(("a", "b", "c"), -1):
        produce(settings, enriched(identifier), at_ms=int((MOMENT + timedelta(hours=hours)).timestamp() * 1000))
    return settings


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        ("beginning", ["a", "b", "c"]),
        ("1900-01-01", ["a", "b", "c"]),
        (MOMENT.isoformat().replace("+00:00", "Z"), ["b", "c"]),
        ((MOMENT + timedelta(milliseconds=1)).astimezone(timezone(timedelta(hours=5.5))).isoformat(), ["c"]),
    ],
    ids=["beginning", "long ago", "UTC", "another time zone"],
)
def test_it_begins_at_the_given_time(dated: Settings, run_telex: RunTelex, begin: str, expected: list[str]) -> None:
    code, shown, _ = run_telex(dated, "subscribe", "--from", begin, "--count", str(len(expected)), "--timeout", WAIT_S)
    assert (code, ids(shown)) == (0, expected)


def test_a_group_resumes_after_the_last_article_that_it_was_shown(pipeline: Settings, run_telex: RunTelex) -> None:
    produce(pipeline, *(enriched(f"a{number}") for number in range(6)))
    group = ("subscribe", "--group", "desk", "--from", "beginning")
    _, first, _ = run_telex(pipeline, *group, "--count", "2", "--timeout", WAIT_S)
    _, second, _ = run_telex(pipeline, *group, "--count", "4", "--timeout", WAIT_S)
    assert len(first) == 2
    assert ids(first + second) == [f"a{number}" for number in range(6)]
    produce(pipeline, enriched("new"))
    _, third, _ = run_telex(pipeline, *group, "--count", "1", "--timeout", WAIT_S)
    assert ids(third) == ["new"]


def test_a_group_resumes_where_it_began_although_it_received_no_article(pipeline: Settings) -> None:
    produce(pipeline, enriched("before"))
    with Subscriber(pipeline, group="desk", timeout_s=0.2) as articles:
        assert list(articles) == []
    produce(pipeline, enriched("between"))
    with Subscriber(pipeline, group="desk", timeout_s=30) as articles:
        assert next(iter(articles)).key == b"between"


def test_a_group_can_begin_at_a_given_time(dated: Settings) -> None:
    with Subscriber(dated, group="desk", start=MOMENT, timeout_s=30) as articles:
        records = iter(articles)
        assert {next(records).key, next(records).key} == {b"b", b"c"}


def test_groups_of_two_pipelines_on_one_cluster_are_two_groups(pipeline: Settings) -> None:
    with Subscriber(pipeline, group="desk"), admin(pipeline) as client:
        committed = consumer_groups.committed(client, ["desk", pipeline.topic_prefix + "desk"])
    assert {name: bool(offsets) for name, offsets in committed.items()} == {
        "desk": False,
        pipeline.topic_prefix + "desk": True,
    }


def test_members_of_a_group_share_the_articles_and_each_is_shown_once(
    pipeline: Settings, start_telex: StartTelex, tmp_path: Path
) -> None:
    """One member joins, and one leaves with Ctrl-C, while articles arrive."""
    outputs = [tmp_path / "first", tmp_path / "second"]
    expected = [f"a{number:03}" for number in range(150)]

    def join(output: Path) -> subprocess.Popen[bytes]:
        return start_telex("subscribe", "--group", "desk", "--from", "beginning", output=output)

    def shown() -> list[str]:
        return [line for output in outputs if output.exists() for line in output.read_text().splitlines()]

    def members() -> int | None:
        with admin(pipeline) as client:
            return consumer_groups.members(client, [pipeline.topic_prefix + "desk"])[pipeline.topic_prefix + "desk"]

    first = join(outputs[0])
    for turn in range(3):
        produce(pipeline, *map(enriched, expected[turn * 50 : turn * 50 + 50]))
        wait_for(lambda turn=turn: len(shown()) >= turn * 50 + 50, 30)
        if turn == 0:
            second = join(outputs[1])
            wait_for(lambda: members() == 2, 30)
        elif turn == 1:
            first.send_signal(signal.SIGINT)
            assert first.wait(20) == 130
    second.send_signal(signal.SIGTERM)
    assert second.wait(20) == 0
    assert ids(shown()) == expected
    assert outputs[1].read_text()
    assert [process.stderr.read() for process in (first, second)] == [b"", b""]


def test_a_member_that_its_group_removed_continues_without_showing_an_article_twice(pipeline: Settings) -> None:
    """A group removes a member that does not poll for five minutes, such as one in a `less` that nobody scrolls."""
    produce(pipeline, *(enriched(f"a{number}") for number in range(4)))
    with Subscriber(pipeline, group="desk", start="beginning", timeout_s=30) as articles:
        records = iter(articles)
        received = [next(records)]
        with admin(pipeline) as client:
            members = client.describe_groups([pipeline.topic_prefix + "desk"])[pipeline.topic_prefix + "desk"][
                "members"
            ]
            client.remove_group_members(pipeline.topic_prefix + "desk", [MemberToRemove(members[0]["member_id"])])
        received += [next(records) for _ in range(3)]
        produce(pipeline, enriched("new"))
        received.append(next(records))
    assert sorted(record.key for record in received) == [b"a0", b"a1", b"a2", b"a3", b"new"]


def test_a_reader_that_goes_away_ends_it_without_a_message(pipeline: Settings, start_telex: StartTelex) -> None:
    subscribing = start_telex("subscribe", "--from", "beginning")
    produce(pipeline, enriched("a"))
    assert json.loads(subscribing.stdout.readline())["id"] == "a"
    subscribing.stdout.close()
    produce(pipeline, enriched("b"))
    assert subscribing.wait(20) == 0
    assert subscribing.stderr.read() == b""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--type", "person"], "'--type': 'person' is none of PERSON, ORGANIZATION, LOCATION, MISC"),
        (["--sentiment", "good"], "'--sentiment': 'good' is none of negative, neutral, positive"),
        (["--topic", "raw"], f"'--topic': 'raw' is none of {', '.join(TOPICS)}"),
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
def test_wrong_values_are_wrong_usage(kafka: Settings, run_telex: RunTelex, options: list[str], message: str) -> None:
    assert run_telex(kafka, "subscribe", *options) == (
        2,
        [],
        [f"telex: Invalid value for {message}. See `telex subscribe --help`."],
    )


def test_a_new_iteration_continues_after_the_last_record(pipeline: Settings) -> None:
    produce(pipeline, *(enriched(f"a{number}") for number in range(5)))
    with Subscriber(pipeline, start="beginning", timeout_s=1) as articles:
        first = [received.key for received in islice(articles, 2)]
        rest = [received.key for received in articles]
        assert articles.timed_out
        assert list(articles) == []
        produce(pipeline, enriched("new"))
        assert [received.key for received in articles] == [b"new"]
    assert sorted(first + rest) == [b"a0", b"a1", b"a2", b"a3", b"a4"]


def test_a_record_that_a_group_has_not_finished_is_shown_again(pipeline: Settings) -> None:
    """A record is finished when the caller asks for the next one, or calls `finish`."""
    produce(pipeline, *(enriched(f"a{number}") for number in range(5)))
    shown = []
    for count, finished in ((2, True), (1, False), (3, True)):
        with Subscriber(pipeline, group="desk", start="beginning", timeout_s=30) as articles:
            records = iter(articles)
            received = [next(records) for _ in range(count)]
            if finished:
                articles.finish(received[-1])
        shown.append([record.key for record in received])
    assert shown[1][0] in shown[2]
    assert sorted(shown[0] + shown[2]) == [b"a0", b"a1", b"a2", b"a3", b"a4"]
