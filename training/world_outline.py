"""Draws the outline of the world for the web page, `streams/web/static/world.svg`.

The source is Natural Earth's land at 1:110 million (public domain, https://www.naturalearthdata.com), as packaged in
`world-atlas` 2.0.2 on npm: `npm pack world-atlas@2.0.2`, unpack it, then

    python -m training.world_outline package/land-110m.json

The projection is Equal Earth (Šavrič, Patterson, Jenny 2018, https://doi.org/10.1080/13658816.2018.1504949), as in
`streams/web/static/js/places.js`.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]

OUTLINE = Path(__file__).parents[1] / "streams/web/static/world.svg"
A1, A2, A3, A4, M = 1.340264, -0.081106, 0.000893, 0.003796, math.sqrt(3) / 2
SCALE = 100
# Land that reaches further south is the ice at the South Pole. No news comes from there.
SOUTHERNMOST = -60.0
# Points nearer to the line between their neighbours are left out, and smaller islands, in units of the drawing. The
# drawing is some 540 units wide, and a screen shows one unit as one or two pixels.
TOLERANCE, SMALLEST = 0.35, 1.2


def project(longitude: float, latitude: float) -> Point:
    """The point of a place in the drawing, in degrees."""
    theta = math.asin(M * math.sin(math.radians(latitude)))
    square = theta * theta
    sixth = square**3
    x = math.radians(longitude) * math.cos(theta) / (M * (A1 + 3 * A2 * square + sixth * (7 * A3 + 9 * A4 * square)))
    y = theta * (A1 + A2 * square + sixth * (A3 + A4 * square))
    return SCALE * x, -SCALE * y


def rings(topology: dict[str, Any]) -> Iterator[list[Point]]:
    """The rings of the land, in degrees (https://github.com/topojson/topojson-specification)."""
    (scale_x, scale_y), (move_x, move_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        arc = []
        for step_x, step_y in steps:
            x, y = x + step_x, y + step_y
            arc.append((x * scale_x + move_x, y * scale_y + move_y))
        arcs.append(arc)
    (land,) = topology["objects"].values()
    for geometry in land.get("geometries", [land]):
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            for ring in polygon:
                points: list[Point] = []
                for number in ring:
                    arc = arcs[number] if number >= 0 else arcs[~number][::-1]
                    points += arc if not points else arc[1:]
                yield points


def pieces(ring: list[Point]) -> Iterator[list[Point]]:
    """A ring that crosses the 180th meridian as a ring on each side of it; another ring as it is."""
    crossings = [at for at, (one, other) in enumerate(pairwise(ring), 1) if abs(one[0] - other[0]) > 180]
    if not crossings:
        yield ring
        return
    around = ring[crossings[0] : -1] + ring[: crossings[0]]
    bounds = [at - crossings[0] for at in crossings] + [len(around)]
    for begin, end in pairwise(bounds):
        yield [*around[begin:end], around[begin]]


def simplified(points: list[Point]) -> list[Point]:
    """The points that matter (Douglas and Peucker 1973, https://doi.org/10.3138/FM57-6770-U75U-7727)."""
    first, last = points[0], points[-1]
    if len(points) < 3:
        return points
    distances = [_distance(point, first, last) for point in points[1:-1]]
    farthest = max(range(len(distances)), key=distances.__getitem__)
    if distances[farthest] < TOLERANCE:
        return [first, last]
    return simplified(points[: farthest + 2])[:-1] + simplified(points[farthest + 1 :])


def _distance(point: Point, first: Point, last: Point) -> float:
    """The distance of a point from the line between two others; from the first, where these are the same."""
    (x, y), (x1, y1), (x2, y2) = point, first, last
    length = math.hypot(x2 - x1, y2 - y1)
    if not length:
        return math.hypot(x - x1, y - y1)
    return abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length


def area(points: list[Point]) -> float:
    """The area of a ring."""
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(points))) / 2


def path(topology: dict[str, Any]) -> str:
    """The land as the data of an SVG path, with relative steps to one decimal."""
    parts = []
    for ring in (piece for whole in rings(topology) for piece in pieces(whole)):
        if max(latitude for _, latitude in ring) < SOUTHERNMOST:
            continue
        points = simplified([project(*point) for point in ring])
        if len(points) < 4 or area(points) < SMALLEST:
            continue
        rounded = [(round(10 * x), round(10 * y)) for x, y in points[:-1]]
        steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(rounded) if (x1, y1) != (x2, y2)]
        begin = f"M{rounded[0][0] / 10:g} {rounded[0][1] / 10:g}"
        parts.append(begin + "l" + " ".join(f"{x / 10:g} {y / 10:g}" for x, y in steps) + "z")
    return "".join(parts)


def main() -> None:
    """Draw the outline from the file that the command names."""
    topology = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    OUTLINE.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-271 -132 542 243">\n'
        "<!-- Made with Natural Earth, by training/world_outline.py. -->\n"
        f'<path id="land" d="{path(topology)}"/>\n</svg>\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
