"""Articles in files: text, JSON and JSON lines, in folders or on standard input, as records to publish."""

from __future__ import annotations

import gzip
import os
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
from msgspec import Raw

from streams.errors import Reason, RecordError, TelexError
from streams.records import foreign_formats

# The date in front of a text file: ` date 2024-03 `, then the text.
_DATE = re.compile(r"^\s*date (\d{4}(?:-\d{2}(?:-\d{2}\S*)?)?)(?=\s)\s?")
_LINES = (".jsonl", ".ndjson")
_SUFFIXES = (".txt", ".json", *_LINES)
_BOM = b"\xef\xbb\xbf"
# A file or line beyond this is not read: no record may be as large.
MAX_FILE_BYTES = 64 * 1024 * 1024

_encoder = msgspec.json.Encoder()
_array = msgspec.json.Decoder(list[Raw])

# Where an article stands (a path, with the line where there are several), and its record.
Article = tuple[str, bytes]


def expand(paths: Iterable[Path]) -> list[Path]:
    """The files in `paths`, folders searched through in the order of their names.

    What cannot be read in a folder is among them, so that reading it says so.

    Raises:
        TelexError: a path does not exist, or there is nothing to publish in it.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(_inside(path))
            if not inside:
                raise TelexError(f"{path} has no articles: they are files that end with {', '.join(_SUFFIXES)}.")
            found += inside
        elif path.exists() or str(path) == "-":
            found.append(path)
        else:
            raise TelexError(
                f"{path} does not exist: name text files, JSON, JSON lines, folders, or - for standard input."
            )
    return found


def _inside(folder: Path) -> list[Path]:
    """The articles' files in a folder, in linked folders too, and what cannot be read of it."""
    unreadable: list[Path] = []
    found: list[Path] = []
    visited: set[tuple[int, int]] = set()
    # Not rglob, which passes over a folder that may not be read.
    for parent, folders, names in os.walk(
        folder, onerror=lambda error: unreadable.append(Path(error.filename)), followlinks=True
    ):
        status = os.stat(parent)  # noqa: PTH116
        if (status.st_dev, status.st_ino) in visited:  # a link to a folder that is read anyway, or to one above
            folders.clear()
            continue
        visited.add((status.st_dev, status.st_ino))
        folders.sort()
        found += [Path(parent, name) for name in names]
    return unreadable + [path for path in found if _is_wanted(path)]


def _is_wanted(path: Path) -> bool:
    # A link without an ending that leads nowhere may have been a folder of articles.
    return _suffix(path) in _SUFFIXES or (path.is_symlink() and not path.suffix and not path.exists())


def _suffix(path: Path) -> str:
    """The ending that tells the form: that before `.gz`."""
    return (Path(path.stem) if _is_packed(path) else path).suffix.lower()


