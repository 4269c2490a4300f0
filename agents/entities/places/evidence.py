"""The evidence of the other places of an article for a place that one of its names may mean."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agents.entities.places import gazetteer
from agents.entities.places.gazetteer import Candidate, Kind
from agents.entities.places.stated_areas import StatedAreas

# A town that lies this near to another town of the article, in kilometres, may be meant although it is small.
NEAR_KM, KM_PER_DEGREE = 60.0, 111.2
# The side of a cell of the index of towns, in degrees. A cell is a little larger than NEAR_KM: near towns stand in
# neighbouring cells.
CELL_DEGREES = 0.55
# The difference of two longitudes is never larger, in degrees.
_LARGEST_DIFFERENCE = 360.0


class Support(NamedTuple):
    """The evidence of an article for a place that one of its names may mean.

    Attributes:
        weight: how much the other places speak for its country and its region, in powers of ten.
        neighbours: how many other entities of the article lie in its region.
        is_near: whether another town of the article lies within NEAR_KM of it.
        is_stated: whether the article says that the name lies in its country or region: "Sydney, a community in Nova
            Scotia".
    """

    weight: float
    neighbours: int
    is_near: bool
    is_stated: bool

    def is_local(self, kind: Kind) -> bool:
        """Whether the article speaks of the surroundings of this place.

        For a region one other place in it is enough. For a town one such place may be the region itself, so it takes
        two.
        """
        return self.is_stated or self.is_near or self.neighbours > (0 if kind == Kind.REGION else 1)


Evidence = Mapping[Candidate, Support]


class ArticlePlaces:
    """The places that an article names for certain, by country, by region and by their position.

    Args:
        stated_areas: the countries and regions in which the article says that its entities lie.
    """

    def __init__(self, stated_areas: StatedAreas) -> None:
        self._entities_in: dict[str | int, set[int]] = {}
        self._towns = _TownIndex()
        self._stated_areas = stated_areas
        self._gazetteer = gazetteer.load()

    def add(self, place: Candidate, entity: int) -> None:
        """Note that the entity with this index is this place."""
        for area in (place.country, place.region):
            self._entities_in.setdefault(area, set()).add(entity)
        if place.kind < Kind.REGION:
            self._towns.add(place, entity)

    def support(self, place: Candidate, entity: int) -> Support:
        """The evidence of the other entities of the article for one place that this entity may mean."""
        in_country, in_region = self._others_in(place.country, entity), self._others_in(place.region, entity)
        weight = 0.0
        if in_country:
            weight += self._gazetteer.rarity(place.country)
        if in_region:
            weight += self._gazetteer.rarity(place.country, place.region)
        areas = {area for area in (place.country, place.region) if area}
        return Support(
            weight=weight,
            neighbours=in_region,
            is_near=in_region > 0 and self._towns.has_near(place, entity),
            is_stated=self._stated_areas.lies_in(entity, areas),
        )

    def _others_in(self, area: str | int, entity: int) -> int:
        """How many entities other than this one lie in a country or region; 0 for the empty country and region 0."""
        if not area:
            return 0
        # No set is copied: an article may name thousands of places in one country.
        entities = self._entities_in.get(area, set())
        return len(entities) - (entity in entities)


class _TownIndex:
    """The towns of an article in cells of CELL_DEGREES, so that a place is compared only with the towns around it."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[tuple[int, Candidate]]] = {}

    def add(self, town: Candidate, entity: int) -> None:
        """Add the town that the entity with this index is."""
        cell = _cell_number(town.latitude), _cell_number(town.longitude)
        self._cells.setdefault(cell, []).append((entity, town))

    def has_near(self, place: Candidate, entity: int) -> bool:
        """Whether a town of another entity lies within NEAR_KM of the place."""
        return any(number != entity and _are_near(place, town) for number, town in self._around(place))

    def _around(self, place: Candidate) -> Iterator[tuple[int, Candidate]]:
        # Degrees of longitude shrink towards the poles, so the cells to search become more.
        north = CELL_DEGREES
        east = min(CELL_DEGREES / max(_shrinking(place), 1e-9), _LARGEST_DIFFERENCE)
        for row in range(_cell_number(place.latitude - north), _cell_number(place.latitude + north) + 1):
            for column in range(_cell_number(place.longitude - east), _cell_number(place.longitude + east) + 1):
                yield from self._cells.get((row, column), ())


def _cell_number(degrees: float) -> int:
    return math.floor(degrees / CELL_DEGREES)


def _shrinking(place: Candidate) -> float:
    """How much shorter a degree of longitude is at this place than at the equator, as a factor."""
    return math.cos(math.radians(place.latitude))


def _are_near(place: Candidate, other: Candidate) -> bool:
    """Whether two places are within NEAR_KM of each other, on a plane.

    At this distance the curvature of the globe makes no difference.
    """
    north = place.latitude - other.latitude
    east = (place.longitude - other.longitude) * _shrinking(place)
    return math.hypot(north, east) * KM_PER_DEGREE < NEAR_KM
