"""Articles in files: what is read from text, JSON, JSON lines and folders."""

import json
from pathlib import Path

import pytest

from streams import codec, files
from streams.errors import Reason, RecordError, TelexError


def test_the_date_in_front_of_a_text_becomes_published() -> None:
    record = json.loads(files.from_text(" date 2024-03 Le conseiller\r\na dit « non ».\n".encode(), "000_5"))
    assert record == {"id": "000_5", "published": "2024-03", "text": "Le conseiller\r\na dit « non ».\n"}


@pytest.mark.parametrize("date", ["2024", "2024-03", "2024-03-26", "2024-03-26T18:00:00Z"])
def test_the_date_may_be_of_reduced_precision(date: str) -> None:
    record = files.from_text(f" date {date} Text".encode(), "x")
    assert json.loads(record)["published"] == date
    assert codec.decode_raw(record).text == "Text"


@pytest.mark.parametrize("text", ["date palms grow", " date 20 March", "No date 2024-03 here", " date 2024-03x no"])
def test_a_text_that_only_speaks_of_dates_stays_whole(text: str) -> None:
    assert json.loads(files.from_text(text.encode(), "x")) == {"id": "x", "text": text}


def test_a_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(RecordError) as refused:
        files.from_text("été".encode("latin-1"))
    assert refused.value.reason is Reason.INVALID_UTF8


def test_folders_are_searched_through_and_each_form_is_read(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.txt").write_text("\ufeffOne")
    (tmp_path / "b" / "c.json").write_text(' {"text": "Two",\n "n": 1.0} ')
    (tmp_path / "b" / "d.jsonl").write_text('{"text":"Three"}\n\n{"text":"Four"}\n')
    (tmp_path / "e.json").write_text('[{"text":"Five"}, {"text":"Six"}]')
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    found = [article for path in files.expand([tmp_path]) for article in files.read(path)]
    assert [json.loads(value)["text"] for _, value in found] == ["One", "Two", "Three", "Four", "Five", "Six"]
    assert [origin.removeprefix(str(tmp_path)) for origin, _ in found] == [
        "/a.txt",
        "/b/c.json",
        "/b/d.jsonl line 1",
        "/b/d.jsonl line 3",
        "/e.json article 1",
        "/e.json article 2",
    ]
    assert b'"n": 1.0' in found[1][1]


def test_a_path_without_articles_says_what_articles_are(tmp_path: Path) -> None:
    with pytest.raises(TelexError, match="does not exist"):
        files.expand([tmp_path / "missing"])
    with pytest.raises(TelexError, match=r"\.jsonl"):
        files.expand([tmp_path])
