"""`telex publish` and `telex subscribe`: articles in, enriched articles out."""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from streams.cli.help_text import USE, examples
from streams.cli.run import interrupts
from streams.cli.terminal import (
    Format,
    FormatOption,
    complain,
    one_of,
    out,
    printable,
    progress,
    tell,
    wants_json,
    write_line,
)
from streams.client import article_files
from streams.client.publisher import Publisher
from streams.client.subscriber import Received, Start, Subscriber
from streams.errors import RecordError, TelexError
from streams.records import EntityType, Label
from streams.records.filters import analysis, matcher
from streams.stages import ENRICHED, TOPICS

# At most so many entities are shown of an article.
SHOWN_ENTITIES = 8
_TYPES: tuple[str, ...] = EntityType.__args__  # type: ignore[attr-defined]
_LABELS: tuple[str, ...] = Label.__args__  # type: ignore[attr-defined]
_COLOURS = {
    "PERSON": "cyan",
    "ORGANIZATION": "magenta",
    "LOCATION": "green",
    "MISC": "blue",
    "negative": "red",
    "neutral": "dim",
    "positive": "green",
}
# What would make two lines of an id, or commands for a terminal.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NO_BREAKS = bytes.maketrans(b"\r\n", b"  ")


def register(app: typer.Typer) -> None:
    """Add the commands to `telex`."""
    app.command(
        rich_help_panel=USE,
        epilog=examples(
            "telex publish seeds/", "telex publish a.txt b.json c.jsonl", "tail -f feed.jsonl | telex publish -"
        ),
    )(publish)
    app.command(
        rich_help_panel=USE,
        epilog=examples(
            "telex subscribe",
            "telex subscribe --from beginning --language fr --type PERSON",
            'telex subscribe --entity "Joe Biden" --count 10 --timeout 60',
            "telex subscribe --group desk >> enriched.jsonl",
        ),
    )(subscribe)


def publish(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Text files, JSON, JSON lines, folders of them, or - for standard input.", metavar="PATH…"),
    ],
) -> None:
    """Publish articles and print their ids. What is no article is refused and named, the rest is sent, and the exit code is 1."""
    found = article_files.expand(paths)
    refused = sent = 0
    with Publisher() as publisher, progress() as bar:
        for path in bar.track(found, description="Publishing"):
            for origin, article in _articles(path):
                fault = article if isinstance(article, str) else _send(publisher, origin, article)
                if fault:
                    complain(fault)
                    refused += 1
                else:
                    sent += 1
        publisher.flush()
    tell(f"[green]{sent} published[/]" + (f", [red]{refused} refused[/]" if refused else ""))
    if refused:
        raise typer.Exit(1)


def _articles(path: Path) -> Iterator[tuple[str, bytes | str]]:
    """The articles of a file, each with where it stands; in place of what cannot be read of it, why."""
    try:
        yield from article_files.read(path)
    except RecordError as error:
        yield str(path), f"{path}: {error.reason}: {error}"
    except TelexError as error:
        yield str(path), str(error)


def _send(publisher: Publisher, origin: str, article: bytes) -> str | None:
    """Publish an article and print its id; else say why it was refused."""
    try:
        identifier = publisher.publish(article)
    except RecordError as error:
        return f"{origin}: {error.reason}: {error}"
    try:
        write_line(_CONTROL.sub("�", identifier).encode())
    except BrokenPipeError:
        # Whoever read the ids (head) has gone; the articles are sent all the same.
        _write_nowhere()
    return None


