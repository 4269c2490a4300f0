"""Bar charts as SVG, readable on a light and on a dark page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import NamedTuple

# Pixels: the picture's width, the place of the labels on the left and of the values on the right, and of a bar.
WIDTH, LABELS, VALUES = 760, 210, 110
ROW, BAR, TOP = 26, 16, 64
GAP = 10
# The colours of the series, on a light and on a dark page.
COLOURS = (("#2f6db0", "#79b4ec"), ("#c8741f", "#f0a65c"), ("#3f7d3a", "#86c98a"), ("#8a4fa3", "#c79adb"))


class Bar(NamedTuple):
    """A bar: its label, a value for each series, and the text at its end."""

    label: str
    values: Sequence[float]
    text: str


class Chart(NamedTuple):
    """A chart of bars from the left to the right. In each bar the values of the series follow each other.

    Attributes:
        title: what is shown, with the unit.
        series: the names of the series; a chart with one series has no legend.
        groups: the bars; there is a gap between two groups.
    """

    title: str
    series: Sequence[str]
    groups: Sequence[Sequence[Bar]]


def svg(chart: Chart) -> str:
    """The chart as an SVG document. Raises ValueError when it has no bar."""
    bars = [bar for group in chart.groups for bar in group]
    if not bars:
        raise ValueError(f"The chart {chart.title!r} has no bar.")
    scale = (WIDTH - LABELS - VALUES) / (max(sum(bar.values) for bar in bars) or 1.0)
    top = TOP if len(chart.series) > 1 else TOP - ROW
    rows, y = [], float(top)
    for group in chart.groups:
        for bar in group:
            rows.append(_row(bar, y, scale, chart.series))
            y += ROW
        y += GAP
    height = y + 4
    described = html.escape("; ".join(f"{bar.label}: {bar.text}" for bar in bars))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" '
            'aria-labelledby="title description"',
            "  font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\" font-size=\"13\">",
            f'  <title id="title">{html.escape(chart.title)}</title>',
            f'  <desc id="description">{described}</desc>',
            _style(),
            f'  <rect class="page" width="{WIDTH}" height="{height:g}"/>',
            f'  <text class="name" x="14" y="24">{html.escape(chart.title)}</text>',
            *_legend(chart.series),
            f'  <path class="axis" d="M{LABELS},{top - 4} V{y - GAP:g}"/>',
            *rows,
            "</svg>\n",
        ]
    )


def _row(bar: Bar, y: float, scale: float, series: Sequence[str]) -> str:
    x = float(LABELS)
    middle = y + BAR - 3
    drawn = [f'  <text class="end" x="{LABELS - 8}" y="{middle:g}">{html.escape(bar.label)}</text>']
    for number, value in enumerate(bar.values):
        width = round(value * scale, 1)
        drawn.append(
            f'  <rect class="series-{number}" x="{x:g}" y="{y:g}" width="{width:g}" height="{BAR}">'
            f"<title>{html.escape(f'{bar.label}, {series[number]}')}</title></rect>"
        )
        x += width
    drawn.append(f'  <text class="small" x="{x + 6:g}" y="{middle:g}">{html.escape(bar.text)}</text>')
    return "\n".join(drawn)


def _legend(series: Sequence[str]) -> list[str]:
    if len(series) < 2:
        return []
    drawn, x = [], LABELS
    for number, name in enumerate(series):
        drawn.append(f'  <rect class="series-{number}" x="{x}" y="38" width="12" height="12"/>')
        drawn.append(f'  <text class="small" x="{x + 17}" y="48">{html.escape(name)}</text>')
        x += 40 + 8 * len(name)
    return drawn


def _style() -> str:
    light = "\n".join(f"    .series-{number} {{ fill: {colour} }}" for number, (colour, _) in enumerate(COLOURS))
    dark = "\n".join(f"      .series-{number} {{ fill: {colour} }}" for number, (_, colour) in enumerate(COLOURS))
    return f"""  <style>
    .page {{ fill: #ffffff }}
    .axis {{ stroke: #8a94a3 }}
    text {{ fill: #1b2430 }}
    .name {{ font-weight: 600 }}
    .small {{ fill: #47525f }}
    .end {{ text-anchor: end }}
{light}
    @media (prefers-color-scheme: dark) {{
      .page {{ fill: #14181e }}
      .axis {{ stroke: #6b7686 }}
      text {{ fill: #eef2f6 }}
      .small {{ fill: #c0c9d4 }}
{dark}
    }}
  </style>"""
