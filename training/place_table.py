"""The rows of the gazetteer, and the file that stores them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.entities.places.gazetteer import FILE, STEP, Kind


@dataclass(frozen=True)
class Place:
    """A row of the table."""

    geonames_id: int
    kind: Kind
    latitude: float
    longitude: float
    country: str = ""
    region: str = ""
    population: int = 0

    def row(self, countries: dict[str, int], regions: dict[str, int]) -> tuple[int, ...]:
        """The place as numbers; countries and regions by their number."""
        latitude, longitude = round(self.latitude * STEP), round(self.longitude * STEP)
        return (
            self.geonames_id,
            self.kind,
            latitude,
            longitude,
            countries[self.country],
            regions[self.region],
            self.population,
        )


# Meanings without an id. The population says how many inhabitants a place of the same name needs to be meant instead:
# no place has as many as ELSEWHERE.
ELSEWHERE, RIVER = (Place(0, Kind.NOWHERE, 0, 0, population=population) for population in (10**9, 5 * 10**7))


def save(named: dict[str, dict[Place, bool]]) -> None:
    """Write the names in the order of their bytes, and the places in the order of their ids."""
    keys = sorted(named, key=str.encode)
    places = sorted(
        {place for meant in named.values() for place in meant},
        key=lambda place: (place.geonames_id, place.kind, place.population),
    )
    rows = {place: row for row, place in enumerate(places)}
    countries = {code: number for number, code in enumerate(sorted({"", *(place.country for place in places)}))}
    regions = {code: number for number, code in enumerate(sorted({"", *(place.region for place in places)}))}
    meant = [[2 * rows[place] + (not first) for place, first in named[name].items()] for name in keys]
    np.savez_compressed(
        FILE,
        names=np.frombuffer("".join(f"{name}\n" for name in keys).encode(), np.uint8),
        meant=np.array([code for codes in meant for code in sorted(codes)], np.uint32),
        counts=np.array([len(codes) for codes in meant], np.uint16),
        places=np.array([place.row(countries, regions) for place in places], np.int32).T.copy(),
        countries=np.array(list(countries)),
    )
    print(f"{len(keys):,} names of {len(places):,} places, {FILE.stat().st_size / 1e6:.1f} MB")
