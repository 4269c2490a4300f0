"""A reliability plot: how often answers of each confidence are right, as SVG."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from evaluation.measures import Bin, share

# The plot is so many units wide and high, with a margin for the labels.
SIDE, MARGIN = 320, 48
# The area of the dot that stands for all answers; smaller ones are at least visible.
LARGEST, SMALLEST = 14.0, 2.0


def reliability_plot(title: str, bins: Sequence[Bin]) -> str:
    """Confidence to the right, the part that is right upwards, 95 % intervals; dots grow with the number of answers."""
    total = sum(each.number for each in bins)
    marks = [_mark(each, total) for each in bins]
    ticks = [_tick(tenth / 10) for tenth in range(0, 11, 2)]
    size = SIDE + 2 * MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" '
            'font-family="sans-serif" font-size="12">',
            f"<title>{html.escape(title)}</title>",
            f'<rect width="{size}" height="{size}" fill="white"/>',
            f'<text x="{size / 2}" y="{MARGIN / 2}" text-anchor="middle">{html.escape(title)}</text>',
            f'<rect x="{MARGIN}" y="{MARGIN}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#bbb"/>',
            f'<line x1="{MARGIN}" y1="{MARGIN + SIDE}" x2="{MARGIN + SIDE}" y2="{MARGIN}" '
            'stroke="#bbb" stroke-dasharray="4"/>',
            *ticks,
            *marks,
            f'<text x="{size / 2}" y="{size - 8}" text-anchor="middle">confidence</text>',
            f'<text transform="translate(14 {size / 2}) rotate(-90)" text-anchor="middle">right</text>',
            "</svg>\n",
        ]
    )


def _mark(each: Bin, total: int) -> str:
    interval = share(round(each.right * each.number), each.number)
    assert interval
    x, y, low, high = (
        round(value, 1) for value in (_x(each.confidence), _y(each.right), _y(interval.low), _y(interval.high))
    )
    radius = max(SMALLEST, LARGEST * math.sqrt(each.number / total))
    line = f'<line x1="{x}" y1="{low}" x2="{x}" y2="{high}" stroke="#1f5fa8"/>'
    dot = f'<circle cx="{x}" cy="{y}" r="{radius:.1f}" fill="#1f5fa8"><title>{each.number:,} answers</title></circle>'
    return line + dot


def _tick(value: float) -> str:
    x, y = round(_x(value), 1), round(_y(value), 1)
    across = f'<text x="{x}" y="{MARGIN + SIDE + 16}" text-anchor="middle">{value:.1f}</text>'
    return f'{across}<text x="{MARGIN - 6}" y="{y + 4}" text-anchor="end">{value:.1f}</text>'


def _x(value: float) -> float:
    return MARGIN + SIDE * value


def _y(value: float) -> float:
    return MARGIN + SIDE * (1 - value)
