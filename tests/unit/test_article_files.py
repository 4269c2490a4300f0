"""Articles in files: text, JSON, JSON lines and folders."""

import gzip
import json
import os
from pathlib import Path

import pytest

from streams.client import article_files
from streams.errors import Reason, RecordError, TelexError
from streams.records import codec
from tests.support.growth import LINEAR, growth


def test_a_date_at_the_beginning_of_a_text_becomes_published() -> None:
    record = json.loads(article_files.from_text(" date 2024-03 Le conseiller\r\na dit « non ».\n".encode(), "000_5"))
    assert record == {"id": "000_5", "published": "2024-03", "text": "Le conseiller\r\na dit « non ».\n"}


@pytest.mark.parametrize("date", ["2024", "2024-03", "2024-03-26", "2024-03-26T18:00:00Z"])
def test_the_date_may_be_of_reduced_precision(date: str) -> None:
    record = article_files.from_text(f" date {date} Text".encode(), "x")
    assert json.loads(record)["published"] == date
    assert codec.decode_raw(record).text == "Text"


@pytest.mark.parametrize("text", ["date palms grow", " date 20 March", "No date 2024-03 here", " date 2024-03x no"])
def test_a_text_without_a_date_at_its_beginning_stays_whole(text: str) -> None:
    assert json.loads(article_files.from_text(text.encode(), "x")) == {"id": "x", "text": text}


def test_a_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(RecordError) as refused:
        article_files.from_text("été".encode("latin-1"))
    assert refused.value.reason is Reason.INVALID_UTF8


def test_folders_are_searched_and_each_format_is_read(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.txt").write_text("\ufeffOne")
    (tmp_path / "b" / "c.json").write_text(' {"text": "Two",\n "n": 1.0} ')
    (tmp_path / "b" / "d.jsonl").write_text('{"text":"Three"}\n\n{"text":"Four"}\n')
    (tmp_path / "e.json").write_text('[{"text":"Five"}, {"text":"Six"}]')
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    articles = [article for path in article_files.expand([tmp_path]) for article in article_files.read(path)]
    assert [json.loads(value)["text"] for _, value in articles] == ["One", "Two", "Three", "Four", "Five", "Six"]
    assert [origin.removeprefix(str(tmp_path)) for origin, _ in articles] == [
        "/a.txt",
        "/b/c.json",
        "/b/d.jsonl line 1",
        "/b/d.jsonl line 3",
        "/e.json article 1",
        "/e.json article 2",
    ]
    assert b'"n": 1.0' in articles[1][1]


def test_a_path_without_articles_is_an_error_that_describes_articles(tmp_path: Path) -> None:
    with pytest.raises(TelexError, match="does not exist"):
        article_files.expand([tmp_path / "missing"])
    with pytest.raises(TelexError, match=r"\.jsonl"):
        article_files.expand([tmp_path])


def test_linked_folders_are_read_once_and_loops_end(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "a.txt").write_text("One")
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "far")
    (folder / "again").symlink_to(tmp_path / "far")
    (folder / "loop").symlink_to(folder)
    assert [path.name for path in article_files.expand([folder])] == ["a.txt"]


def test_an_unreadable_file_in_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One")
    (tmp_path / "gone").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    files = article_files.expand([tmp_path])
    assert [path.name for path in files] == ["a.txt", "gone", "pipe.txt"]
    with pytest.raises(TelexError, match=r"gone cannot be read: No such file"):
        list(article_files.read(files[1]))
    with pytest.raises(TelexError, match=r"pipe\.txt is a pipe, socket or device"):
        list(article_files.read(files[2]))


@pytest.mark.parametrize("suffix", ["txt", "json", "jsonl", "ndjson"])
def test_gzip_is_decompressed(tmp_path: Path, suffix: str) -> None:
    content = b"News" if suffix == "txt" else b'{"id":"a","text":"News"}'
    path = tmp_path / f"a.{suffix}.gz"
    path.write_bytes(gzip.compress(content, mtime=0))
    assert article_files.expand([tmp_path]) == [path]
    ((_, value),) = article_files.read(path)
    assert codec.decode_raw(value).id == "a"
    assert codec.decode_raw(value).text == "News"


@pytest.mark.parametrize(
    "content",
    [b"no gzip", gzip.compress(b"News" * 1000, mtime=0)[:-9], gzip.compress(b"News", mtime=0)[:12] + b"xxxxxxxxxxx"],
)
def test_a_broken_gzip_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.txt.gz").write_bytes(content)
    with pytest.raises(TelexError, match=r"a\.txt\.gz is not a whole gzip file"):
        list(article_files.read(tmp_path / "a.txt.gz"))


@pytest.mark.parametrize("suffix", ["txt", "json", "jsonl"])
def test_a_gzip_file_with_too_much_content_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(article_files, "MAX_FILE_BYTES", 1_000_000)
    (tmp_path / f"a.{suffix}.gz").write_bytes(gzip.compress(b"x" * 2_000_000, mtime=0))
    with pytest.raises(TelexError, match="has more than"):
        list(article_files.read(tmp_path / f"a.{suffix}.gz"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_byte_order_mark_sets_the_encoding_of_a_text(encoding: str) -> None:
    assert json.loads(article_files.from_text("été 😀".encode(encoding)))["text"] == "été 😀"


def test_the_error_for_a_windows_text_says_how_to_convert_it() -> None:
    with pytest.raises(RecordError, match="iconv -f WINDOWS-1252"):
        article_files.from_text("Le café – déjà vu".encode("cp1252"))


def test_lines_are_counted_from_the_first_blank_one(tmp_path: Path) -> None:
    (tmp_path / "piped").write_bytes(b"\n" * 1_000 + b'{"text":"One"}\n' + b"\n" * 1_000 + b'{"text":"Two"}\n')
    origins = [origin for origin, _ in article_files.read(tmp_path / "piped")]
    assert origins == [f"{tmp_path}/piped line 1001", f"{tmp_path}/piped line 2002"]


def test_blank_lines_before_a_text_are_a_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "piped").write_bytes(b"\n" * 1_000 + b"News\n")
    ((_, value),) = article_files.read(tmp_path / "piped")
    assert json.loads(value)["text"] == "\n" * 1_000 + "News\n"


# Contents of files without a suffix that names their format.
HOSTILE = {
    "blank lines": lambda number: b"\n" * number + b"News",
    "blank lines before an article": lambda number: b"\n" * number + b'{"text":"News"}',
    "objects cut in half": lambda number: b'{"text":"News"\n' * number,
    "brackets": lambda number: b"[" * number,
    "array of articles": lambda number: b"[" + b'{"text":"News"},' * number + b'{"text":"News"}]',
    "articles in one line": lambda number: b'{"text":"News"} ' * number,
    "date": lambda number: b" date 2024-03-26" + b"x" * number,
    "spaces before a date": lambda number: b" " * number + b"date 2024",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_time_grows_in_proportion_to_the_size_of_a_file(tmp_path: Path, kind: str) -> None:
    def make(size: int) -> Path:
        path = tmp_path / str(size)
        path.write_bytes(HOSTILE[kind](size))
        return path

    assert growth(lambda path: list(article_files.read(path)), make, 10_000) <= LINEAR
