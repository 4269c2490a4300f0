"""`telex subscribe`: shows the articles of a topic as they arrive."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from typing import Annotated

import typer
from msgspec.structs import replace
from rich.markup import escape

from streams.cli.article_view import view
from streams.cli.filter_options import with_filter
from streams.cli.help_text import USE, examples
from streams.cli.run import interrupts
from streams.cli.terminal import (
    Format,
    FormatOption,
    choice,
    complain,
    discard_output,
    out,
    tell,
    wants_json,
    write_line,
)
from streams.client import watch_store
from streams.client.received import Received
from streams.client.story_relations import StoryRelations
from streams.client.subscriber import Start, Subscriber
from streams.errors import TelexError
from streams.records import Mention
from streams.records.filters import Filter, FilteredArticle, Match, Matcher
from streams.settings import load
from streams.stages import ENRICHED, MATCHES, STORIES, TOPICS

_SHOWN_TOPICS = (*TOPICS, STORIES, MATCHES)
_LINE_BREAKS_TO_SPACES = bytes.maketrans(b"\r\n", b"  ")


def register(app: typer.Typer) -> None:
    """Add the command to `telex`."""
    app.command(
        rich_help_panel=USE,
        epilog=examples(
            "telex subscribe",
            "telex subscribe --from beginning --language fr --type PERSON",
            'telex subscribe --entity "Joe Biden" --count 10 --timeout 60',
            "telex subscribe --topic articles.matches --from beginning",
            "telex subscribe --group desk >> enriched.jsonl",
        ),
    )(with_filter(subscribe))


def _above_zero(seconds: float | None) -> float | None:
    if seconds is not None and not (seconds > 0 and math.isfinite(seconds)):
        raise typer.BadParameter(
            f"{seconds:g} is not a time to wait: give seconds above 0, or leave it out to wait for ever"
        )
    return seconds


def subscribe(
    begin: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="beginning|end|TIMESTAMP",
            help="Where to begin: at the beginning, at the end, or at an ISO 8601 time.",
        ),
    ] = "end",
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many articles.")] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Stop after so many seconds, with exit code 1.", callback=_above_zero)
    ] = None,
    topic: Annotated[
        str,
        choice("Another topic.", _SHOWN_TOPICS),
    ] = ENRICHED,
    group: Annotated[
        str | None,
        typer.Option(
            help="Resume where this group stopped (--from counts the first time only). Its members share the articles."
        ),
    ] = None,
    watch: Annotated[
        str | None, typer.Option(help="Use the filter of this watch, as it is now.", metavar="NAME", show_default=False)
    ] = None,
    form: FormatOption = None,
    *,
    wanted: Filter,
) -> None:
    """Show the enriched articles as they arrive, each once: readable on a terminal, JSON lines in a pipe."""
    start = _start(begin)
    if watch is not None:
        if not wanted.is_empty:
            raise typer.BadParameter(
                "it brings its own filter, so leave the other conditions out", param_hint="--watch"
            )
        wanted = watch_store.find(load(), watch).filter
    # The relation to a story comes from another topic, so it is asked for last.
    relations, rest = wanted.stories, replace(wanted, stories=())
    matcher = None if wanted.is_empty else Matcher(rest)
    shown_count, has_time = 0, True
    deadline = None if timeout is None else time.monotonic() + timeout
    with ExitStack() as stack:
        stack.enter_context(interrupts())
        subscriber = stack.enter_context(Subscriber(topic=topic, start=start, group=group, timeout_s=timeout))
        stories = stack.enter_context(StoryRelations(load(), complain)) if relations else None
        tell(
            f"[dim]Listening to {topic} from {f'where {escape(group)} left off' if group else begin}. Ctrl-C stops.[/]"
        )
        for received in subscriber:
            match = _match(received, matcher)
            if match is None:
                continue
            if stories:
                relation = stories.of(received, deadline)
                has_time = relation is not None
                if not has_time:
                    break
                if relation not in relations:
                    continue
            try:
                show(received, form, match.marks)
            except BrokenPipeError:
                discard_output()
                return
            shown_count += 1
            if shown_count == count:
                subscriber.finish(received)
                break
    if subscriber.timed_out or not has_time:
        complain(f"The {timeout:g} s ran out after {shown_count} records" + (f" of {count}." if count else "."))
        raise typer.Exit(1)


def _match(received: Received, matcher: Matcher | None) -> Match | None:
    """The parts of a record that met the filter; None for a record that does not meet it or is no article.

    Without a filter, an error message says why a record is no article.
    """
    try:
        if matcher:
            return matcher.match(FilteredArticle(received.value))
        _ = received.article
        return Match()
    except ValueError:
        return None
    except TelexError as error:
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


def show(received: Received, form: Format | None = None, marks: Iterable[Mention] = ()) -> None:
    """Write one record: readable on a terminal, and in a pipe as its own bytes on one line.

    Args:
        received: the record.
        form: the format; None for the usual one.
        marks: what met a filter, for the readable form.
    """
    if wants_json(form):
        # JSON escapes line breaks in strings, so the ones that are left stand between the parts of the object.
        write_line((received.value or b"").translate(_LINE_BREAKS_TO_SPACES))
    else:
        out.print(view(received.article, marks))