def _write_nowhere() -> None:
    """From now on; Python writes what is left in its buffer when it ends, and would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _positive(seconds: float | None) -> float | None:
    if seconds is not None and not (seconds > 0 and math.isfinite(seconds)):
        raise typer.BadParameter(
            f"{seconds:g} is no time to wait: give seconds above 0, or leave it out to wait for ever"
        )
    return seconds


def subscribe(
    begin: Annotated[
        str,
        typer.Option(
            "--from", metavar="beginning|end|TIMESTAMP", help="Where to begin: an ISO 8601 time for a timestamp."
        ),
    ] = "end",
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many articles.")] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Stop after so many seconds, with exit code 1.", callback=_positive)
    ] = None,
    language: Annotated[str | None, typer.Option(help="Only articles in this language (ISO 639-1).")] = None,
    entity: Annotated[str | None, typer.Option(help="Only articles that name this entity.")] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--type",
            help=f"Only articles with entities of this type: {', '.join(_TYPES)}.",
            autocompletion=lambda: list(_TYPES),
            callback=lambda name: one_of(name, _TYPES),
        ),
    ] = None,
    sentiment: Annotated[
        str | None,
        typer.Option(
            help="Only articles that are negative, neutral or positive.",
            autocompletion=lambda: list(_LABELS),
            callback=lambda name: one_of(name, _LABELS),
        ),
    ] = None,
    topic: Annotated[
        str,
        typer.Option(
            help="Another topic of the pipeline.",
            autocompletion=lambda: list(TOPICS),
            callback=lambda name: one_of(name, TOPICS),
        ),
    ] = ENRICHED,
    group: Annotated[
        str | None,
        typer.Option(
            help="Resume where this group left off (--from counts the first time only); its members share the articles."
        ),
    ] = None,
    form: FormatOption = None,
) -> None:
    """Show the enriched articles as they arrive, each once: readable on a terminal, JSON lines in a pipe."""
    start = _start(begin)
    filtered = any(wish is not None for wish in (language, entity, kind, sentiment))
    matches = matcher(language and language.lower(), entity, kind, sentiment)
    seen = 0
    with interrupts(), Subscriber(topic=topic, start=start, group=group, timeout_s=timeout) as subscriber:
        tell(
            f"[dim]Listening to {topic} from {f'where {escape(group)} left off' if group else begin}. Ctrl-C stops.[/]"
        )
        for received in subscriber:
            article = _article(received, quiet=filtered)
            if article is None or not matches(article):
                continue
            try:
                show(received, form)
            except BrokenPipeError:
                _write_nowhere()
                return
            seen += 1
            if seen == count:
                subscriber.finish(received)
                break
    if subscriber.timed_out:
        complain(f"The {timeout:g} s ran out after {seen} articles" + (f" of {count}." if count else "."))
        raise typer.Exit(1)


def _article(received: Received, *, quiet: bool) -> dict[str, Any] | None:
    """The article; none where there is none, which is said unless a filter asks for something else anyway."""
    try:
        return received.article
    except TelexError as error:
        if not quiet:
            complain(str(error))
        return None


def _start(begin: str) -> Start:
    if begin == "beginning":
        return "beginning"
    if begin == "end":
        return "end"
    try:
        return datetime.fromisoformat(begin).astimezone()
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{begin!r} is neither beginning, end, nor an ISO 8601 time such as 2026-03-26T18:00", param_hint="--from"
        ) from None


def show(received: Received, form: Format | None = None) -> None:
    """Write one record: its bytes as they are in a pipe, on one line, and readable on a terminal."""
    if wants_json(form):
        # Within a string JSON escapes line breaks, so that these stand between its parts.
        write_line((received.value or b"").translate(_NO_BREAKS))
    else:
        out.print(readable(received.article))


def readable(article: dict[str, Any], seconds: float | None = None) -> Group:
    """An article for a terminal: what it is called, its language and sentiment, its entities.

    Args:
        seconds: how long the article took, shown where given.
    """
    title = str(article.get("title") or " ".join(str(article.get("text", "")).split()[:12]) + " …")
    language, entities, sentiment = (analysis(article, name) for name in ("language", "entities", "sentiment"))
    parts = [_result(language, _plain(str(language.get("code")))), _sentiment(sentiment)]
    if seconds is not None:
        parts.append(f"[dim]{seconds * 1000:.0f} ms[/]")
    items = entities.get("items", [])
    named = [
        f"[{_COLOURS[item['type']]}]{_plain(item['name'])}[/] [dim]{item['type'].lower()} ×{item['count']}[/]"
        for item in items[:SHOWN_ENTITIES]
    ]
    more = [f"[dim]and {len(items) - SHOWN_ENTITIES} more[/]"] if len(items) > SHOWN_ENTITIES else []
    shown = ", ".join(named + more) or "[dim]none[/]"
    said = Text.from_markup(f"{'  ·  '.join(parts)}\nentities: {_result(entities, shown)}\n")
    return Group(
        Text.from_markup(f"[bold]{_plain(str(article.get('id')))}[/]  {_plain(title[:100])}"),
        Padding(said, (0, 0, 0, 4), expand=False),
    )


def _plain(text: str) -> str:
    """Text of an article as part of a line for a terminal."""
    return escape(printable(" ".join(text.split())))


def _result(found: dict[str, Any], result: str) -> str:
    if found.get("status") == "analysed":
        return result
    return f"[yellow]not analysed: {_plain(str(found.get('reason', 'not yet'))).replace('_', ' ')}[/]"


def _sentiment(sentiment: dict[str, Any]) -> str:
    label = str(sentiment.get("label"))
    return "sentiment: " + _result(
        sentiment, f"[{_COLOURS.get(label, 'dim')}]{label}[/] {sentiment.get('score', 0):+.2f}"
    )
