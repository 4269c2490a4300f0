"""`telex publish` and the Publisher behind it, on a real Kafka."""

import json
import os
import re
import signal
import sys
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from streams import Publisher, Reason, RecordError, Settings
from streams.records.codec import MAX_VALUE_BYTES
from streams.records.headers import published_at
from streams.stages import RAW
from tests.support.articles import NEWS, published_articles
from tests.support.commands import RunTelex, StartTelex
from tests.support.independent_reader import read
from tests.support.processes import wait_for

BAD = Path(__file__).parents[2] / "seeds" / "bad"


def test_files_of_every_format_in_a_folder_are_published(
    pipeline: Settings, run_telex: RunTelex, tmp_path: Path
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
    code, printed, errors = run_telex(pipeline, "publish", str(folder))
    assert (code, errors) == (0, [])
    assert printed == ["dated", "two", "three", "one", "four", "five", "six", "seven", "été"]
    published = published_articles(pipeline)
    assert set(published) == set(printed)
    assert published["dated"] == {"id": "dated", "published": "2024-03", "text": f"{NEWS}\r\n"}
    assert published["été"] == {"id": "été", "text": NEWS}
    assert published["one"] == {"id": "one", "text": NEWS, "views": 1}


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
def test_standard_input_is_published_in_every_format(
    pipeline: Settings,
    run_telex: RunTelex,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    given: str,
    published: list[tuple[str, str | None]],
) -> None:
    (tmp_path / "stdin").write_text(given)
    with (tmp_path / "stdin").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code, printed, errors = run_telex(pipeline, "publish", "-")
    assert (code, errors) == (0, [])
    articles = published_articles(pipeline)
    assert [
        (articles[identifier]["text"], articles[identifier].get("published")) for identifier in printed
    ] == published


def wait_until_published(settings: Settings, identifier: str) -> None:
    wait_for(lambda: identifier in published_articles(settings), 20)


def test_lines_are_published_as_they_arrive(pipeline: Settings, start_telex: StartTelex) -> None:
    publishing = start_telex("publish", "-")
    for number in range(2):
        publishing.stdin.write(json.dumps({"id": f"a{number}", "text": NEWS}).encode() + b"\n")
        publishing.stdin.flush()
        assert publishing.stdout.readline() == f"a{number}\n".encode()
        wait_until_published(pipeline, f"a{number}")
    assert publishing.poll() is None
    publishing.send_signal(signal.SIGINT)
    assert publishing.wait(20) == 130
    assert publishing.stderr.read() == b""


def test_a_broken_first_line_is_refused_alone(pipeline: Settings, run_telex: RunTelex, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    feed.write_text(f'{{"id":"broken","text\n{{"id":"a","text":"{NEWS}"}}\n{{"id":"b","text":"{NEWS}"}}\n')
    code, printed, errors = run_telex(pipeline, "publish", str(feed))
    assert (code, printed) == (1, ["a", "b"])
    assert len(errors) == 1
    assert errors[0].startswith(f"telex: {feed} line 1: invalid_json: ")


def test_records_that_are_no_articles_are_refused_with_the_reason_and_the_others_are_sent(
    pipeline: Settings, run_telex: RunTelex, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_text(NEWS)
    code, printed, errors = run_telex(pipeline, "publish", str(BAD), str(tmp_path / "good.txt"))
    assert (code, printed, list(published_articles(pipeline))) == (1, ["good"], ["good"])
    bad = sorted(BAD.glob("*.json"))
    assert [line.split(": ")[1:3] for line in errors] == [[str(path), path.stem] for path in bad]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(
    pipeline: Settings, run_telex: RunTelex, tmp_path: Path
) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.txt").write_text(NEWS)
    (folder / "b.txt").symlink_to("nowhere")
    (folder / "c.txt").write_bytes("été".encode("latin-1"))
    with suppress(OSError):  # some file systems allow only Unicode names
        (folder / os.fsdecode(b"d\xe9.txt")).write_text(NEWS)
    (folder / "e.txt").write_text(NEWS)
    code, printed, errors = run_telex(pipeline, "publish", str(folder))
    assert (code, printed, sorted(published_articles(pipeline))) == (1, ["a", "e"], ["a", "e"])
    assert (
        errors[0]
        == f"telex: {folder}/b.txt cannot be read: No such file or directory. Check its path and its permissions."
    )
    assert errors[1].startswith(f"telex: {folder}/c.txt: invalid_utf8: ")
    assert [line.split(": ")[2] for line in errors[2:]] in ([], ["invalid_field"])


def test_a_path_that_does_not_exist_is_named_before_any_article_is_sent(
    pipeline: Settings, run_telex: RunTelex, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(NEWS)
    code, printed, errors = run_telex(pipeline, "publish", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"))
    assert (code, printed, published_articles(pipeline)) == (1, [], {})
    assert errors == [
        f"telex: {tmp_path / 'b.txt'} does not exist: "
        "name text files, JSON, JSON lines, folders, or - for standard input."
    ]


def test_the_same_article_without_an_id_gets_the_same_id_each_time(
    pipeline: Settings, run_telex: RunTelex, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"text": NEWS, "title": "Tramway"}))
    (tmp_path / "b.json").write_text(
        json.dumps({"title": "Tramway", "id": None, "text": NEWS}, indent=2, ensure_ascii=False)
    )
    _, printed, _ = run_telex(pipeline, "publish", str(tmp_path / "a.json"), str(tmp_path / "b.json"))
    with Publisher(pipeline) as publisher:
        printed.append(publisher.publish({"text": NEWS, "title": "Tramway"}))
    assert len(printed) == 3
    assert len(set(printed)) == 1
    assert uuid.UUID(printed[0]).version == 5
    assert all(article["id"] == printed[0] for article in published_articles(pipeline).values())


def test_an_id_is_printed_on_one_line_without_control_characters(
    pipeline: Settings, run_telex: RunTelex, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"id": "a\n\x1b[31mb", "text": NEWS}))
    assert run_telex(pipeline, "publish", str(tmp_path / "a.json")) == (0, ["a��[31mb"], [])


def test_all_articles_are_sent_although_the_output_is_closed(
    pipeline: Settings, start_telex: StartTelex, tmp_path: Path
) -> None:
    (tmp_path / "feed.jsonl").write_text(
        "".join(json.dumps({"id": str(number), "text": NEWS}) + "\n" for number in range(500))
    )
    publishing = start_telex("publish", str(tmp_path / "feed.jsonl"))
    publishing.stdout.close()
    assert publishing.wait(30) == 0
    assert publishing.stderr.read() == b""
    assert len(published_articles(pipeline)) == 500


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
        "ce_dataschema": b"urn:telex:article:2",
    }
    assert before - 1 <= (published_at(record.headers) or 0) <= datetime.now(UTC).timestamp()
    assert re.fullmatch(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-01", headers["traceparent"])


def test_at_the_end_of_the_with_block_the_broker_has_every_article(
    pipeline: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This holds with more articles than may wait for the broker at once."""
    monkeypatch.setattr("streams.client.publisher.MAX_PENDING_BYTES", 1000)
    with Publisher(pipeline) as publisher:
        published = [publisher.publish({"text": NEWS, "id": str(number)}) for number in range(100)]
    assert sorted(published_articles(pipeline)) == sorted(published)


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
def test_the_publisher_refuses_a_record_that_is_no_article_with_the_reason(
    pipeline: Settings, article: Any, reason: Reason
) -> None:
    with Publisher(pipeline) as publisher:
        publisher.publish({"id": "a", "text": NEWS})
        with pytest.raises(RecordError) as refused:
            publisher.publish(article)
        publisher.publish({"id": "b", "text": NEWS})
    assert refused.value.reason is reason
    assert sorted(published_articles(pipeline)) == ["a", "b"]
