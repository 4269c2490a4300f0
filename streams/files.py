"""Articles in files: text, JSON and JSON lines, also compressed with gzip, in folders or on standard input, as records to publish."""

from __future__ import annotations

import gzip
import os
import re
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, cast

import msgspec
from msgspec import Raw

from streams import framing
from streams.errors import Reason, RecordError, TelexError

# The date in front of a text file: ` date 2024-03 `, then the text.
_DATE = re.compile(r"^\s*date (\d{4}(?:-\d{2}(?:-\d{2}\S*)?)?)(?=\s)\s?")
_LINES = (".jsonl", ".ndjson")
_SUFFIXES = (".txt", ".json", *_LINES)
_GZIP = ".gz"
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
        try:
            path.stat()
        except OSError as error:
            if str(path) == "-":
                found.append(path)
                continue
            if isinstance(error, FileNotFoundError | NotADirectoryError):
                raise TelexError(f"{path} does not exist: name text files, JSON, JSON lines, folders, or - for standard input.") from None
            raise TelexError(_unreadable(path, error)) from None
        if path.is_dir():
            inside = sorted(_inside(path))
            if not inside:
                raise TelexError(f"{path} has no articles: they are files that end with {', '.join(_SUFFIXES)}.")
            found += inside
        else:
            found.append(path)
    return found


def _inside(folder: Path) -> Iterator[Path]:
    """The articles in a folder, and the folders in it that cannot be listed."""
    unreadable: list[Path] = []
    seen = {os.path.realpath(folder)}
    # Not rglob, which passes over a folder that may not be read, and over folders that are links.
    walk = os.walk(folder, followlinks=True, onerror=lambda error: unreadable.append(Path(error.filename)))
    for parent, folders, names in walk:
        # Each folder once: two links may lead to the same one, and a link may lead to a folder that holds it.
        folders.sort()
        folders[:] = [name for name in folders if _is_new(os.path.realpath(Path(parent, name)), seen)]
        for path in (Path(parent, name) for name in names):
            if _form(path) in _SUFFIXES:
                _refuse_pipe(path)
                yield path
    yield from unreadable


def _refuse_pipe(path: Path) -> None:
    """Raises TelexError for what would be waited for without end."""
    try:
        waits = not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return  # reading it says why
    if waits:
        raise TelexError(f"{path} is a pipe, a socket or a device: take it out of the folder, or name it by itself.")


def _is_new(folder: str, seen: set[str]) -> bool:
    new = folder not in seen
    seen.add(folder)
    return new


def _form(path: Path) -> str:
    """The ending that tells what is in a file; that of a compressed file stands in front of `.gz`."""
    return (Path(path.stem) if path.suffix.lower() == _GZIP else path).suffix.lower()


def _unreadable(path: Path, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"{path} cannot be read: {error.strerror}. Give the user that runs `telex` the right to read it."
    return f"{path} cannot be read: {error.strerror}."


def read(path: Path) -> Iterator[Article]:
    """The articles of one file, `-` for standard input; bytes as they are where they are JSON already.

    Files that end otherwise than with .txt, .json, .jsonl, .ndjson are what their content looks like. A `.gz` behind the
    ending makes no difference.

    Raises:
        RecordError: the file is no text. Whether a record is an article is for the publisher to say.
        TelexError: the file cannot be read.
    """
    if str(path) == "-":
        yield from _stream("standard input", sys.stdin.buffer)
        return
    try:
        with path.open("rb") as file:
            if path.suffix.lower() == _GZIP:
                if not file.peek(1):
                    raise EOFError("it is empty")
                with gzip.open(file) as plain:
                    yield from _articles(path, cast(IO[bytes], plain))
            else:
                yield from _articles(path, file)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise TelexError(f"{path} is not a whole gzip file ({error}): copy or compress it again.") from None
    except OSError as error:
        raise TelexError(_unreadable(path, error)) from None


def _articles(path: Path, file: IO[bytes]) -> Iterator[Article]:
    form = _form(path)
    if form in _LINES:
        yield from _lines(str(path), file)
    elif form == ".json":
        yield from _document(str(path), _whole(str(path), file))
    elif form == ".txt":
        yield str(path), from_text(_whole(str(path), file), _identifier(path))
    else:
        yield from _stream(str(path), file, _identifier(path))


def _whole(name: str, source: IO[bytes], before: bytes = b"") -> bytes:
    content = before + source.read(MAX_FILE_BYTES + 1 - len(before))
    if len(content) > MAX_FILE_BYTES:
        raise TelexError(f"{name} has more than {MAX_FILE_BYTES // 2**20} MiB: split it, or publish it as JSON lines.")
    return content


def from_text(content: bytes, identifier: str | None = None) -> bytes:
    """The record of a text file: the date in front becomes `published`, the rest `text`, each character as it stands.

    Raises:
        RecordError: the content is not UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mark = framing.byte_order_mark(content)
        what = f"The file is {mark}" if mark else f"Byte {error.start} is not UTF-8"
        if content.startswith(framing.GZIP):
            raise RecordError(Reason.INVALID_UTF8, "It is compressed with gzip: let its name end with .gz, or decompress it.") from None
        raise RecordError(Reason.INVALID_UTF8, f"{what}: save the file as UTF-8.") from None
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
        stem = path.stem if path.suffix.lower() != _GZIP else Path(path.stem).stem
        return os.fsencode(stem).decode()
    except UnicodeDecodeError:
        raise RecordError(Reason.INVALID_FIELD, "The file's name is not UTF-8, and it is to be the article's id: rename it.") from None


def _stream(name: str, source: IO[bytes], identifier: str | None = None) -> Iterator[Article]:
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


def _lines(name: str, lines: IO[bytes], begin: int = 1) -> Iterator[Article]:
    number = begin
    while line := lines.readline(MAX_FILE_BYTES):
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
