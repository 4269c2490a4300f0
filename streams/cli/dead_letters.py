"""`telex dead`: what could not be done, with why, and its way back onto the redriving."""

from __future__ import annotations

import base64
import heapq
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from streams.cli.help_text import USE, examples
from streams.cli.terminal import FormatOption, complain, json_line, listing, one_of, out, printable, tell, wants_json
from streams.dead_letters import error_headers, reader
from streams.dead_letters.reader import Letter
from streams.errors import Reason
from streams.kafka import topics
from streams.settings import Settings, load
from streams.stages import STAGE_NAMES

# So much is shown of a value that is no text.
DUMPED_BYTES, BYTES_A_LINE = 256, 16

_WENT = ("id", "key", "reason", "topic", "partition", "offset")

ReasonOption = Annotated[
    Reason | None,
    typer.Option(
        "--reason",
        help=f"Only those that failed for this reason: {', '.join(Reason)}.",
        metavar="REASON",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `telex`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    group.command(
        "list",
        epilog=examples("telex dead list", "telex dead list --reason analysis_timed_out --limit 20"),
    )(list_letters)
    group.command(
        "show",
        epilog=examples("telex dead show 3:17", "telex dead show my-article --format json | jq -r .value | base64 -d"),
    )(show)
    group.command(
        "redrive",
        epilog=examples(
            "telex dead redrive --reason analysis_timed_out --dry-run",
            "telex dead redrive 3:17 3:18",
            "telex dead redrive --all --yes",
        ),
    )(redrive)
    app.add_typer(
        group,
        name="dead",
        rich_help_panel=USE,
        help="Show the records that no stage could process, and send them again.",
    )


def list_letters(
    reason: ReasonOption = None,
    stage: Annotated[
        str | None,
        typer.Option(
            help="Only those of this stage.",
            autocompletion=lambda: list(STAGE_NAMES),
            callback=lambda name: one_of(name, STAGE_NAMES),
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many, the newest.", show_default=False)] = None,
    form: FormatOption = None,
) -> None:
    """List the dead letters, by the time of their records, the newest last."""
    counts: Counter[str] = Counter()

    def rows() -> Iterator[tuple[tuple[int, int, int], dict[str, Any]]]:
        for letter in reader.read(load()):
            if reason in (None, letter.reason) and stage in (None, letter.stage):
                counts[letter.reason or "not Telex's"] += 1
                yield (letter.timestamp_ms, letter.partition, letter.offset), _row(letter)

    found = rows()
    newest = sorted(heapq.nlargest(limit, found, _age) if limit else found, key=_age)
    listing((row for _, row in newest), ("id", "key", "stage", "reason", "time", "message"), form)
    if not wants_json(form):
        total = sum(counts.values())
        out.print(f"\n{total} dead letters" + "".join(f", {name} {count}" for name, count in counts.most_common()))


def _age(row: tuple[tuple[int, int, int], dict[str, Any]]) -> tuple[int, int, int]:
    return row[0]


def _row(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "key": _text(letter.key),
        "stage": letter.stage,
        "reason": letter.reason,
        "message": letter.said.get(error_headers.MESSAGE),
        "attempts": letter.number(error_headers.ATTEMPTS),
        "topic": letter.said.get(error_headers.TOPIC),
        "partition": letter.number(error_headers.PARTITION),
        "offset": letter.number(error_headers.OFFSET),
        "time": letter.time,
    }


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="backslashreplace")


def show(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Its id, PARTITION:OFFSET, as the list shows it; or its key, for the latest with that key.",
        ),
    ],
    form: FormatOption = None,
) -> None:
    """Show one dead letter in full: why it died, its headers and its value.

    Of a record that no dead letter can carry whole, the letter says what the original is and where it lies. What is there is shown.
    """
    settings = load()
    letter = reader.find(settings, wanted)
    row = _row(letter) | {"exception": letter.said.get(error_headers.EXCEPTION)}
    headers, whole = letter.headers, letter.value
    if letter.is_cut:
        found = reader.original(settings, letter)
        row["original"] = {"sha256": letter.said[error_headers.SHA256], "bytes": letter.sizes}
        row["original"]["state"] = found if isinstance(found, str) else "it was read from its topic"
        if not isinstance(found, str):
            headers, whole = found.headers, found.value
    shown = [(_name(name), _text(value)) for name, value in headers]
    if wants_json(form):
        value = None if whole is None else base64.b64encode(whole).decode()
        json_line(row | {"headers": [{"name": name, "value": text} for name, text in shown], "value": value})
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, said in [*row.items(), *((f"header {name}", text) for name, text in shown)]:
        table.add_row(Text(printable(name)), Text(printable("none" if said is None else str(said))))
    out.print(table)
    out.print()
    out.print(Text(_readable(whole)), soft_wrap=True)


def _name(name: str) -> str:
    """A header's name; bytes that are not UTF-8 as escapes."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _readable(value: bytes | None) -> str:
    """A value for a terminal: as text, else the bytes that it begins with."""
    if not value:
        return "It has no value." if value is None else "Its value is empty."
    try:
        return printable(value.decode())
    except UnicodeDecodeError:
        lines = [_dumped(value, begin) for begin in range(0, min(len(value), DUMPED_BYTES), BYTES_A_LINE)]
        more = f"… and {len(value) - DUMPED_BYTES:,} bytes more" if len(value) > DUMPED_BYTES else ""
        return "\n".join([*lines, more]).rstrip()


def _dumped(value: bytes, begin: int) -> str:
    line = value[begin : begin + BYTES_A_LINE]
    return f"{begin:08x}  {line.hex(' '):{BYTES_A_LINE * 3}} {''.join(chr(byte) if 32 <= byte < 127 else '.' for byte in line)}"


def redrive(
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Ids or keys, as for show.", show_default=False)
    ] = None,
    reason: ReasonOption = None,
    every: Annotated[bool, typer.Option("--all", help="All, whatever the reason.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before --all.")] = False,
    form: FormatOption = None,
) -> None:
    """Send dead letters back onto the topic they failed on, as they were.

    What goes with --reason or --all is marked and goes with them no second time; an ID goes whenever it is named.
    The letters themselves stay where they are, and a record that fails again is a new dead letter.
    Kafka forgets the marks after a week without a redrive (offsets.retention.minutes), and then letters go once more.
    That does no harm: an article that comes out twice is the same to the byte, and telex subscribe shows it once.
    """
    if (bool(wanted), reason is not None, every).count(True) != 1:
        raise typer.BadParameter("name ids, or --reason, or --all: one of the three.")
    settings = load()
    # Imported here: it brings a second Kafka client, which takes 0.15 s.
    from streams.dead_letters import redrive as redriving

    partitions, reasons = topics.check(settings), tuple(Reason) if reason is None else (reason,)
    end = {} if wanted else reader.ends(settings)
    if every and not yes and not dry_run and out.is_terminal and sys.stdin.isatty():
        count = sum(1 for _ in redriving.pending(settings, reasons, end))
        typer.confirm(f"Send {count} dead letters back into the pipeline?", abort=True, err=True)
    chosen = _named(settings, wanted) if wanted else redriving.pending(settings, reasons, end)
    went = refused = 0

    def sendable() -> Iterator[Letter]:
        nonlocal refused
        for letter in chosen:
            whole = redriving.whole(settings, letter, partitions)
            if isinstance(whole, str):
                complain(f"{letter.id} cannot go back: {whole}.")
                refused += 1
            else:
                yield whole

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal went
        for letter, offset in (
            ((letter, None) for letter in sendable()) if dry_run else redriving.redrive(settings, sendable())
        ):
            went += 1
            row = {name: value for name, value in _row(letter).items() if name in _WENT}
            yield row | {"offset": offset, "redriven": not dry_run}

    listing(rows(), _WENT, form)
    if not wanted and not dry_run:
        redriving.mark(settings, reasons, end)
    tell(
        f"[green]{went} {'would go' if dry_run else 'redriven'}[/]"
        + (f", [red]{refused} refused[/]" if refused else "")
    )
    if refused:
        raise typer.Exit(1)


def _named(settings: Settings, wanted: Iterable[str]) -> Iterator[Letter]:
    found = {letter.id: letter for letter in (reader.find(settings, each) for each in wanted)}
    return iter(found.values())
