"""Articles in files: what is read from text, JSON, JSON lines and folders."""

import gzip
import json
import os
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


def test_linked_folders_are_read_once_each(tmp_path: Path) -> None:
    elsewhere, feed = tmp_path / "elsewhere", tmp_path / "feed"
    elsewhere.mkdir()
    feed.mkdir()
    (elsewhere / "a.txt").write_text("One.")
    (elsewhere / "back").symlink_to(feed)
    (feed / "loop").symlink_to(feed)
    (feed / "linked").symlink_to(elsewhere)
    (feed / "linked-too").symlink_to(elsewhere)
    assert files.expand([feed]) == [feed / "linked" / "a.txt"]


def test_a_link_that_leads_nowhere_or_to_itself_is_named(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing")
    (tmp_path / "itself.txt").symlink_to(tmp_path / "itself.txt")
    for path in files.expand([tmp_path]):
        with pytest.raises(TelexError, match=rf"{path.name} cannot be read: .+\."):
            list(files.read(path))
    with pytest.raises(TelexError, match="cannot be read"):
        files.expand([tmp_path / "itself.txt"])
    with pytest.raises(TelexError, match="cannot be read: File name too long"):
        files.expand([tmp_path / ("x" * 300)])


def test_a_pipe_in_a_folder_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(TelexError, match=r"pipe.txt is a pipe"):
        files.expand([tmp_path])


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt.gz", b"One.", [{"id": "a", "text": "One."}]),
        ("a.JSON.GZ", b'[{"text": "One."}, {"text": "Two."}]', [{"text": "One."}, {"text": "Two."}]),
        ("a.jsonl.gz", b'{"text": "One."}\n{"text": "Two."}\n', [{"text": "One."}, {"text": "Two."}]),
    ],
)
def test_compressed_files_are_read_as_what_is_in_them(tmp_path: Path, name: str, content: bytes, expected: list[object]) -> None:
    (tmp_path / name).write_bytes(gzip.compress(content))
    (path,) = files.expand([tmp_path])
    assert [json.loads(record) for _, record in files.read(path)] == expected


@pytest.mark.parametrize("damage", ["cut", "turned", "other", "empty"])
@pytest.mark.parametrize("name", ["a.txt.gz", "a.json.gz", "a.jsonl.gz", "a.gz"])
def test_a_damaged_compressed_file_is_named(tmp_path: Path, name: str, damage: str) -> None:
    whole = gzip.compress(os.urandom(3000).hex().encode())
    path = tmp_path / name
    turned = whole[:40] + bytes(255 - byte for byte in whole[40:80]) + whole[80:]
    path.write_bytes({"cut": whole[:-20], "turned": turned, "other": b"One.", "empty": b""}[damage])
    with pytest.raises(TelexError, match=r"is not a whole gzip file \(.+\): copy"):
        list(files.read(path))


def test_a_compressed_file_is_not_unpacked_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 2**20)
    path = tmp_path / "bomb.txt.gz"
    path.write_bytes(gzip.compress(bytes(2**21)))
    with pytest.raises(TelexError, match="more than 1 MiB"):
        list(files.read(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Né".encode("utf-16"), "The file is UTF-16"),
        ("Né".encode("utf-32"), "The file is UTF-32"),
        ("Né".encode("cp1252"), "Byte 1 is not UTF-8"),
        (gzip.compress(b"One."), "compressed with gzip"),
    ],
)
def test_a_text_in_another_encoding_is_told_which(content: bytes, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        files.from_text(content)


def test_a_folder_that_cannot_be_entered_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One.")
    tmp_path.chmod(0)
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)  # root may read everything
    try:
        with pytest.raises(TelexError, match=r"cannot be read: Permission denied. Give"):
            files.expand([tmp_path / "a.txt"])
    finally:
        os.seteuid(before)
        tmp_path.chmod(0o700)
