"""The picture of a comparison: a bar for each system, in one panel for each figure, as SVG."""

from __future__ import annotations

import html
from collections.abc import Callable

from peers.figures import Comparison, SystemFigures
from peers.systems import SYSTEMS

# Title, figure and its format.
Panel = tuple[str, Callable[[SystemFigures], float], str]
PANELS: tuple[Panel, ...] = (
    ("processor time / baseline", lambda figures: figures.ratio, ".2f"),
    ("articles lost", lambda figures: sum(figures.account.lost.values()), ".0f"),
    ("copies", lambda figures: figures.account.copies, ".0f"),
    ("seconds until quiet", lambda figures: figures.quiet_after_s, ".0f"),
)
# Units of the drawing: the names, a panel with the longest bar in it, a row, and what lies around.
NAMES, PANEL, BAR, ROW, MARGIN = 120, 170, 110, 26, 16
# Telex stands out; the peers share a colour.
COLOURS = {"telex": "#1f5fa8"}
OTHER = "#9aa5b1"


def bar_chart(comparison: Comparison) -> str:
    """The picture: shorter bars are better in every panel."""
    panels = PANELS[1:] if comparison.delay_s else PANELS  # a cost says nothing when the analyses mostly wait
    width = 2 * MARGIN + NAMES + PANEL * len(panels)
    height = 2 * MARGIN + ROW * (len(comparison.systems) + 1)
    title = f"Telex and its peers, {comparison.kills} killed workers each: shorter is better"
    rows = list(comparison.systems)
    names = [
        f'<text x="{MARGIN}" y="{_baseline(row)}">{html.escape(SYSTEMS[name].title)}</text>'
        for row, name in enumerate(rows)
    ]
    drawn = [_panel(comparison, panel, MARGIN + NAMES + PANEL * number) for number, panel in enumerate(panels)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            'font-family="sans-serif" font-size="12">',
            f"<title>{html.escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *names,
            *drawn,
            "</svg>\n",
        ]
    )


def _panel(comparison: Comparison, panel: Panel, x: int) -> str:
    title, figure, form = panel
    longest = max(map(figure, comparison.systems.values())) or 1
    marks = [f'<text x="{x}" y="{MARGIN + 12}" font-weight="bold">{title}</text>']
    for row, (name, figures) in enumerate(comparison.systems.items()):
        length = max(1.0, BAR * figure(figures) / longest)
        marks += [
            f'<rect x="{x}" y="{_baseline(row) - 13}" width="{length:.1f}" height="{ROW - 9}" '
            f'fill="{COLOURS.get(name, OTHER)}"/>',
            f'<text x="{x + length + 5:.1f}" y="{_baseline(row)}">{figure(figures):{form}}</text>',
        ]
    return "\n".join(marks)


def _baseline(row: int) -> int:
    """The y of the text in a row; the titles stand above row 0."""
    return MARGIN + ROW * (row + 1) + 13
