"""The places of the world that a name may mean: towns, regions, countries and continents of GeoNames, in all languages that Telex reads.

The file is made by training/build_places.py and stays packed in memory (17 MB): a name is found by bisection in one string of bytes.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.model_files import open_model_file

FILE = Path(__file__).parents[2] / "models" / "places.npz"
_WORD = re.compile(r"[^\W_]+")
# Coordinates are stored in steps of 1/1,000 of a degree, at most 111 metres.
STEP = 1_000
# The people on Earth (United Nations, World Population Prospects 2024).
WORLD = 8_200_000_000


class Kind(IntEnum):
    """What a place is: a chief town is the largest one of its region; nowhere is what has a name and no id, such as a river."""

    TOWN = 0
    CHIEF_TOWN = 1
    CAPITAL = 2
    REGION = 3
    COUNTRY = 4
    CONTINENT = 5
    NOWHERE = 6


class Candidate(NamedTuple):
    """A place that a name may mean.

    Attributes:
        country: ISO 3166-1 alpha-2; empty for a continent.
        region: its first-order division, a number that only tells it from others; 0 where there is none.
        population: of a region, that of its towns.
        usual: whether the name is the place's first one, and not one of many others.
    """

    geonames_id: int
    kind: Kind
    latitude: float
    longitude: float
    country: str
    region: int
    population: int
    usual: bool


@dataclass(frozen=True)
class Gazetteer:
    """Places by their names.

    Attributes:
        names: the keys of all names in the order of their bytes, each with a line break behind it.
        starts: where each name stands in `names`, and the end of the last.
        first: where the places of each name stand in `meant`, and the end of the last.
        meant: rows of places, doubled; odd where the name is not the place's first.
        places: columns, of all places: GeoNames id, kind, latitude and longitude in steps, country, region, population.
        countries: the codes that `places` counts.
        inhabitants: of each country and region.
    """

    names: bytes
    starts: memoryview[int]
    first: memoryview[int]
    meant: memoryview[int]
    places: Sequence[memoryview[int]]
    countries: list[str]
    inhabitants: Mapping[str | int, int]

    def rarity(self, country: str, region: int = 0) -> float:
        """How few people of the world live in a country, or of the country in a region, as the power of ten."""
        some, all_ = (self.inhabitants.get(area, 0) for area in ((region, country) if region else (country, "")))
        return max(0.0, math.log10(all_ / some)) if some and all_ else 0.0

    def find(self, key: str) -> list[Candidate]:
        """The places with a name, by its key."""
        wanted = key.encode()
        at = bisect_left(range(len(self.starts) - 1), wanted, key=self._name)
        if at == len(self.starts) - 1 or self._name(at) != wanted:
            return []
        return [self._candidate(code) for code in self.meant[self.first[at] : self.first[at + 1]]]

    def _name(self, at: int) -> bytes:
        return self.names[self.starts[at] : self.starts[at + 1] - 1]

    def _candidate(self, code: int) -> Candidate:
        geonames_id, kind, latitude, longitude, country, region, population = (
            column[code >> 1] for column in self.places
        )
        return Candidate(
            geonames_id,
            Kind(kind),
            latitude / STEP,
            longitude / STEP,
            self.countries[country],
            region,
            population,
            not code & 1,
        )


def key(name: str, language: str = "") -> str:
    """What the spellings of a name have in common; with a language, of a name that means a country or continent in that one alone."""
    decomposed = unicodedata.normalize("NFKD", name.casefold()).replace(".", "")
    plain = " ".join(_WORD.findall("".join(letter for letter in decomposed if not unicodedata.combining(letter))))
    return f"{language}|{plain}" if language else plain


@functools.cache
def load() -> Gazetteer:
    """The gazetteer. Raises TelexError when its file is not readable."""
    with open_model_file(FILE, "gazetteer") as read:
        names, places = read["names"], read["places"]
        kinds, countries, regions, population = (places[row] for row in (1, 4, 5, 6))
        codes = [str(code) for code in read["countries"]]
        inhabitants: dict[str | int, int] = {
            int(regions[row]): int(population[row]) for row in np.flatnonzero(kinds == Kind.REGION)
        }
        inhabitants |= {codes[countries[row]]: int(population[row]) for row in np.flatnonzero(kinds == Kind.COUNTRY)}
        return Gazetteer(
            names=names.tobytes(),
            starts=_ends(np.flatnonzero(names == ord("\n")) + 1),
            first=_ends(np.cumsum(read["counts"])),
            meant=read["meant"].data,
            places=[memoryview(column) for column in places],
            countries=codes,
            inhabitants={**inhabitants, "": WORLD},
        )


def _ends(ends: NDArray[np.integer[Any]]) -> memoryview[int]:
    """Where each of some stretches begins that lie behind each other, and the end of the last."""
    both: Any = np.concatenate([[0], ends]).astype(np.uint32)
    return memoryview(both)
