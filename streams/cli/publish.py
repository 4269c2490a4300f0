"""`telex publish`: sends articles from files or standard input to the raw topic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.help_text import USE, examples
from streams.cli.terminal import complain, discard_output, progress, tell, write_line
from streams.client import article_files
from streams.client.publisher import Publisher
from streams.errors import RecordError, TelexError

# Characters that would break an id over two lines, or that a terminal takes for commands.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def register(app: typer.Typer) -> None:
    """Add the command to `telex`."""
    app.command(
        rich_help_panel=USE,
        epilog=examples(
            "telex publish seeds/", "telex publish a.txt b.json c.jsonl", "tail -f feed.jsonl | telex publish -"
        ),
    )(publish)


def publish(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Text files, JSON, JSON lines, folders of them, or - for standard input.", metavar="PATH…"),
    ],
) -> None:
    """Publish articles and print their ids.

    A record that is not an article is refused with the reason. The others are published, and the exit code is 1.
    """
    files = article_files.expand(paths)
    refused_count = sent_count = 0
    with Publisher() as publisher, progress() as bar:
        for file in bar.track(files, description="Publishing"):
            for origin, article in _articles(file):
                fault = article if isinstance(article, str) else _send(publisher, origin, article)
                if fault:
                    complain(fault)
                    refused_count += 1
                else:
                    sent_count += 1
        publisher.flush()
    tell(f"[green]{sent_count} published[/]" + (f", [red]{refused_count} refused[/]" if refused_count else ""))
    if refused_count:
        raise typer.Exit(1)


def _articles(file: Path) -> Iterator[tuple[str, bytes | str]]:
    """The articles of a file, each with its origin. A str in place of an article says why the file cannot be read."""
    try:
        yield from article_files.read(file)
    except RecordError as error:
        yield str(file), f"{file}: {error.reason}: {error}"
    except TelexError as error:
        yield str(file), str(error)


def _send(publisher: Publisher, origin: str, article: bytes) -> str | None:
    """Publish an article and print its id. Returns why it was refused; None where it was published."""
    try:
        identifier = publisher.publish(article)
    except RecordError as error:
        return f"{origin}: {error.reason}: {error}"
    try:
        write_line(_CONTROL.sub("�", identifier).encode())
    except BrokenPipeError:
        # The reader of the ids (`head`, say) has gone. The articles are sent all the same.
        discard_output()
    return None
