"""Reads articles to publish from text, JSON and JSON lines, in files, in folders or on standard input."""

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

# A text file may begin with a date: ` date 2024-03 `, then the text.
_DATE = re.compile(r"^\s*date (\d{4}(?:-\d{2}(?:-\d{2}\S*)?)?)(?=\s)\s?")
_LINES = (".jsonl", ".ndjson")
_SUFFIXES = (".txt", ".json", *_LINES)
_BOM = b"\xef\xbb\xbf"
# A file or line that is larger is not read: no record may be that large.
MAX_FILE_BYTES = 64 * 1024 * 1024

_encoder = msgspec.json.Encoder()
_array = msgspec.json.Decoder(list[Raw])

# The origin of an article (a path, with the line where the file has several articles), and its record.
Article = tuple[str, bytes]


def expand(paths: Iterable[Path]) -> list[Path]:
    """The files in `paths`, with the files of each folder in the order of their names.

    A file or folder that cannot be read is among them, so that `read` reports it.

    Raises:
        TelexError: a path does not exist, or a folder has no articles.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            in_folder = sorted(_files_in(path))
            if not in_folder:
                raise TelexError(
                    f"{path} has no articles: name a folder with files that end in {', '.join(_SUFFIXES)}."
                )
            files += in_folder
        elif path.exists() or str(path) == "-":
            files.append(path)
        else:
            raise TelexError(
                f"{path} does not exist: name text files, JSON, JSON lines, folders, or - for standard input."
            )
    return files


def _files_in(folder: Path) -> list[Path]:
    """The files with articles in a folder and in linked folders, and the folders in it that cannot be read."""
    unreadable: list[Path] = []
    files: list[Path] = []
    visited: set[tuple[int, int]] = set()
    # Not rglob, which skips a folder that it may not read without an error.
    for parent, folders, names in os.walk(
        folder, onerror=lambda error: unreadable.append(Path(error.filename)), followlinks=True
    ):
        status = os.stat(parent)  # noqa: PTH116
        if (status.st_dev, status.st_ino) in visited:  # a link to a folder that is read already, or to a parent
            folders.clear()
            continue
        visited.add((status.st_dev, status.st_ino))
        folders.sort()
        files += [Path(parent, name) for name in names]
    return unreadable + [path for path in files if _is_wanted(path)]


def _is_wanted(path: Path) -> bool:
    # A broken link without a suffix may have been a link to a folder of articles.
    return _suffix(path) in _SUFFIXES or (path.is_symlink() and not path.suffix and not path.exists())


def _suffix(path: Path) -> str:
    """The suffix that names the format, which stands before `.gz` in a compressed file."""
    return (Path(path.stem) if _is_compressed(path) else path).suffix.lower()


def _is_compressed(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def read(path: Path) -> Iterator[Article]:
    """The articles of one file, or of standard input where the path is `-`. JSON keeps its bytes.

    Where the suffix is none of .txt, .json, .jsonl and .ndjson, the content decides the format.

    Raises:
        RecordError: the file is not text. The publisher checks whether a record is an article.
        TelexError: the file cannot be read.
    """
    if str(path) == "-":
        yield from _stream("standard input", sys.stdin.buffer)
        return
    suffix = _suffix(path)
    # A pipe that the shell makes (`telex publish <(…)`) has no suffix, and is read.
    if suffix in _SUFFIXES and path.exists() and not path.is_file() and not path.is_dir():
        raise TelexError(f"{path} is a pipe, socket or device: send its content to `telex publish -`.")
    try:
        with path.open("rb") as file:
            source = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if _is_compressed(path) else file
            if suffix in _LINES:
                yield from _lines(str(path), source)
            elif suffix == ".json":
                yield from _document(str(path), _whole(str(path), source))
            elif suffix == ".txt":
                yield str(path), from_text(_whole(str(path), source), _identifier(path))
            else:
                yield from _stream(str(path), source, _identifier(path))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise TelexError(f"{path} is not a whole gzip file ({error}): pack it again.") from None
    except OSError as error:
        raise TelexError(f"{path} cannot be read: {error.strerror}. Check its path and its permissions.") from None


def _whole(name: str, source: BinaryIO, before: bytes = b"") -> bytes:
    """All bytes of a source, after the ones that were read before. Raises TelexError where there are too many."""
    content = before + source.read(MAX_FILE_BYTES + 1 - len(before))
    if len(content) > MAX_FILE_BYTES:
        raise TelexError(f"{name} has more than {MAX_FILE_BYTES // 2**20} MiB: split it, or publish it as JSON lines.")
    return content


def from_text(content: bytes, identifier: str | None = None) -> bytes:
    """The record of a text file. A date at the beginning becomes `published`; the rest becomes `text`, unchanged.

    The text may be UTF-8, or UTF-16 or UTF-32 with a byte order mark.

    Raises:
        RecordError: the content has none of these encodings.
    """
    encoding = foreign_formats.byte_order_mark(content) or "UTF-8"
    try:
        text = content.decode("utf-8-sig" if encoding == "UTF-8" else encoding)
    except UnicodeDecodeError as error:
        format_advice = foreign_formats.recognise(content) if encoding == "UTF-8" else None
        advice = format_advice or "save the file as UTF-8 (from Windows-1252: iconv -f WINDOWS-1252 -t UTF-8)"
        raise RecordError(Reason.INVALID_UTF8, f"Byte {error.start} is not {encoding}: {advice}.") from None
    date = _DATE.match(text)
    article = {"id": identifier} if identifier else {}
    if date:
        article |= {"published": date[1]}
        text = text[date.end() :]
    return _encoder.encode({**article, "text": text})


def _identifier(path: Path) -> str | None:
    """The file's name without its suffix. None for a pipe (`telex publish <(…)`), whose name is only a number."""
    if not path.is_file():
        return None
    try:
        # From the bytes of the name, because Python takes them for ASCII under the C locale.
        return os.fsencode(Path(path.stem).stem if _is_compressed(path) else path.stem).decode()
    except UnicodeDecodeError:
        raise RecordError(
            Reason.INVALID_FIELD, "The file's name becomes the article's id, and is not UTF-8: rename the file."
        ) from None


