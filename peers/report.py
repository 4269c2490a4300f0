"""The table of a comparison on a terminal, and on the page docs/peers.md, which has the picture too."""

from __future__ import annotations

from rich.table import Table

from peers.figures import Comparison, SystemFigures
from peers.picture import bar_chart
from peers.systems import ROOT, SYSTEMS
from streams.bench.marked_part import with_part

PAGE, PICTURES = ROOT / "docs" / "peers.md", ROOT / "docs" / "pictures"
# The parts of the page that comparisons write: without and with a delay. Each has a picture of the same name.
PARTS = ("peers", "peers-slow")
# The columns on speed and cost say nothing when the analyses mostly wait.
SPEED_COLUMNS = ("articles/s", "CPU ms", "ratio")
LOSS_COLUMNS = ("published", "lost", "copies", "quiet, s")


def introduction(done: Comparison) -> str:
    """A sentence on what was measured."""
    kills = f"{done.kills} killed workers at {done.rate:g} articles a second."
    if done.delay_s:
        return f"Each analysis takes {done.delay_s:g} s longer; {kills}"
    bare = f"The baseline takes {done.baseline_cpu_s.median * 1000:.1f} ms an article."
    return f"{done.articles} articles at once, {done.rounds} times; then {kills} {bare}"


def columns(done: Comparison) -> tuple[str, ...]:
    """The names of the columns; the first one has the systems."""
    return ("", *(() if done.delay_s else SPEED_COLUMNS), *LOSS_COLUMNS)


def rows(done: Comparison) -> list[tuple[str, ...]]:
    """A row of cells for each system, in the order of `columns`."""
    return [
        (SYSTEMS[name].title, *(() if done.delay_s else _speed_cells(figures)), *_loss_cells(figures))
        for name, figures in done.systems.items()
    ]


def _speed_cells(figures: SystemFigures) -> tuple[str, ...]:
    return f"{figures.articles_per_s.median:.1f}", f"{figures.cpu_s.median * 1000:.1f}", f"{figures.ratio:.2f}"


def _loss_cells(figures: SystemFigures) -> tuple[str, ...]:
    lost, unfinished = sum(figures.account.lost.values()), figures.account.unfinished
    return (
        f"{figures.account.published:,}",
        f"{lost:,}" + (f" and {unfinished:,} unfinished" if unfinished else ""),
        f"{figures.account.copies:,}",
        f"{figures.quiet_after_s:.0f}",
    )


def terminal_table(done: Comparison) -> Table:
    """The table for a terminal."""
    table = Table(*columns(done), box=None, header_style="bold", pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows(done):
        table.add_row(*row)
    return table


def markdown(done: Comparison) -> str:
    """The table for the page."""
    names = columns(done)
    lines = [names, ("---", *["---:"] * (len(names) - 1)), *rows(done)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def publish(done: Comparison) -> None:
    """Write the figures into docs/peers.md, and the picture beside it."""
    name = PARTS[done.delay_s > 0]
    page = PAGE.read_text(encoding="utf-8")
    measured = f"\n{introduction(done)}\n\n{markdown(done)}\n\n"
    PAGE.write_text(with_part(page, name, measured), encoding="utf-8")
    (PICTURES / f"{name}.svg").write_text(bar_chart(done), encoding="utf-8")
