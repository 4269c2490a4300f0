"""The places of the world by their names: towns, regions, countries and continents of GeoNames.

The names are in all languages that Telex reads. training/build_places.py makes the file. It stays packed in memory
(20 MB): bisection finds a name in one string of bytes.
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

from agents.entities.letters import WORD
from agents.model_files import open_model_file

FILE = Path(__file__).parents[2] / "models" / "places.npz"
_WORD = re.compile(WORD)
# Coordinates are stored in steps of 1/1,000 of a degree, at most 111 metres.
STEP = 1_000
# The people on Earth (United Nations, World Population Prospects 2024).
WORLD = 8_200_000_000


class Kind(IntEnum):
    """The kind of a place.

    A chief town is the largest town of its region. NOWHERE has a name and no id, such as a river.
    """

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
        geonames_id: 0 for a place of kind NOWHERE.
        kind: the kind of the place.
        latitude, longitude: in degrees.
        country: ISO 3166-1 alpha-2; empty for a continent.
        region: its first-order division, a number that only distinguishes it from others; 0 without one.
        population: its inhabitants; for a region the inhabitants of its towns.
        is_main_name: whether the name is the place's main name in GeoNames, and not one of its many other names.
    """

    geonames_id: int
    kind: Kind
    latitude: float
    longitude: float
    country: str
    region: int
    population: int
    is_main_name: bool


@dataclass(frozen=True)
class Gazetteer:
    """Places by their names.

    Attributes:
        names: the keys of all names in the order of their bytes, each with a line break behind it.
        name_starts: the offset of each name in `names`, and the end of the last name.
        row_starts: the index in `rows` of the first place of each name, and the end of the last one's places.
        rows: the rows in `places` of each name's places, times two; plus one where the name is not the place's main
            name.
        places: the columns of all places: GeoNames id, kind, latitude and longitude in steps, country, region,
            population.
        countries: country codes; a number in the column of countries is an index here.
        inhabitants: the inhabitants of each country, by its code, of each region, by its number, and of the world, by
            "".
    """

    names: bytes
    name_starts: memoryview[int]
    row_starts: memoryview[int]
    rows: memoryview[int]
    places: Sequence[memoryview[int]]
    countries: list[str]
    inhabitants: Mapping[str | int, int]

    def rarity(self, country: str, region: int = 0) -> float:
        """How few people of the world live in a country, or, with a region, how few people of the country live in it.

        Returns: The whole divided by the part, as a power of ten: 2.0 for one person in a hundred, 0.0 where it is not
            known.
        """
        part, whole = (self.inhabitants.get(area, 0) for area in ((region, country) if region else (country, "")))
        return max(0.0, math.log10(whole / part)) if part and whole else 0.0

    def find(self, key: str) -> list[Candidate]:
        """The places whose name has this key."""
        name, number_of_names = key.encode(), len(self.name_starts) - 1
        index = bisect_left(range(number_of_names), name, key=self._name)
        if index == number_of_names or self._name(index) != name:
            return []
        return [self._candidate(code) for code in self.rows[self.row_starts[index] : self.row_starts[index + 1]]]

    def _name(self, index: int) -> bytes:
        return self.names[self.name_starts[index] : self.name_starts[index + 1] - 1]

    def _candidate(self, code: int) -> Candidate:
        row, is_other_name = divmod(code, 2)
        geonames_id, kind, latitude, longitude, country, region, population = (column[row] for column in self.places)
        return Candidate(
            geonames_id,
            Kind(kind),
            latitude / STEP,
            longitude / STEP,
            self.countries[country],
            region,
            population,
            not is_other_name,
        )


def key(name: str, language: str = "") -> str:
    """The form that all spellings of a name share: small letters without accents and signs, words parted by one space.

    Args:
        name: the name as written.
        language: for a name that means a country or continent in this language alone; empty for a name of any language.
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold()).replace(".", "")
    plain = " ".join(_WORD.findall("".join(letter for letter in decomposed if not unicodedata.combining(letter))))
    return f"{language}|{plain}" if language else plain


@functools.cache
def load() -> Gazetteer:
    """The gazetteer. Raises TelexError if its file is not readable."""
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
            name_starts=_with_zero(np.flatnonzero(names == ord("\n")) + 1),
            row_starts=_with_zero(np.cumsum(read["counts"])),
            rows=read["meant"].data,
            places=[memoryview(column) for column in places],
            countries=codes,
            inhabitants={**inhabitants, "": WORLD},
        )


def _with_zero(ends: NDArray[np.integer[Any]]) -> memoryview[int]:
    """The starts of adjacent ranges, and the end of the last, from their ends."""
    starts: Any = np.concatenate([[0], ends]).astype(np.uint32)
    return memoryview(starts)
