"""`telex replay`: sends a span of the raw topic through the pipeline again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from streams.cli.help_text import OPERATE, examples
from streams.cli.terminal import Format, FormatOption, complain, json_line, out, progress, tell, wants_json
from streams.settings import load

if TYPE_CHECKING:
    from streams.client.replay import Progress

_DAY = "2026-03-26"


def register(app: typer.Typer) -> None:
    """Add the command to `telex`."""
    app.command(
        name="replay",
        rich_help_panel=OPERATE,
        epilog=examples(
            "telex replay --from 2026-03-26 --to 2026-03-27 --in-place --dry-run",
            "telex replay --from 2026-03-26 --to 2026-03-27 --in-place",
            "telex replay --from 2026-03-26T06:00 --to 2026-03-26T12:00 --into trial.",
        ),
    )(replay_span)


def moment_ms(text: str) -> int:
    """The milliseconds since 1970 of a time in ISO 8601; without an offset it is the time of this machine."""
    try:
        return max(0, int(datetime.fromisoformat(text).astimezone().timestamp() * 1000))
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is not an ISO 8601 time such as {_DAY} or {_DAY}T18:00") from None


def replay_span(
    begin: Annotated[
        str, typer.Option("--from", metavar="TIME", help="The first moment of the span, an ISO 8601 time.")
    ],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="The first moment after the span.")],
    into: Annotated[
        str | None,
        typer.Option(
            metavar="PREFIX", help="Send to the raw topic with this TELEX_TOPIC_PREFIX. All its topics are created."
        ),
    ] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Append to the raw topic itself, so that its own workers analyse again.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count the records, and send nothing.")] = False,
    form: FormatOption = None,
) -> None:
    """Send the articles of a span of time through the pipeline again.

    A record belongs to the span by its timestamp: when its article came to Telex, or the time that its publisher set.
    It is sent byte for byte, with the same key, headers and timestamp.
    After Ctrl-C or a kill, the same command continues where it stopped, and sends some records twice.
    With --in-place the header telex.replay marks each record, and a later replay leaves the marked ones out.
    """
    if (into is not None) + in_place != 1 and not (dry_run and into is None):
        raise typer.BadParameter("choose one of --into PREFIX and --in-place")
    begin_ms, end_ms = moment_ms(begin), moment_ms(end)
    if begin_ms >= end_ms:
        raise typer.BadParameter("--from has to be before --to")
    # Imported here: it brings a second Kafka client, which takes 0.15 s.
    from streams.client.replay import Progress, Span, replay

    result = Progress(0)
    try:
        with progress() as bar:
            task = bar.add_task("Replaying", total=None)
            for result in replay(load(), Span(begin_ms, end_ms), into, dry_run=dry_run):
                description = "Resuming" if result.resumed else "Replaying"
                bar.update(task, description=description, total=result.total, completed=result.read)
    except KeyboardInterrupt:
        complain(f"Interrupted after {result.sent:,} records: the same command goes on where it stopped.")
        raise
    for sentence in result.unreadable:
        complain(sentence)
    _show(result, into, form, dry_run=dry_run)
    if result.unreadable:
        raise typer.Exit(1)


def _show(result: Progress, into: str | None, form: Format | None, *, dry_run: bool) -> None:
    """Write the result, and how to process the records that were sent into other topics."""
    if wants_json(form):
        json_line(
            {
                "sent": 0 if dry_run else result.sent,
                "in_span": result.sent,
                "bytes": result.bytes_sent,
                "copies_left_out": result.copies,
                "unreadable": len(result.unreadable),
                "resumed": result.resumed,
            }
        )
        return
    out.print(
        f"[green]{result.sent:,} records ({result.bytes_sent / 1e6:,.1f} MB) {'would be' if dry_run else 'were'} sent[/]"
        + (f", {result.copies:,} copies of earlier replays left out" if result.copies else "")
        + (f", [red]{len(result.unreadable)} not readable[/]" if result.unreadable else "")
    )
    if into is not None and not dry_run:
        tell(
            f"Process them: [bold]TELEX_TOPIC_PREFIX={escape(into)} TELEX_WEB_PORT=8700 telex up --no-broker[/], "
            f"and read them with [bold]TELEX_TOPIC_PREFIX={escape(into)} telex subscribe --from beginning[/]."
        )
