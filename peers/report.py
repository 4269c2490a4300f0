"""The table of a comparison on a terminal, and on the page docs/peers.md, which has the picture too."""

from __future__ import annotations

import re

from rich.table import Table

from peers.figures import Comparison, SystemFigures
from peers.picture import bar_chart
from peers.systems import ROOT, SYSTEMS

PAGE, PICTURES = ROOT / "docs" / "peers.md", ROOT / "docs" / "pictures"
# The parts of the page that comparisons write: without and with a delay. Each has a picture of the same name.
PARTS = ("peers", "peers-slow")
COLUMNS = ("", "articles/s", "CPU ms an article", "/ baseline", "published", "lost", "copies", "quiet after, s")


def part(name: str) -> re.Pattern[str]:
    """Finds the table of a part of the page, between its markers."""
    return re.compile(rf"(?<=^<!-- {name} -->\n).*?(?=^<!-- end of {name} -->)", re.MULTILINE | re.DOTALL)


def introduction(done: Comparison) -> str:
    """A sentence on what was measured."""
    return (
        f"{done.articles} articles at once, {done.rounds} times; then {done.kills} killed workers at {done.rate:g} "
        f"articles a second. The baseline takes {done.bare_cpu_s.median * 1000:.1f} ms an article."
        + (f" Each analysis takes {done.delay_s:g} s longer." if done.delay_s else "")
    )


def rows(done: Comparison) -> list[tuple[str, ...]]:
    """A row of cells for each system; the columns are COLUMNS."""
    return [(SYSTEMS[name].title, *_cells(figures)) for name, figures in done.systems.items()]


def _cells(figures: SystemFigures) -> tuple[str, ...]:
    lost, unfinished = sum(figures.account.lost.values()), figures.account.unfinished
    return (
        f"{figures.articles_per_s.median:.1f}",
        f"{figures.cpu_s.median * 1000:.1f}",
        f"{figures.ratio:.2f}",
        f"{figures.account.published:,}",
        f"{lost:,}" + (f" and {unfinished:,} unfinished" if unfinished else ""),
        f"{figures.account.copies:,}",
        f"{figures.quiet_after_s:.0f}",
    )


def terminal_table(done: Comparison) -> Table:
    """The table for a terminal."""
    table = Table(*COLUMNS, box=None, header_style="bold", pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows(done):
        table.add_row(*row)
    return table


def markdown(done: Comparison) -> str:
    """The table for the page."""
    lines = [COLUMNS, ("---", *["---:"] * (len(COLUMNS) - 1)), *rows(done)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def publish(done: Comparison) -> None:
    """Write the figures into docs/peers.md, and the picture beside it."""
    name = PARTS[done.delay_s > 0]
    page = PAGE.read_text(encoding="utf-8")
    measured = f"\n{introduction(done)}\n\n{markdown(done)}\n\n"
    PAGE.write_text(part(name).sub(lambda _: measured, page), encoding="utf-8")
    (PICTURES / f"{name}.svg").write_text(bar_chart(done), encoding="utf-8")
