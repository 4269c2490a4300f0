"""`telex publish` and `telex subscribe`, and the library behind them, on a real Kafka."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from changes import limit_record
from kafka import KafkaProducer
from kafka.admin import MemberToRemove
from kafka.errors import MessageSizeTooLargeError
from processes import environment, telex, wait_for
from reading import read

from streams import Publisher, Reason, RecordError, Settings, Subscriber, TelexError
from streams.cli import main
from streams.kafka import consumer_groups, topics
from streams.kafka.connections import BOOTSTRAP_TIMEOUT_MS, admin
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.records.codec import MAX_VALUE_BYTES
from streams.records.headers import published_at
from streams.stages import ENRICHED, RAW, TOPICS
from streams.system.ports import free_port

BAD = Path(__file__).parents[2] / "seeds" / "bad"
NEWS = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway."
WAIT_S = "30"

Run = Callable[..., tuple[int, list[str], list[str]]]
Started = Callable[..., Any]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs a command of `telex` in this process: its exit code, the lines of its output, and those of its errors."""

    def run_it(settings: Settings, *arguments: str) -> tuple[int, list[str], list[str]]:
        for name, value in environment(settings).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["telex", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        return int(ended.value.code or 0), out.decode().splitlines(), err.decode().splitlines()

    return run_it


@contextmanager
def running(
    settings: Settings, arguments: Sequence[str], output: Path | None = None, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A command of `telex` with pipes, its output in a file where one is given; it ends with the block."""
    with ExitStack() as stack:
        stdout = stack.enter_context(output.open("wb")) if output else subprocess.PIPE
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", *arguments],
            env=environment(settings, **more),
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
                with suppress(BrokenPipeError):  # what it has not read
                    pipe.close()


@pytest.fixture
def started(pipeline: Settings) -> Iterator[Started]:
    """Starts a command of `telex` in the pipeline, which ends with the test."""
    with ExitStack() as stack:

        def start(*arguments: str, output: Path | None = None, **more: str) -> subprocess.Popen[bytes]:
            return stack.enter_context(running(pipeline, arguments, output, **more))

        yield start


def built(broker: EmbeddedBroker, folder: Path) -> Settings:
    """A pipeline for several tests, or on a broker of the test's own."""
    settings = Settings(
        bootstrap_servers=broker.bootstrap_servers, topic_prefix=f"{folder.name}.", partitions=4, data_dir=folder
    )
    topics.create(settings)
    return settings


def raw(settings: Settings) -> dict[str, dict[str, Any]]:
    """What was published, by id."""
    return {record.key.decode(): json.loads(record.value) for record in read(settings, RAW)}


def produce(settings: Settings, *records: dict[str, Any] | bytes, topic: str = ENRICHED, at: int | None = None) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    for record in records:
        value = record if isinstance(record, bytes) else json.dumps(record).encode()
        key = record["id"].encode() if isinstance(record, dict) else b"bad"
        producer.send(settings.topic_prefix + topic, key=key, value=value, timestamp_ms=at).get(20)
    producer.close()


def enriched(identifier: str, language: str = "fr", label: str = "neutral", **named: str) -> dict[str, Any]:
    """An article as it comes out of the pipeline; `named` are its entities, type=name."""
    probabilities = {"negative": 0.0, "neutral": 0.0, "positive": 0.0, label: 1.0}
    items = [
        {
            "name": name,
            "type": kind,
            "count": 1,
            "mentions": [{"field": "text", "start": 0, "end": 5, "text": name.split()[-1]}],
        }
        for kind, name in named.items()
    ]
    return {
        "id": identifier,
        "text": NEWS,
        "language": {"status": "analysed", "model": "m", "code": language, "confidence": 1.0},
        "entities": {"status": "analysed", "model": "m", "items": items},
        "sentiment": {
            "status": "analysed",
            "model": "m",
            "label": label,
            "score": 0.0,
            "confidence": 1.0,
            "probabilities": probabilities,
        },
    }


def ids(lines: list[str]) -> list[str]:
    return sorted(json.loads(line)["id"] for line in lines)


# --- publish


def test_folders_are_published_whatever_form_the_articles_in_them_have(
    pipeline: Settings, run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "news"
    (folder / "deep").mkdir(parents=True)
    (folder / "dated.txt").write_text(f" date 2024-03 {NEWS}\r\n")
    (folder / "été.txt").write_text(f"\ufeff{NEWS}")
    (folder / "deep" / "one.json").write_text(json.dumps({"id": "one", "text": NEWS, "views": 1}, indent=2))
    (folder / "deep" / "list.json").write_text(json.dumps([{"id": "two", "text": NEWS}, {"id": "three", "text": NEWS}]))
    (folder / "feed.jsonl").write_text(f'{{"id":"four","text":"{NEWS}"}}\n\n{{"id":"five","text":"{NEWS}"}}')
    (folder / "lines.json").write_text(f'{{"id":"six","text":"{NEWS}"}}\n{{"id":"seven","text":"{NEWS}"}}\n')
    (folder / "picture.png").write_bytes(b"\x89PNG")
    code, printed, said = run(pipeline, "publish", str(folder))
    assert (code, said) == (0, [])
    assert printed == ["dated", "two", "three", "one", "four", "five", "six", "seven", "été"]
    found = raw(pipeline)
    assert set(found) == set(printed)
    assert found["dated"] == {"id": "dated", "published": "2024-03", "text": f"{NEWS}\r\n"}
    assert found["été"] == {"id": "été", "text": NEWS}
    assert found["one"] == {"id": "one", "text": NEWS, "views": 1}


@pytest.mark.parametrize(
    ("given", "published"),
    [
        (f" date 2024-03 {NEWS}\n", [(f"{NEWS}\n", "2024-03")]),
        (f"\n{NEWS}", [(f"\n{NEWS}", None)]),
        (json.dumps({"text": NEWS, "published": "2024"}, indent=1), [(NEWS, "2024")]),
        (json.dumps([{"text": NEWS}, {"text": "Deux"}], indent=1), [(NEWS, None), ("Deux", None)]),
        (f'\ufeff\n{{"text":"{NEWS}"}}\n\n{{"text":"Deux"}}', [(NEWS, None), ("Deux", None)]),
    ],
    ids=["dated text", "text", "JSON", "JSON array", "JSON lines"],
)
def test_standard_input_is_published_whatever_form_it_has(
    pipeline: Settings,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    given: str,
    published: list[tuple[str, str | None]],
) -> None:
    (tmp_path / "stdin").write_text(given)
    with (tmp_path / "stdin").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code, printed, said = run(pipeline, "publish", "-")
    assert (code, said) == (0, [])
    articles = raw(pipeline)
    assert [
        (articles[identifier]["text"], articles[identifier].get("published")) for identifier in printed
    ] == published


def test_lines_are_published_as_they_come(pipeline: Settings, started: Started) -> None:
    publishing = started("publish", "-")
    for number in range(2):
        publishing.stdin.write(json.dumps({"id": f"a{number}", "text": NEWS}).encode() + b"\n")
        publishing.stdin.flush()
        assert publishing.stdout.readline() == f"a{number}\n".encode()
        wait_for(lambda number=number: f"a{number}" in raw(pipeline), 20)
    assert publishing.poll() is None
    publishing.send_signal(signal.SIGINT)
    assert publishing.wait(20) == 130
    assert publishing.stderr.read() == b""


def test_a_broken_first_line_takes_no_other_with_it(pipeline: Settings, run: Run, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    feed.write_text(f'{{"id":"broken","text\n{{"id":"a","text":"{NEWS}"}}\n{{"id":"b","text":"{NEWS}"}}\n')
    code, printed, said = run(pipeline, "publish", str(feed))
    assert (code, printed) == (1, ["a", "b"])
    assert len(said) == 1
    assert said[0].startswith(f"telex: {feed} line 1: invalid_json: ")


def test_what_is_no_article_is_refused_with_the_reason_and_the_rest_is_sent(
    pipeline: Settings, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_text(NEWS)
    code, printed, said = run(pipeline, "publish", str(BAD), str(tmp_path / "good.txt"))
    assert (code, printed, list(raw(pipeline))) == (1, ["good"], ["good"])
    bad = sorted(BAD.glob("*.json"))
    assert [line.split(": ")[1:3] for line in said] == [[str(path), path.stem] for path in bad]


def test_a_file_that_cannot_be_read_stops_no_other(pipeline: Settings, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.txt").write_text(NEWS)
    (folder / "b.txt").symlink_to("nowhere")
    (folder / "c.txt").write_bytes("été".encode("latin-1"))
    with suppress(OSError):  # a file system of Unicode names has no such name
        (folder / os.fsdecode(b"d\xe9.txt")).write_text(NEWS)
    (folder / "e.txt").write_text(NEWS)
    code, printed, said = run(pipeline, "publish", str(folder))
    assert (code, printed, sorted(raw(pipeline))) == (1, ["a", "e"], ["a", "e"])
    assert said[0] == f"telex: {folder}/b.txt cannot be read: No such file or directory."
    assert said[1].startswith(f"telex: {folder}/c.txt: invalid_utf8: ")
    assert [line.split(": ")[2] for line in said[2:]] in ([], ["invalid_field"])


def test_a_path_that_does_not_exist_is_named_before_anything_is_sent(
    pipeline: Settings, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(NEWS)
    code, printed, said = run(pipeline, "publish", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"))
    assert (code, printed, raw(pipeline)) == (1, [], {})
    assert said == [
        f"telex: {tmp_path / 'b.txt'} does not exist: name text files, JSON, JSON lines, folders, or - for standard input."
    ]


def test_the_same_article_without_an_id_gets_the_same_id_each_time(
    pipeline: Settings, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"text": NEWS, "title": "Tramway"}))
    (tmp_path / "b.json").write_text(
        json.dumps({"title": "Tramway", "id": None, "text": NEWS}, indent=2, ensure_ascii=False)
    )
    _, printed, _ = run(pipeline, "publish", str(tmp_path / "a.json"), str(tmp_path / "b.json"))
    with Publisher(pipeline) as publisher:
        printed.append(publisher.publish({"text": NEWS, "title": "Tramway"}))
    assert len(printed) == 3
    assert len(set(printed)) == 1
    assert uuid.UUID(printed[0]).version == 5
    assert all(article["id"] == printed[0] for article in raw(pipeline).values())


def test_ids_stay_on_their_lines_and_give_a_terminal_no_commands(pipeline: Settings, run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"id": "a\n\x1b[31mb", "text": NEWS}))
    assert run(pipeline, "publish", str(tmp_path / "a.json")) == (0, ["a��[31mb"], [])


def test_all_is_sent_although_the_reader_of_the_ids_has_gone(
    pipeline: Settings, started: Started, tmp_path: Path
) -> None:
    (tmp_path / "feed.jsonl").write_text(
        "".join(json.dumps({"id": str(number), "text": NEWS}) + "\n" for number in range(500))
    )
    publishing = started("publish", str(tmp_path / "feed.jsonl"))
    publishing.stdout.close()
    assert publishing.wait(30) == 0
    assert publishing.stderr.read() == b""
    assert len(raw(pipeline)) == 500


def test_a_locale_that_knows_ascii_only_changes_nothing(pipeline: Settings, tmp_path: Path) -> None:
    """What cron and small containers have."""
    ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    (tmp_path / "été.txt").write_text(NEWS)
    (tmp_path / "où.txt").write_text("1")
    done = telex(pipeline, "publish", str(tmp_path / "été.txt"), str(tmp_path / "où.txt"), **ascii_only)
    assert (done.returncode, done.stdout) == (1, "été\n")
    assert "missing_text: `text` has no letter" in done.stderr
    assert raw(pipeline) == {"été": {"id": "été", "text": NEWS}}
    options = ("--topic", RAW, "--from", "beginning", "--count", "1", "--timeout", WAIT_S)
    assert json.loads(telex(pipeline, "subscribe", *options, **ascii_only).stdout)["text"] == NEWS


def test_a_published_record_carries_a_cloud_event_and_a_trace(pipeline: Settings) -> None:
    before = datetime.now(UTC).timestamp()
    with Publisher(pipeline) as publisher:
        publisher.publish({"id": "a", "text": NEWS})
    (record,) = read(pipeline, RAW)
    headers = dict(record.headers)
    assert {
        name: headers[name]
        for name in ("ce_specversion", "ce_id", "ce_type", "ce_source", "content-type", "ce_dataschema")
    } == {
        "ce_specversion": b"1.0",
        "ce_id": b"a",
        "ce_type": b"telex.article.raw",
        "ce_source": b"urn:telex:publisher",
        "content-type": b"application/json",
        "ce_dataschema": b"urn:telex:article:1",
    }
    assert before - 1 <= (published_at(record.headers) or 0) <= datetime.now(UTC).timestamp()
    assert re.fullmatch(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-01", headers["traceparent"])


# --- subscribe


@pytest.fixture(scope="module")
def shelf(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A pipeline with enriched articles on it, which tests only read."""
    settings = built(broker, tmp_path_factory.mktemp("shelf"))
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
def test_a_filter_lets_through_what_it_names(
    shelf: Settings, run: Run, options: list[str], expected: list[str]
) -> None:
    count = ["--count", str(len(expected)), "--timeout", WAIT_S]
    code, shown, said = run(shelf, "subscribe", "--from", "beginning", *options, *count)
    assert (code, ids(shown), said) == (0, expected, [])


@pytest.mark.parametrize("options", [["--entity", "Paris", "--type", "ORGANIZATION"], ["--language", "de"], []])
def test_the_time_that_runs_out_is_a_failure(shelf: Settings, run: Run, options: list[str]) -> None:
    begin = "beginning" if options else "end"
    code, shown, said = run(shelf, "subscribe", "--from", begin, *options, "--timeout", "1", "--count", "9")
    assert (code, shown, said) == (1, [], ["telex: The 1 s ran out after 0 articles of 9."])


def test_each_article_comes_once_although_its_record_is_there_twice(shelf: Settings, run: Run) -> None:
    code, shown, said = run(shelf, "subscribe", "--from", "beginning", "--timeout", "1.5")
    assert (code, ids(shown)) == (1, ALL)
    assert said == ["telex: The 1.5 s ran out after 5 articles."]


def test_a_record_is_shown_as_it_is_on_one_line(pipeline: Settings, run: Run) -> None:
    produce(pipeline, b'{"id": "a",\r\n "views": 12345678901234567890.50,\n "text": "\\r\\nUn"}')
    _, shown, _ = run(pipeline, "subscribe", "--from", "beginning", "--count", "1", "--timeout", WAIT_S)
    assert shown == ['{"id": "a",   "views": 12345678901234567890.50,  "text": "\\r\\nUn"}']


def test_a_table_is_readable_and_has_no_commands_for_the_terminal(pipeline: Settings, run: Run) -> None:
    article = enriched("a\x1b[2J", "fr", "positive", PERSON="Emmanuel\u202f\x9b31mMacron")
    produce(pipeline, {**article, "title": "Le\ntram\x07 [red]rouge[/]\u202e"})
    _, shown, _ = run(
        pipeline, "subscribe", "--from", "beginning", "--count", "1", "--timeout", WAIT_S, "--format", "table"
    )
    assert shown[0] == "a�[2J  Le tram� [red]rouge[/]�"
    assert "fr  ·  sentiment: positive +0.00" in shown[1]
    assert "entities: Emmanuel �31mMacron person ×1" in shown[2]


def test_the_table_says_what_was_not_analysed_and_why(shelf: Settings, run: Run) -> None:
    code, shown, _ = run(
        shelf, "subscribe", "--from", "beginning", "--count", "5", "--timeout", WAIT_S, "--format", "table"
    )
    assert code == 0
    short, odd = (
        next(number for number, line in enumerate(shown) if line.startswith(name)) for name in ("short", "odd")
    )
    assert "not analysed: text too short  ·  sentiment: not analysed: text too short" in shown[short + 1]
    assert "not analysed: not yet  ·  sentiment: not analysed: not yet" in shown[odd + 1]


def test_another_topic_may_have_records_that_are_no_articles(pipeline: Settings, run: Run) -> None:
    produce(pipeline, b"{", {"id": "a", "text": NEWS, "language": "fr"}, b"", topic=RAW)
    options = ("--topic", RAW, "--from", "beginning", "--timeout", "1")
    code, shown, said = run(pipeline, "subscribe", *options)
    assert (code, ids(shown)) == (1, ["a"])
    assert [bool(re.match("telex: The record . of .*, partition ., is no JSON object", line)) for line in said] == [
        True,
        True,
        False,
    ]
    assert run(pipeline, "subscribe", *options, "--language", "fr") == (
        1,
        [],
        ["telex: The 1 s ran out after 0 articles."],
    )


# Not long ago: Kafka deletes enriched records by their timestamps.
MOMENT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


@pytest.fixture(scope="module")
def dated(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Articles whose records are of an hour before that moment, of the moment, and of an hour after it."""
    folder = tmp_path_factory.mktemp("dated")
    # Else they are of the time at which the broker took them in; and a topic that is changed later is so after a while only.
    as_sent = {"num_partitions": 4, "replication_factor": 1, "configs": {"message.timestamp.type": "CreateTime"}}
    with admin(Settings(bootstrap_servers=broker.bootstrap_servers)) as client:
        client.create_topics({f"{folder.name}.{ENRICHED}": as_sent}, wait_for_metadata=True)
    settings = built(broker, folder)
    for hours, identifier in enumerate(("a", "b", "c"), -1):
        produce(settings, enriched(identifier), at=int((MOMENT + timedelta(hours=hours)).timestamp() * 1000))
    return settings


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        ("beginning", ["a", "b", "c"]),
        ("1900-01-01", ["a", "b", "c"]),
        (MOMENT.isoformat().replace("+00:00", "Z"), ["b", "c"]),
        ((MOMENT + timedelta(milliseconds=1)).astimezone(timezone(timedelta(hours=5.5))).isoformat(), ["c"]),
    ],
    ids=["beginning", "long ago", "UTC", "elsewhere"],
)
def test_it_begins_at_the_time_that_is_asked_for(dated: Settings, run: Run, begin: str, expected: list[str]) -> None:
    code, shown, _ = run(dated, "subscribe", "--from", begin, "--count", str(len(expected)), "--timeout", WAIT_S)
    assert (code, ids(shown)) == (0, expected)


def test_a_group_resumes_behind_what_it_was_shown(pipeline: Settings, run: Run) -> None:
    produce(pipeline, *(enriched(f"a{number}") for number in range(6)))
    group = ("subscribe", "--group", "desk", "--from", "beginning")
    _, first, _ = run(pipeline, *group, "--count", "2", "--timeout", WAIT_S)
    _, second, _ = run(pipeline, *group, "--count", "4", "--timeout", WAIT_S)
    assert len(first) == 2
    assert ids(first + second) == [f"a{number}" for number in range(6)]
    produce(pipeline, enriched("new"))
    _, third, _ = run(pipeline, *group, "--count", "1", "--timeout", WAIT_S)
    assert ids(third) == ["new"]


def test_a_group_resumes_where_it_began_although_nothing_had_come(pipeline: Settings) -> None:
    produce(pipeline, enriched("before"))
    with Subscriber(pipeline, group="desk", timeout_s=0.2) as articles:
        assert list(articles) == []
    produce(pipeline, enriched("between"))
    with Subscriber(pipeline, group="desk", timeout_s=30) as articles:
        assert next(iter(articles)).key == b"between"


def test_a_group_begins_at_a_time_too(dated: Settings) -> None:
    with Subscriber(dated, group="desk", start=MOMENT, timeout_s=30) as articles:
        found = iter(articles)
        assert {next(found).key, next(found).key} == {b"b", b"c"}


def test_groups_of_two_roads_on_one_cluster_are_two(pipeline: Settings) -> None:
    with Subscriber(pipeline, group="desk"), admin(pipeline) as client:
        known = consumer_groups.committed(client, ["desk", pipeline.topic_prefix + "desk"])
    assert {name: bool(offsets) for name, offsets in known.items()} == {
        "desk": False,
        pipeline.topic_prefix + "desk": True,
    }


def test_members_of_a_group_share_the_articles_and_each_is_shown_once(
    pipeline: Settings, started: Started, tmp_path: Path
) -> None:
    """One joins, and one leaves with Ctrl-C, while articles come."""
    outputs = [tmp_path / "first", tmp_path / "second"]
    expected = [f"a{number:03}" for number in range(150)]

    def join(output: Path) -> subprocess.Popen[bytes]:
        return started("subscribe", "--group", "desk", "--from", "beginning", output=output)

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


def test_a_member_that_its_group_gave_up_goes_on_without_showing_anything_twice(pipeline: Settings) -> None:
    """As one is that shows nothing for five minutes, in a `less` that nobody scrolls."""
    produce(pipeline, *(enriched(f"a{number}") for number in range(4)))
    with Subscriber(pipeline, group="desk", start="beginning", timeout_s=30) as articles:
        found = iter(articles)
        received = [next(found)]
        with admin(pipeline) as client:
            members = client.describe_groups([pipeline.topic_prefix + "desk"])[pipeline.topic_prefix + "desk"][
                "members"
            ]
            client.remove_group_members(pipeline.topic_prefix + "desk", [MemberToRemove(members[0]["member_id"])])
        received += [next(found) for _ in range(3)]
        produce(pipeline, enriched("new"))
        received.append(next(found))
    assert sorted(record.key for record in received) == [b"a0", b"a1", b"a2", b"a3", b"new"]


def test_a_reader_that_goes_away_ends_it_without_a_word(pipeline: Settings, started: Started) -> None:
    subscribing = started("subscribe", "--from", "beginning")
    produce(pipeline, enriched("a"))
    assert json.loads(subscribing.stdout.readline())["id"] == "a"
    subscribing.stdout.close()
    produce(pipeline, enriched("b"))
    assert subscribing.wait(20) == 0
    assert subscribing.stderr.read() == b""


@pytest.mark.parametrize(
    ("options", "said"),
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
            "'--timeout': 0 is no time to wait: give seconds above 0, or leave it out to wait for ever",
        ),
        (
            ["--timeout", "nan"],
            "'--timeout': nan is no time to wait: give seconds above 0, or leave it out to wait for ever",
        ),
        (["--format", "xml"], "'--format': 'xml' is not one of 'json', 'table'"),
    ],
)
def test_wrong_values_are_wrong_usage(kafka: Settings, run: Run, options: list[str], said: str) -> None:
    assert run(kafka, "subscribe", *options) == (
        2,
        [],
        [f"telex: Invalid value for {said}. See `telex subscribe --help`."],
    )


# --- what both need


def test_a_broker_that_is_not_there_is_said_in_one_line_within_the_limit(started: Started, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(NEWS)
    nowhere = {"TELEX_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    commands = [
        started(*arguments, **nowhere)
        for arguments in (("publish", str(tmp_path / "a.txt")), ("subscribe", "--timeout", "1"))
    ]
    for process in commands:
        assert process.wait(BOOTSTRAP_TIMEOUT_MS / 1000 + 20) == 1
        assert process.stdout.read() == b""
        assert re.fullmatch(
            rb"telex: No Kafka .* at 127\.0\.0\.1:1 .*ECONNREFUSED.*: start one with `telex broker`.*\n",
            process.stderr.read(),
        )


def test_without_topics_it_says_how_to_create_them(kafka: Settings, run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(NEWS)
    for topic, arguments in ((RAW, ["publish", str(tmp_path / "a.txt")]), (ENRICHED, ["subscribe"])):
        said = f"telex: There is no topic {kafka.topic_prefix}{topic} at {kafka.bootstrap_servers}: create the topics with `telex topics`."
        assert run(kafka, *arguments) == (1, [], [said])


def test_a_broker_that_comes_back_is_used_again(tmp_path: Path) -> None:
    """Within a second or so, and nothing is lost or shown twice."""
    with ExitStack() as stack, EmbeddedBroker(tmp_path, Settings().cache_dir, free_port()) as own:
        settings = built(own, tmp_path)

        def start(*arguments: str, output: Path | None = None) -> Any:
            return stack.enter_context(running(settings, arguments, output))

        alone, shared = tmp_path / "alone", tmp_path / "shared"
        publishing = start("publish", "-")
        subscribe = ("subscribe", "--topic", RAW, "--from", "beginning")
        processes = [publishing, start(*subscribe, output=alone), start(*subscribe, "--group", "desk", output=shared)]

        def said() -> str:
            for process in processes:
                process.kill()
            return "\n".join(process.stderr.read().decode() for process in processes)

        published: list[str] = []

        def all_came() -> bool:
            return all(ids(path.read_text().splitlines()) == sorted(published) for path in (alone, shared))

        for identifier, restart in (("before", False), ("while", True), ("after", False)):
            if restart:
                own.stop()
                own.launch()
            publishing.stdin.write(json.dumps({"id": identifier, "text": NEWS}).encode() + b"\n")
            publishing.stdin.flush()
            published.append(identifier)
            own.wait()
            wait_for(all_came, 60, said)
        publishing.stdin.close()
        assert publishing.wait(20) == 0


# --- the library


def test_a_group_goes_on_when_the_broker_was_away_as_it_wanted_to_commit(tmp_path: Path) -> None:
    with EmbeddedBroker(tmp_path, Settings().cache_dir, free_port()) as own:
        settings = built(own, tmp_path)
        with Publisher(settings) as publisher:
            publisher.publish({"text": NEWS, "id": "first"})
        received = []
        with Subscriber(settings, topic=RAW, start="beginning", group="desk", timeout_s=60) as articles:
            for each in articles:
                received.append(each.article["id"])
                if len(received) == 2:
                    articles.finish(each)
                    break
                own.stop()
                own.launch()
                back = threading.Timer(1, lambda: (own.wait(), publish_second(settings)))
                back.start()
        back.join()
        assert received == ["first", "second"]


def publish_second(settings: Settings) -> None:
    with Publisher(settings) as publisher:
        publisher.publish({"text": NEWS, "id": "second"})


def test_the_end_of_the_with_means_that_the_broker_has_every_article(
    pipeline: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than may wait for the broker at once, too."""
    monkeypatch.setattr("streams.client.publisher.MAX_PENDING_BYTES", 1000)
    with Publisher(pipeline) as publisher:
        published = [publisher.publish({"text": NEWS, "id": str(number)}) for number in range(100)]
    assert sorted(raw(pipeline)) == sorted(published)


@pytest.mark.parametrize(
    ("article", "reason"),
    [
        ({"title": "Tramway"}, Reason.MISSING_TEXT),
        ({"text": NEWS, "published": "tomorrow"}, Reason.INVALID_FIELD),
        ({"text": NEWS, "seen": {1, 2}.__iter__()}, Reason.INVALID_JSON),
        ({"text": "\ud800"}, Reason.INVALID_JSON),
        ({"text": NEWS, "scan": "x" * MAX_VALUE_BYTES}, Reason.TOO_LARGE),
        (b"[]", Reason.NOT_AN_OBJECT),
    ],
)
def test_what_is_no_article_raises_with_the_reason_and_is_not_sent(
    pipeline: Settings, article: Any, reason: Reason
) -> None:
    with Publisher(pipeline) as publisher:
        publisher.publish({"id": "a", "text": NEWS})
        with pytest.raises(RecordError) as refused:
            publisher.publish(article)
        publisher.publish({"id": "b", "text": NEWS})
    assert refused.value.reason is reason
    assert sorted(raw(pipeline)) == ["a", "b"]


@pytest.fixture
def narrow(pipeline: Settings) -> Settings:
    """A pipeline whose raw topic takes records up to 1,000 bytes."""
    limit_record(pipeline, RAW, 1000)
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)

    def refuses(partition: int) -> bool:
        try:
            producer.send(pipeline.topic_prefix + RAW, b"x" * 1000, partition=partition).get(20)
        except MessageSizeTooLargeError:
            return True
        return False

    # A moment passes until the broker goes by it.
    wait_for(lambda: all(refuses(partition) for partition in range(pipeline.partitions)), 20)
    producer.close()
    return pipeline


# Telex compresses, and the limit is on what is left.
LARGE = {"text": NEWS, "scan": random.Random(1).randbytes(2000).hex()}


def test_articles_that_the_broker_does_not_take_are_counted_and_named(narrow: Settings) -> None:
    """The same id twice is two articles."""
    with Publisher(narrow) as publisher:
        for identifier in ("a", "a", "b"):
            publisher.publish({**LARGE, "id": identifier})
        with pytest.raises(
            TelexError,
            match=r"^3 articles, the first a, were not delivered to .* \(MessageSizeTooLargeError.*\): publish again",
        ):
            publisher.flush()
        publisher.publish({"text": NEWS, "id": "small"})
    assert [record.key for record in read(narrow, RAW) if record.key] == [b"small"]


def test_an_article_that_was_not_delivered_ends_the_publishing(narrow: Settings, started: Started) -> None:
    publishing = started("publish", "-")
    publishing.stdin.write(json.dumps({**LARGE, "id": "large"}).encode() + b"\n")
    with suppress(BrokenPipeError):
        for number in range(2000):
            publishing.stdin.write(json.dumps({"id": str(number), "text": NEWS}).encode() + b"\n")
            publishing.stdin.flush()
            publishing.stdout.readline()
    assert publishing.wait(30) == 1
    assert re.fullmatch(
        rb"telex: (The article large was|\d+ articles, the first large, were) not delivered to .*\n",
        publishing.stderr.read(),
    )


def test_iterating_again_goes_on_behind_the_last_one(pipeline: Settings) -> None:
    produce(pipeline, *(enriched(f"a{number}") for number in range(5)))
    with Subscriber(pipeline, start="beginning", timeout_s=1) as articles:
        first = [received.key for received in islice(articles, 2)]
        rest = [received.key for received in articles]
        assert articles.timed_out
        assert list(articles) == []
        produce(pipeline, enriched("new"))
        assert [received.key for received in articles] == [b"new"]
    assert sorted(first + rest) == [b"a0", b"a1", b"a2", b"a3", b"a4"]


def test_what_a_group_has_not_done_with_it_is_shown_again(pipeline: Settings) -> None:
    """A record is done with when the next one is asked for, or when it is said to be."""
    produce(pipeline, *(enriched(f"a{number}") for number in range(5)))
    shown = []
    for count, finished in ((2, True), (1, False), (3, True)):
        with Subscriber(pipeline, group="desk", start="beginning", timeout_s=30) as articles:
            found = iter(articles)
            received = [next(found) for _ in range(count)]
            if finished:
                articles.finish(received[-1])
        shown.append([record.key for record in received])
    assert shown[1][0] in shown[2]
    assert sorted(shown[0] + shown[2]) == [b"a0", b"a1", b"a2", b"a3", b"a4"]