def _stream(name: str, source: BinaryIO, identifier: str | None = None) -> Iterator[Article]:
    """The articles of a pipe: each line as it arrives where the first is a JSON object, else the whole content."""
    blank_lines, line = list[bytes](), source.readline(MAX_FILE_BYTES).removeprefix(_BOM)
    while line.isspace():
        blank_lines.append(line)
        line = source.readline(MAX_FILE_BYTES)
    if _is_object(line):
        number = len(blank_lines) + 1
        yield f"{name} line {number}", line.strip()
        yield from _lines(name, source, number + 1)
        return
    content = _whole(name, source, b"".join([*blank_lines, line]))
    if line.lstrip()[:1] in (b"{", b"["):
        yield from _document(name, content)
    else:
        yield name, from_text(content, identifier)


def _lines(name: str, source: BinaryIO, first_number: int = 1) -> Iterator[Article]:
    """The articles of JSON lines."""
    number = first_number
    while line := source.readline(MAX_FILE_BYTES + 1):
        if len(line) > MAX_FILE_BYTES:
            raise TelexError(f"{name} line {number} has more than {MAX_FILE_BYTES // 2**20} MiB: split it.")
        line = (line.removeprefix(_BOM) if number == 1 else line).strip()
        if line:
            yield f"{name} line {number}", line
        number += 1


def _document(name: str, content: bytes) -> Iterator[Article]:
    """The articles of a JSON file: one object, an array of objects, or JSON lines."""
    content = content.removeprefix(_BOM)
    if content.lstrip()[:1] == b"[":
        try:
            articles = _array.decode(content)
        except (msgspec.DecodeError, RecursionError):
            yield name, content  # the publisher says why it is not an article
            return
        for number, article in enumerate(articles, 1):
            yield f"{name} article {number}", bytes(article)
    elif _is_json_lines(content):
        yield from _lines(name, BytesIO(content))
    else:
        yield name, content


def _is_json_lines(content: bytes) -> bool:
    """Whether the content is JSON lines. In a single broken JSON value, few lines are objects by themselves."""
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
