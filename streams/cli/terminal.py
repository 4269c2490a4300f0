"""The output of the commands: tables on a terminal, JSON lines in a pipe, errors as one line on stderr."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from streams.errors import TelexError

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

# Characters that would break an id over two lines, or that a terminal takes for commands.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Line breaks, soft hyphens, and the joiners that emoji and Persian words are written with.
_HARMLESS = "\n\t\u00ad\u200b\u200c\u200d\u2060\ufeff"


class Format(StrEnum):
    """The output format of a command that lists rows."""

    JSON = "json"
    TABLE = "table"


FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        help="json (a line each) or table; by default a table on a terminal, JSON in a pipe.",
        show_default=False,
    ),
]


def wants_json(chosen: Format | None) -> bool:
    """Whether to write JSON lines."""
    return chosen is Format.JSON or (chosen is None and not out.is_terminal)


def json_line(value: Any) -> None:
    """Write one JSON line on standard output."""
    write_line(msgspec.json.encode(value))


def write_line(line: bytes) -> None:
    """Write one line of bytes to standard output and flush it. Raises TelexError when it cannot be written."""
    try:
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise  # the reader has gone: typer ends the command without a message
    except OSError as error:
        discard_output()
        raise TelexError(f"The output cannot be written: {error.strerror}. Write it to another file or disk.") from None


def write_id(identifier: str) -> None:
    """Write an id on a line of its own. Where the reader of the ids (`head`, say) has gone, go on without one."""
    try:
        write_line(_CONTROL.sub("�", identifier).encode())
    except BrokenPipeError:
        discard_output()


def discard_output() -> None:
    """Redirect standard output to the null device. Otherwise Python complains about its unwritten buffer at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def listing(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], chosen: Format | None) -> None:
    """Write rows as JSON lines, or as a table of the named columns."""
    if wants_json(chosen):
        for row in rows:
            json_line(row)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(
            *(escape(printable("" if row.get(column) is None else str(row.get(column)))) for column in columns)
        )
    out.print(table)


def printable(text: str) -> str:
    """The text without characters that move a terminal's cursor or change its colours or direction.

    Articles come from anywhere, so their text may hold such characters.
    """
    return "".join(character if _is_harmless(character) else "�" for character in text)


def _is_harmless(character: str) -> bool:
    return character.isprintable() or character in _HARMLESS or unicodedata.category(character) == "Zs"


def one_of(value: str | None, known: Iterable[str]) -> str | None:
    """The value, if it is None or known. Raises typer.BadParameter, which is wrong usage and lists the known values."""
    if value is not None and value not in known:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(known)}")
    return value


def choice(description: str, known: Iterable[str], *flags: str) -> Any:
    """An option whose value is one of the known ones; the shell completes it. `flags` replace the parameter's name."""
    return typer.Option(*flags, help=description, **_completed_and_checked(list(known)))


def choice_argument(description: str, known: Iterable[str], metavar: str) -> Any:
    """An argument whose value is one of the known ones; the shell completes it. The help shows `metavar` for it."""
    return typer.Argument(help=description, metavar=metavar, **_completed_and_checked(list(known)))


def _completed_and_checked(names: list[str]) -> dict[str, Any]:
    return {"autocompletion": lambda: names, "callback": lambda name: one_of(name, names)}


def complain(message: str) -> None:
    """Write one line to stderr that says what is wrong and what to do."""
    err.print(f"[bold red]telex:[/] {escape(printable(message))}", soft_wrap=True)


def tell(message: str) -> None:
    """Write a line to stderr where that is a terminal; nothing in a pipe."""
    if err.is_terminal:
        err.print(message)


class _Count(MofNCompleteColumn):
    def render(self, task: Task) -> Text:
        return Text() if task.total is None else super().render(task)


def progress() -> Progress:
    """A progress bar on stderr, shown only on a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        _Count(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
