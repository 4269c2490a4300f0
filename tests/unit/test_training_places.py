"""The gazetteer's sources: centroids of countries, and which names and ranks a town gets."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from agents.entities.places.gazetteer import STEP, Kind
from training.build_places import METROPOLIS, is_name, of_towns
from training.centroids import Ring, area, centroid, centroids, unwrapped
from training.place_table import Place

SQUARE: Ring = [(0, 0), (4, 0), (4, 2), (0, 2), (0, 0)]
# As Croatia: two arms around a neighbour in the east. The mean of the area lies in the neighbour.
HORSESHOE: Ring = [(0, 0), (9, 0), (9, 1), (1, 1), (1, 5), (9, 5), (9, 6), (0, 6), (0, 0)]


def test_the_centroid_of_a_square_is_its_middle() -> None:
    assert centroid(SQUARE) == (2, 1)
    assert centroid(SQUARE[::-1]) == (2, 1)


def test_the_centroid_of_a_horseshoe_lies_on_its_land() -> None:
    longitude, latitude = centroid(HORSESHOE)
    assert (longitude, latitude) == (0.5, 3)


def test_the_centroid_of_a_ring_without_area_is_its_first_point() -> None:
    assert centroid([(3, 7), (5, 7), (3, 7)]) == (3, 7)


def test_a_ring_over_the_date_line_has_no_jump() -> None:
    assert unwrapped([(178, 0), (-178, 0), (-178, 2), (178, 2), (178, 0)]) == [
        (178, 0), (182, 0), (182, 2), (178, 2), (178, 0)
    ]  # fmt: skip


def test_an_area_shrinks_with_the_latitude_and_is_negative_clockwise() -> None:
    assert area(SQUARE) == 8
    assert area(SQUARE[::-1]) == -8
    assert area([(x, y + 60) for x, y in SQUARE]) == pytest.approx(4)


def _arc(*points: tuple[int, int]) -> list[tuple[int, int]]:
    """An arc of TopoJSON: the first point, then the steps between neighbouring points."""
    steps = [(x - a, y - b) for (a, b), (x, y) in pairwise(points)]
    return [points[0], *steps]


def _atlas() -> dict[str, Any]:
    """Two countries in steps of half a degree, 100 degrees west. The first arc is their common border.

    The rings on the continent run clockwise. The ring of the island does not.
    """
    return {
        "transform": {"scale": [0.5, 0.5], "translate": [-100, 0]},
        "arcs": [
            _arc((4, 0), (4, 4)),
            _arc((4, 4), (0, 4), (0, 0), (4, 0)),
            _arc((4, 0), (12, 0), (12, 4), (4, 4)),
            _arc((40, 0), (41, 0), (41, 1), (40, 1), (40, 0)),
        ],
        "objects": {
            "countries": {
                "geometries": [
                    {"type": "Polygon", "arcs": [[~1, ~0]], "id": "001", "properties": {"name": "West"}},
                    {
                        "type": "MultiPolygon",
                        "arcs": [[[0, ~2]], [[3]]],
                        "id": "002",
                        "properties": {"name": "East"},
                    },
                ]
            }
        },
    }


def _town(country: str, longitude: float, latitude: float, population: int = 1, **other: Any) -> dict[str, Any]:
    return {
        "countrycode": country,
        "longitude": longitude,
        "latitude": latitude,
        "population": population,
        **other,
    }


def test_a_country_has_the_centroid_of_its_largest_part() -> None:
    countries = {"WW": {"isonumeric": 1}, "EE": {"isonumeric": 2}}
    assert dict(centroids(_atlas(), countries, [])) == {"WW": (1, -99), "EE": (1, -96)}


def test_a_country_without_a_shape_takes_the_part_that_is_nearest_to_its_largest_town() -> None:
    towns = [_town("IS", -99, 1, 10), _town("IS", -80, 1, 20), _town("WW", -99, 1, 30)]
    assert dict(centroids(_atlas(), {"IS": {"isonumeric": 9}}, towns)) == {"IS": (0.25, -79.75)}


def test_a_country_with_neither_shape_nor_town_has_no_centroid() -> None:
    assert dict(centroids(_atlas(), {"NO": {"isonumeric": 9}}, [])) == {}


def test_the_row_of_a_place_holds_its_point_in_whole_steps() -> None:
    place = Place(7, Kind.TOWN, 59.9139, -10.75225, "NO", "NO.12", 580_000)
    assert place.row({"": 0, "NO": 3}, {"": 0, "NO.12": 5}) == (
        7, Kind.TOWN, round(59.9139 * STEP), round(-10.75225 * STEP), 3, 5, 580_000
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "population", "is_kept"),
    [
        ("Frankfurt", 10, True),  # a shorter form of the first name
        ("Francfort", 20_000, True),
        ("Francfort", 10_000, False),  # too small for a name of another form
        ("Springfield", 20_000, False),  # the first name of another town
        ("Springfield", 200_000, True),
        ("francfort", 200_000, False),
        ("FRA", 200_000, False),  # a code
        ("ფრანკფურტი", 200_000, False),  # a script that no language of the gazetteer uses
    ],
)
def test_an_alternate_name_counts_by_its_form_and_the_size_of_the_town(
    name: str, population: int, is_kept: bool
) -> None:
    town = _town("DE", 8.68, 50.11, population, name="Frankfurt am Main")
    assert is_name(name, town, {"springfield"}, {"DE"}) is is_kept


def test_a_transcription_counts_in_large_towns_of_a_country_without_latin_letters() -> None:
    town = _town("RU", 37.6, 55.7, 50_000, name="Тула")
    assert not is_name("Toula", town, set(), {"DE"})
    assert is_name("Toula", town | {"population": 200_000}, set(), {"DE"})


def test_the_largest_town_of_a_region_is_its_chief_town_and_the_capital_the_largest_of_its_name() -> None:
    def town(number: int, name: str, region: str, population: int, country: str = "NO") -> dict[str, Any]:
        return _town(
            country, 0, 0, population, geonameid=number, name=name, alternatenames=[], admin1code=region
        )  # fmt: skip

    countries = {
        "NO": {"capital": "Oslo", "languages": "no"},
        "GG": {"capital": "Saint Peter Port", "languages": "en"},
    }
    towns = [
        town(1, "Oslo", "12", 580_000),
        town(2, "Oslo", "99", 500),
        town(3, "Bergen", "46", 213_000),
        town(4, "Askøy", "46", 20_000),
        town(5, "Saint Peter Port", "00", 16_000, "GG"),
    ]
    kinds = {place.geonames_id: place.kind for place, _, _ in of_towns(towns, countries)}
    # The capital of a dependent territory ranks as a chief town.
    assert kinds == {1: Kind.CAPITAL, 2: Kind.CHIEF_TOWN, 3: Kind.CHIEF_TOWN, 4: Kind.TOWN, 5: Kind.CHIEF_TOWN}


@pytest.mark.parametrize(
    ("population", "keys"), [(METROPOLIS, {"new york city", "new york"}), (METROPOLIS - 1, {"new york city"})]
)
def test_only_a_metropolis_is_called_by_its_name_without_city(population: int, keys: set[str]) -> None:
    town = _town(
        "US", -74, 40, population, geonameid=1, name="New York City", alternatenames=[], admin1code="NY"
    )  # fmt: skip
    [(_, names, _)] = of_towns([town], {"US": {"capital": "Washington", "languages": "en-US"}})
    assert set(names) == keys
