"""`telex publish` and `telex subscribe`: articles in, enriched articles out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.text import Text

from streams import files
from streams.cli.terminal import Format, FormatOption, complain, out, printable, progress, tell, wants_json, write_line
from streams.errors import RecordError, TelexError
from streams.publisher import Publisher
from streams.records import EntityType, Label
from streams.stages import ENRICHED, TOPICS
from streams.subscriber import Received, Start, Subscriber, matcher

# At most so many entities are shown of an article.
SHOWN_ENTITIES = 8
_COLOURS = {
    "PERSON": "cyan",
    "ORGANIZATION": "magenta",
    "LOCATION": "green",
    "MISC": "blue",
    "negative": "red",
    "neutral": "dim",
    "positive": "green",
}


def register(app: typer.Typer) -> None:
    """Add the commands to `telex`."""
    app.command(
        epilog="Examples: [bold]telex publish seeds/[/] · [bold]telex publish a.txt b.json c.jsonl[/] · [bold]tail -f feed.jsonl | telex publish -[/]"
    )(publish)
    app.command(
        epilog="Examples: [bold]telex subscribe[/] · [bold]telex subscribe --from beginning --language fr --type PERSON[/] · "
        '[bold]telex subscribe --entity "Joe Biden" --count 10 --timeout 60[/] · [bold]telex subscribe --group desk >> enriched.jsonl[/]'
    )(subscribe)


def publish(
    paths: Annotated[
        list[Path], typer.Argument(help="Text files, JSON, JSON lines, folders of them, or - for standard input.", metavar="PATH…")
    ],
) -> None:
    """Publish articles and print their ids. What is no article is refused and named, the rest is sent, and the exit code is 1."""
    found = files.expand(paths)
    refused = sent = 0
    with Publisher() as publisher, progress() as bar:
        for path in bar.track(found, description="Publishing"):
            for origin, article in _refusing(path):
                try:
                    if isinstance(article, RecordError):
                        raise article
                    write_line(publisher.publish(article).encode())
                    sent += 1
                except RecordError as error:
                    complain(f"{origin}: {error.reason}: {error}")
                    refused += 1
        publisher.flush()
    tell(f"[green]{sent} published[/]" + (f", [red]{refused} refused[/]" if refused else ""))
    if refused:
        raise typer.Exit(1)


def _refusing(path: Path) -> Iterator[tuple[str, bytes | RecordError]]:
    """The articles of a file; what cannot be read of it as the error that says why."""
    try:
        yield from files.read(path)
    except RecordError as error:
        yield str(path), error


def subscribe(
    begin: Annotated[
        str, typer.Option("--from", metavar="beginning|end|TIMESTAMP", help="Where to begin: an ISO 8601 time for a timestamp.")
    ] = "end",
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many articles.")] = None,
    timeout: Annotated[float | None, typer.Option(min=0.0, help="Stop after so many seconds, with exit code 1.")] = None,
    language: Annotated[str | None, typer.Option(help="Only articles in this language (ISO 639-1).")] = None,
    entity: Annotated[str | None, typer.Option(help="Only articles that name this entity.")] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="Only articles with entities of this type: PERSON, ORGANIZATION, LOCATION, MISC.")
    ] = None,
    sentiment: Annotated[str | None, typer.Option(help="Only articles that are negative, neutral or positive.")] = None,
    topic: Annotated[str, typer.Option(help="Another topic of the road.", autocompletion=lambda: list(TOPICS))] = ENRICHED,
    group: Annotated[str | None, typer.Option(help="Resume where this group left off; its members share the articles.")] = None,
    form: FormatOption = None,
) -> None:
    """Show the enriched articles as they arrive, each once: readable on a terminal, JSON lines in a pipe."""
    _one_of("--type", kind, EntityType.__args__)  # type: ignore[attr-defined]
    _one_of("--sentiment", sentiment, Label.__args__)  # type: ignore[attr-defined]
    _one_of("--topic", topic, TOPICS)
    filtered = any(wish is not None for wish in (language, entity, kind, sentiment))
    matches = matcher(language, entity, kind, sentiment)
    seen = 0
    with Subscriber(topic=topic, start=_start(begin), group=group, timeout_s=timeout) as subscriber:
        tell(f"[dim]Listening to {topic} from {begin}. Ctrl-C stops.[/]")
        for received in subscriber:
            if filtered and not _matches(received, matches):
                continue
            show(received, form)
            seen += 1
            if seen == count:
                subscriber.finish(received)
                break
    if subscriber.timed_out:
        complain(f"The {timeout:g} s ran out after {seen} articles" + (f" of {count}." if count else "."))
        raise typer.Exit(1)


def _matches(received: Received, matches: Any) -> bool:
    try:
        return bool(matches(received.article))
    except TelexError:
        return False


def _one_of(option: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(known)}", param_hint=option)


def _start(begin: str) -> Start:
    if begin == "beginning":
        return "beginning"
    if begin == "end":
        return "end"
    try:
        moment = datetime.fromisoformat(begin)
    except ValueError:
        raise typer.BadParameter(
            f"{begin!r} is neither beginning, end, nor an ISO 8601 time such as 2026-03-26T18:00", param_hint="--from"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC) if begin.endswith("Z") else moment.astimezone()


def show(received: Received, form: Format | None = None, seconds: float | None = None) -> None:
    """Write one record: its bytes as they are in a pipe, readable on a terminal.

    Args:
        seconds: how long the article took, shown where given.
    """
    if wants_json(form):
        write_line((received.value or b"null").replace(b"\n", b" "))
        return
    try:
        article = received.article
    except TelexError as error:
        complain(str(error))
        return
    out.print(readable(article, seconds))


def readable(article: dict[str, Any], seconds: float | None) -> Text:
    """An article for a terminal: what it is called, its language and sentiment, its entities."""
    title = str(article.get("title") or " ".join(str(article.get("text", "")).split()[:12]) + " …")
    text = Text.from_markup(f"[bold]{escape(printable(str(article.get('id'))))}[/]  {escape(printable(title[:100]))}\n")
    language, entities, sentiment = (article.get(name) or {} for name in ("language", "entities", "sentiment"))
    parts = [_result(language, str(language.get("code"))), _sentiment(sentiment)]
    if seconds is not None:
        parts.append(f"[dim]{seconds * 1000:.0f} ms[/]")
    text.append_text(Text.from_markup("    " + "  ·  ".join(parts) + "\n"))
    items = entities.get("items", [])
    named = [
        f"[{_COLOURS[item['type']]}]{escape(printable(item['name']))}[/] [dim]{item['type'].lower()} ×{item['count']}[/]"
        for item in items[:SHOWN_ENTITIES]
    ]
    more = [f"[dim]and {len(items) - SHOWN_ENTITIES} more[/]"] if len(items) > SHOWN_ENTITIES else []
    shown = ", ".join(named + more) or "[dim]none[/]"
    text.append_text(Text.from_markup(f"    entities: {_result(entities, shown)}\n"))
    return text


def _result(analysis: dict[str, Any], result: str) -> str:
    if analysis.get("status") == "analysed":
        return result
    return f"[yellow]not analysed: {escape(str(analysis.get('reason', 'not yet'))).replace('_', ' ')}[/]"


def _sentiment(sentiment: dict[str, Any]) -> str:
    label = str(sentiment.get("label"))
    return "sentiment: " + _result(sentiment, f"[{_COLOURS.get(label, 'dim')}]{label}[/] {sentiment.get('score', 0):+.2f}")
