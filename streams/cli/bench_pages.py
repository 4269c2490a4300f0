"""Writes what `telex bench` measured into pages of the documentation, and its charts beside them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from streams.bench.bar_chart import svg
from streams.bench.marked_part import with_part
from streams.bench.results import Figures
from streams.cli.bench_charts import charts
from streams.cli.bench_tables import heading, parts
from streams.errors import TelexError

# The folder of the charts beside the pages, and the beginning of their names.
PICTURES, PREFIX = "pictures", "bench_"
# Columns of a table on a page.
WIDTH = 100


def prepare(folder: Path) -> None:
    """Create the folders for the pages and the pictures before a long measurement. Raises TelexError if that fails."""
    try:
        (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TelexError(
            f"{folder / PICTURES} cannot be created ({error.strerror}): choose another folder for --pages."
        ) from None


def write(figures: Figures, folder: Path) -> list[Path]:
    """Write each part between its markers on the pages of a folder, and each chart into its folder `pictures`.

    The markers of a part are the lines `<!-- bench NAME -->` and `<!-- end of bench NAME -->`. A part that
    was not measured stays as it is.

    Args:
        figures: the measured figures.
        folder: with pages in Markdown. It is created if it does not exist.

    Returns:
        The files that were written.

    Raises:
        TelexError: the folder cannot be created.
    """
    prepare(folder)
    pictures = folder / PICTURES
    drawn = {}
    for name, chart in charts(figures):
        drawn[name] = pictures / f"{PREFIX}{name}.svg"
        drawn[name].write_text(svg(chart), encoding="utf-8")
    # Each part has the heading, because the parts of a page may come from different runs.
    blocks = {name: f"```text\n{_text([*heading(figures), '', *tables])}```\n" for name, tables in parts(figures)}
    for name, picture in drawn.items():
        blocks[name] += f"\n![The same figures as bars]({PICTURES}/{picture.name})\n"
    return [*_pages(folder, blocks), *drawn.values()]


def _pages(folder: Path, blocks: dict[str, str]) -> list[Path]:
    written = []
    for page in sorted(folder.glob("*.md")):
        before = page.read_text(encoding="utf-8")
        after = before
        for name, block in blocks.items():
            after = with_part(after, f"bench {name}", block)
        if after != before:
            page.write_text(after, encoding="utf-8")
            written.append(page)
    return written


def _text(tables: Sequence[object]) -> str:
    """The tables as they look on a terminal, without colours and without spaces at the end of a line."""
    console = Console(file=io.StringIO(), width=WIDTH, color_system=None, force_terminal=False, highlight=False)
    for table in tables:
        console.print(table)
    assert isinstance(console.file, io.StringIO)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())