def _is_packed(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def read(path: Path) -> Iterator[Article]:
    """The articles of one file, `-` for standard input; bytes as they are where they are JSON already.

    Files that end otherwise than with .txt, .json, .jsonl, .ndjson are what their content looks like.

    Raises:
        RecordError: the file is no text. Whether a record is an article is for the publisher to say.
        TelexError: the file cannot be read.
    """
    if str(path) == "-":
        yield from _stream("standard input", sys.stdin.buffer)
        return
    suffix = _suffix(path)
    # One that a shell makes (`telex publish <(…)`) has no ending, and is read.
    if suffix in _SUFFIXES and path.exists() and not path.is_file() and not path.is_dir():
        raise TelexError(f"{path} is a pipe, socket or device: send what it gives to `telex publish -`.")
    try:
        with path.open("rb") as file:
            source = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if _is_packed(path) else file
            if suffix in _LINES:
                yield from _lines(str(path), source)
            elif suffix == ".json":
                yield from _document(str(path), _whole(str(path), source))
            elif suffix == ".txt":
                yield str(path), from_text(_whole(str(path), source), _identifier(path))
            else:
                yield from _stream(str(path), source, _identifier(path))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise TelexError(f"{path} is no whole gzip file ({error}): pack it again.") from None
    except OSError as error:
        raise TelexError(f"{path} cannot be read: {error.strerror}.") from None


def _whole(name: str, source: BinaryIO, before: bytes = b"") -> bytes:
    content = before + source.read(MAX_FILE_BYTES + 1 - len(before))
    if len(content) > MAX_FILE_BYTES:
        raise TelexError(f"{name} has more than {MAX_FILE_BYTES // 2**20} MiB: split it, or publish it as JSON lines.")
    return content


def from_text(content: bytes, identifier: str | None = None) -> bytes:
    """The record of a text file: the date in front becomes `published`, the rest `text`, each character as it stands.

    UTF-16 and UTF-32 are read where a byte order mark announces them.

    Raises:
        RecordError: the content is none of these.
    """
    encoding = foreign_formats.byte_order_mark(content) or "UTF-8"
    try:
        text = content.decode("utf-8-sig" if encoding == "UTF-8" else encoding)
    except UnicodeDecodeError as error:
        looks = foreign_formats.recognise(content) if encoding == "UTF-8" else None
        advice = looks or "save the file as UTF-8 (from Windows-1252: iconv -f WINDOWS-1252 -t UTF-8)"
        raise RecordError(Reason.INVALID_UTF8, f"Byte {error.start} is not {encoding}: {advice}.") from None
    date = _DATE.match(text)
    article = {"id": identifier} if identifier else {}
    if date:
        article |= {"published": date[1]}
        text = text[date.end() :]
    return _encoder.encode({**article, "text": text})


def _identifier(path: Path) -> str | None:
    """The file's name without its ending. A pipe (`telex publish <(…)`) has a number for a name, which identifies nothing."""
    if not path.is_file():
        return None
    try:
        # By the bytes of the name: under the C locale Python takes them for ASCII.
        return os.fsencode(Path(path.stem).stem if _is_packed(path) else path.stem).decode()
    except UnicodeDecodeError:
        raise RecordError(
            Reason.INVALID_FIELD, "The file's name is not UTF-8, and it is to be the article's id: rename it."
        ) from None


def _stream(name: str, source: BinaryIO, identifier: str | None = None) -> Iterator[Article]:
    """What comes from a pipe: JSON lines as they come, when the first one is an object; else all of it, JSON or text."""
    before, number, first = b"", 1, source.readline(MAX_FILE_BYTES).removeprefix(_BOM)
    while first.isspace():
        before, number, first = before + first, number + 1, source.readline(MAX_FILE_BYTES)
    if _is_object(first):
        yield f"{name} line {number}", first.strip()
        yield from _lines(name, source, number + 1)
        return
    content = _whole(name, source, before + first)
    if first.lstrip()[:1] in (b"{", b"["):
        yield from _document(name, content)
    else:
        yield name, from_text(content, identifier)


def _lines(name: str, lines: BinaryIO, begin: int = 1) -> Iterator[Article]:
    number = begin
    while line := lines.readline(MAX_FILE_BYTES + 1):
        if len(line) > MAX_FILE_BYTES:
            raise TelexError(f"{name} line {number} has more than {MAX_FILE_BYTES // 2**20} MiB: split it.")
        line = (line.removeprefix(_BOM) if number == 1 else line).strip()
        if line:
            yield f"{name} line {number}", line
        number += 1


def _document(name: str, content: bytes) -> Iterator[Article]:
    content = content.removeprefix(_BOM)
    if content.lstrip()[:1] == b"[":
        try:
            articles = _array.decode(content)
        except (msgspec.DecodeError, RecursionError):
            yield name, content  # the publisher says what is wrong with it
            return
        for number, article in enumerate(articles, 1):
            yield f"{name} article {number}", bytes(article)
    elif _are_lines(content):
        yield from _lines(name, BytesIO(content))
    else:
        yield name, content


def _are_lines(content: bytes) -> bool:
    """Whether it is JSON lines rather than one JSON value that is broken: then few of its lines are objects by themselves."""
    if _is_json(content):
        return False
    lines = [line for line in content.splitlines() if line.strip()]
    return 2 * sum(map(_is_object, lines)) >= len(lines) > 1


def _is_object(content: bytes) -> bool:
    return content.lstrip().startswith(b"{") and _is_json(content)


def _is_json(content: bytes) -> bool:
    try:
        msgspec.json.decode(content, type=Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
