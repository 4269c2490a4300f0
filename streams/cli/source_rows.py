"""The table of `telex status --sources` on a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime

from rich.markup import escape
from rich.table import Table

from streams.cli.terminal import out, printable
from streams.client.source_status import SourceStatus
from streams.sources.source_table import DAY_S

# From this share on, 0 to 1, a row is marked: so many articles without an analysis are no single cases.
MARKED_SHARE = 0.5
# Seconds of each unit in which an age is shown.
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def show(rows: Iterable[SourceStatus], since: float) -> None:
    """Write the rows as a table.

    Args:
        rows: of the sources.
        since: the time from which on the articles are counted, in seconds since 1970.
    """
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("source", "language"):
        table.add_column(column, overflow="fold")
    for column in ("last hour", "last day", "last article"):
        table.add_column(column, justify="right")
    table.add_column("not analysed", overflow="fold")
    for row in rows:
        table.add_row(
            f"[bold]{escape(printable(row.source))}[/]",
            row.language,
            _number(row.articles_last_hour),
            _number(row.articles_last_day),
            f"[yellow]silent, {_age(row.age_s)} ago[/]" if row.silent else f"{_age(row.age_s)} ago",
            _shares(row.not_analysed),
        )
    out.print(table)
    if since > time.time() - DAY_S:
        begin = datetime.fromtimestamp(since).astimezone()
        out.print(f"[yellow]Only the articles since {begin:%Y-%m-%d %H:%M} were read.[/]")


def _number(articles: int | None) -> str:
    """The number of articles; a mark where there are none, and another one where it is not known."""
    return "[yellow]?[/]" if articles is None else f"{articles:,}" if articles else "[yellow]0[/]"


def _age(seconds: float) -> str:
    width, unit = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    return f"{seconds // width:.0f} {unit}"


def _shares(not_analysed: Mapping[str, Mapping[str, float]]) -> str:
    parts = []
    for stage, reasons in not_analysed.items():
        for reason, share in reasons.items():
            text = f"{stage} {share:.0%} ({reason.replace('_', ' ')})"
            parts.append(f"[yellow]{text}[/]" if share >= MARKED_SHARE else f"[dim]{text}[/]")
    return ", ".join(parts)
