"""`telex dead list` and `telex dead show`: the dead letters, and why their records failed."""

from __future__ import annotations

import base64
import heapq
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from streams.cli.dead_letter_rows import ReasonOption, as_text, row
from streams.cli.help_text import USE, examples
from streams.cli.redrive_command import redrive_dead_letters
from streams.cli.terminal import FormatOption, choice, json_line, listing, out, printable, wants_json
from streams.dead_letters import error_headers, reader
from streams.settings import load
from streams.stages import WORKERS

# A value that is not text is shown as a hex dump of at most so many bytes.
DUMPED_BYTES, BYTES_A_LINE = 256, 16


def register(app: typer.Typer) -> None:
    """Add the commands to `telex`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    group.command(
        "list",
        epilog=examples("telex dead list", "telex dead list --reason analysis_timed_out --limit 20"),
    )(list_dead_letters)
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
    )(redrive_dead_letters)
    app.add_typer(
        group,
        name="dead",
        rich_help_panel=USE,
        help="Show the records that no stage could process, and send them again.",
        epilog=examples("telex dead list", "telex dead show 3:17", "telex dead redrive 3:17"),
    )


def list_dead_letters(
    reason: ReasonOption = None,
    stage: Annotated[str | None, choice("Only dead letters of this stage.", WORKERS)] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many dead letters, the newest.", show_default=False)
    ] = None,
    form: FormatOption = None,
) -> None:
    """List the dead letters, sorted by the timestamp of the record, the newest last."""
    counts: Counter[str] = Counter()

    def dated_rows() -> Iterator[tuple[tuple[int, int, int], dict[str, Any]]]:
        for dead_letter in reader.read(load()):
            if reason in (None, dead_letter.reason) and stage in (None, dead_letter.stage):
                counts[dead_letter.reason or "not Telex's"] += 1
                yield (dead_letter.timestamp_ms, dead_letter.partition, dead_letter.offset), row(dead_letter)

    rows = dated_rows()
    newest = sorted(heapq.nlargest(limit, rows, _age) if limit else rows, key=_age)
    listing((columns for _, columns in newest), ("id", "key", "stage", "reason", "time", "message"), form)
    if not wants_json(form):
        total = sum(counts.values())
        out.print(f"\n{total} dead letters" + "".join(f", {name} {count}" for name, count in counts.most_common()))


def _age(dated_row: tuple[tuple[int, int, int], dict[str, Any]]) -> tuple[int, int, int]:
    return dated_row[0]


def show(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="The id, PARTITION:OFFSET, as the list shows it; or a key, for the latest dead letter with that key.",
        ),
    ],
    form: FormatOption = None,
) -> None:
    """Show one dead letter in full: why it failed, its headers and its value.

    A dead letter cannot carry a very large or unreadable record whole. Then it describes the original and its position.
    This command shows the original where it still exists.
    """
    settings = load()
    dead_letter = reader.find(settings, wanted)
    fields = row(dead_letter) | {"exception": dead_letter.error_values.get(error_headers.EXCEPTION)}
    headers, value = dead_letter.headers, dead_letter.value
    if dead_letter.is_cut:
        original = reader.original(settings, dead_letter)
        fields["original"] = {
            "sha256": dead_letter.error_values[error_headers.SHA256],
            "bytes": dead_letter.sizes,
            "state": original if isinstance(original, str) else "it was read from its topic",
        }
        if not isinstance(original, str):
            headers, value = original.headers, original.value
    shown_headers = [(_header_name(name), as_text(content)) for name, content in headers]
    if wants_json(form):
        encoded = None if value is None else base64.b64encode(value).decode()
        listed = [{"name": name, "value": text} for name, text in shown_headers]
        json_line(fields | {"headers": listed, "value": encoded})
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, content in [*fields.items(), *((f"header {name}", text) for name, text in shown_headers)]:
        table.add_row(Text(printable(name)), Text(printable("none" if content is None else str(content))))
    out.print(table)
    out.print()
    out.print(Text(_readable(value)), soft_wrap=True)


def _header_name(name: str) -> str:
    """The name of a header, with an escape for each byte that is not UTF-8."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _readable(value: bytes | None) -> str:
    """A value for a terminal: as text; or a hex dump of its first bytes where it is not text."""
    if not value:
        return "It has no value." if value is None else "Its value is empty."
    try:
        return printable(value.decode())
    except UnicodeDecodeError:
        lines = [_hex_line(value, begin) for begin in range(0, min(len(value), DUMPED_BYTES), BYTES_A_LINE)]
        more = f"… and {len(value) - DUMPED_BYTES:,} bytes more" if len(value) > DUMPED_BYTES else ""
        return "\n".join([*lines, more]).rstrip()


def _hex_line(value: bytes, begin: int) -> str:
    line = value[begin : begin + BYTES_A_LINE]
    characters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)
    return f"{begin:08x}  {line.hex(' '):{BYTES_A_LINE * 3}} {characters}"
