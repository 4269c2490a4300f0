"""`telex dead redrive`: sends dead letters back to the topic that their records failed on."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from streams.cli.dead_letter_rows import ReasonOption, row
from streams.cli.terminal import FormatOption, complain, listing, out, tell
from streams.dead_letters import reader
from streams.dead_letters.reader import DeadLetter
from streams.errors import Reason
from streams.kafka import topics
from streams.settings import Settings, load
from streams.stages import ALL_TOPICS

_COLUMNS = ("id", "key", "reason", "topic", "partition", "offset")


def redrive_dead_letters(
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Ids or keys, as for show.", show_default=False)
    ] = None,
    reason: ReasonOption = None,
    every: Annotated[bool, typer.Option("--all", help="All dead letters, whatever the reason.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before --all.")] = False,
    form: FormatOption = None,
) -> None:
    """Send dead letters back to the topic they failed on, with the same key, value and headers.

    --reason and --all mark the dead letters that they send, and do not send them a second time.
    An ID is sent each time you name it.
    The dead letters themselves stay in their topic. A record that fails again becomes a new dead letter.
    After a week without a redrive Kafka forgets the marks (offsets.retention.minutes), and all are sent again.
    That does no harm: an article that comes out twice is the same to the byte, and telex subscribe shows it once.
    """
    if (bool(wanted), reason is not None, every).count(True) != 1:
        raise typer.BadParameter("name ids, or --reason, or --all: one of the three.")
    settings = load()
    # Imported here: it brings a second Kafka client, which takes 0.15 s.
    from streams.dead_letters import redrive

    partitions, reasons = topics.check(settings, others=ALL_TOPICS), tuple(Reason) if reason is None else (reason,)
    end = {} if wanted else reader.ends(settings)
    if every and not yes and not dry_run and out.is_terminal and sys.stdin.isatty():
        count = sum(1 for _ in redrive.pending(settings, reasons, end))
        typer.confirm(f"Send {count} dead letters back into the pipeline?", abort=True, err=True)
    chosen = _named(settings, wanted) if wanted else redrive.pending(settings, reasons, end)
    sent_count = refused_count = 0

    def sendable() -> Iterator[DeadLetter]:
        nonlocal refused_count
        for dead_letter in chosen:
            complete = redrive.with_complete_record(settings, dead_letter, partitions)
            if isinstance(complete, str):
                complain(f"{dead_letter.id} cannot go back: {complete}.")
                refused_count += 1
            else:
                yield complete

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal sent_count
        sent: Iterator[tuple[DeadLetter, int | None]] = (
            ((dead_letter, None) for dead_letter in sendable()) if dry_run else redrive.redrive(settings, sendable())
        )
        for dead_letter, offset in sent:
            sent_count += 1
            columns = {name: value for name, value in row(dead_letter).items() if name in _COLUMNS}
            yield columns | {"offset": offset, "redriven": not dry_run}

    listing(rows(), _COLUMNS, form)
    if not wanted and not dry_run:
        redrive.mark(settings, reasons, end)
    tell(
        f"[green]{sent_count} {'would go' if dry_run else 'redriven'}[/]"
        + (f", [red]{refused_count} refused[/]" if refused_count else "")
    )
    if refused_count:
        raise typer.Exit(1)


def _named(settings: Settings, ids_or_keys: Iterable[str]) -> Iterator[DeadLetter]:
    """The dead letters with these ids or keys, each once."""
    by_id = {dead_letter.id: dead_letter for dead_letter in (reader.find(settings, wanted) for wanted in ids_or_keys)}
    return iter(by_id.values())
