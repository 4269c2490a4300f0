"""Articles in files: text, JSON and JSON lines, in folders or on standard input, as records to publish."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Raw

from streams.errors import Reason, RecordError, TelexError

# The date in front of a text file: ` date 2024-03 `, then the text.
_DATE = re.compile(r"^\s*date (\d{4}(?:-\d{2}(?:-\d{2}\S*)?)?)(?=\s)\s?")
_SUFFIXES = (".txt", ".json", ".jsonl", ".ndjson")
# A file or line beyond this is not read: no record may be as large.
MAX_FILE_BYTES = 64 * 1024 * 1024

_encoder = msgspec.json.Encoder()
_array = msgspec.json.Decoder(list[Raw])

# Where an article stands (a path, with the line where there are several), and its record.
Article = tuple[str, bytes]


def expand(paths: Iterable[Path]) -> list[Path]:
    """The files in `paths`, folders searched through in the order of their names.

    Raises:
        TelexError: a path does not exist, or there is nothing to publish in it.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES and file.is_file())
            if not inside:
                raise TelexError(f"{path} has no articles: they are files that end with {', '.join(_SUFFIXES)}.")
            found += inside
        elif path.exists() or str(path) == "-":
            found.append(path)
        else:
            raise TelexError(f"{path} does not exist: name text files, JSON, JSON lines, folders, or - for standard input.")
    return found


def read(path: Path) -> Iterator[Article]:
    """The articles of one file, `-` for standard input; bytes as they are where they are JSON already.

    Raises:
        RecordError: the file is no text. Whether a record is an article is for the publisher to say.
        TelexError: the file cannot be read.
    """
    if str(path) == "-":
        yield from _stream(sys.stdin.buffer)
        return
    try:
        if path.stat().st_size > MAX_FILE_BYTES and path.suffix.lower() not in (".jsonl", ".ndjson"):
            raise TelexError(f"{path} has more than {MAX_FILE_BYTES // 2**20} MiB: split it.")
        match path.suffix.lower():
            case ".jsonl" | ".ndjson":
                with path.open("rb") as lines:
                    yield from _lines(str(path), lines)
            case ".json":
                yield from _document(str(path), path.read_bytes())
            case _:
                yield str(path), from_text(path.read_bytes(), path.stem)
    except OSError as error:
        raise TelexError(f"{path} cannot be read: {error.strerror}.") from None


def from_text(content: bytes, identifier: str | None = None) -> bytes:
    """The record of a text file: the date in front becomes `published`, the rest `text`, each character as it stands.

    Raises:
        RecordError: the content is not UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordError(Reason.INVALID_UTF8, f"Byte {error.start} is not UTF-8: save the file as UTF-8.") from None
    date = _DATE.match(text)
    article = {"id": identifier} if identifier else {}
    if date:
        article |= {"published": date[1]}
        text = text[date.end() :]
    return _encoder.encode({**article, "text": text})


def _stream(source: BinaryIO) -> Iterator[Article]:
    first = source.readline(MAX_FILE_BYTES)
    try:
        msgspec.json.decode(first, type=Raw)
        whole_line = first.lstrip().startswith(b"{")
    except (msgspec.DecodeError, RecursionError):
        whole_line = False
    if whole_line:
        yield "line 1", first.strip()
        yield from _lines("", source, 2)
        return
    content = first + source.read(MAX_FILE_BYTES)
    if content.lstrip()[:1] in (b"{", b"["):
        yield from _document("standard input", content)
    else:
        yield "standard input", from_text(content)


def _lines(name: str, lines: BinaryIO, begin: int = 1) -> Iterator[Article]:
    number = begin
    while line := lines.readline(MAX_FILE_BYTES):
        if line.strip():
            yield f"{name} line {number}".strip(), line.strip()
        number += 1


def _document(name: str, content: bytes) -> Iterator[Article]:
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.lstrip()[:1] != b"[":
        yield name, content
        return
    try:
        articles = _array.decode(content)
    except (msgspec.DecodeError, RecursionError):
        yield name, content  # the publisher says what is wrong with it
        return
    for number, article in enumerate(articles, 1):
        yield f"{name} article {number}", bytes(article)
