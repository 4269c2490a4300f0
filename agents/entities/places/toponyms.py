"""Which places a name may mean, and what speaks for each by itself, whatever the article.

What speaks for a place is counted in powers of ten of its inhabitants.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Set
from functools import lru_cache

from agents.entities.places import gazetteer
from agents.entities.places.base_forms import bases
from agents.entities.places.gazetteer import Candidate, Kind, key

# Capitals are named more often than their inhabitants say, and the parts of countries less often.
WEIGHTS = {Kind.CAPITAL: 1.2, Kind.REGION: -0.6, Kind.CONTINENT: 9.0}
# GeoNames' other names of a place count less where the name is the first one of another that has so many inhabitants.
ANOTHER_NAME, WELL_KNOWN = -0.7, 50_000

# What a name may mean as well is no further behind the likeliest.
AS_WELL = 1.0

# The definite articles, by themselves or joined with a preposition.
ARTICLES = {
    language: frozenset(words.split())
    for language, words in {
        "de": "der die das den dem des am im vom zum zur beim ins ans",
        "en": "the",
        "es": "el la los las del al",
        "fr": "le la les l du au aux des",
        "hu": "a az",
        "it": "il lo la i gli le l del dello della dell al allo alla nel nella nell dal dalla dall sul sulla",
        "nl": "de het",
    }.items()
}

Scores = dict[Candidate, float]
_INSIDE = re.compile(r"([^,(]+)(?:, | ?\()([^,()]+)\)?")
_CODE = re.compile(r"[A-Z]{1,3}")


@lru_cache(4096)
def meant(name: str, language: str) -> Scores:
    """The places that have a name, or else one that it may be a form of, with what speaks for each; not to be changed."""
    if both := _INSIDE.fullmatch(name):  # "Paris, Texas"
        return inside(meant(both[1], language), meant(both[2], language)) or {}
    if name.islower():  # a word like others: "port", "litoral"
        return {}
    first, _, rest = key(name).partition(" ")
    found = _called([name], language) or _called([rest] if first in ARTICLES.get(language, ()) else [], language)
    if not any(place.usual for place in found):
        found += _called(bases(name, language), language)
    well_known = {place.kind for place in found if place.usual and place.population >= WELL_KNOWN}
    once = {place.geonames_id: place for place in sorted(found, key=lambda place: place.usual)}
    return {place: _speaks_for(place, well_known) for place in once.values()}


def inside(those: Scores, areas: Scores) -> Scores | None:
    """The places that lie in one of the areas; None where that is no question.

    It is none of countries, nor where there is no area. An area that may be a town is a question for the likeliest place alone: in "Boston,
    New York and Chicago" Boston is not the one in the state of New York, in "Buffalo, New York" Buffalo is. And none of the places lies
    there only if it is a region: "in Berlin, Spain beat England".
    """
    around = {area.region or area.country for area in areas if area.kind in (Kind.REGION, Kind.COUNTRY)}
    if not those or not around:
        return None
    found = {
        place: score
        for place, score in those.items()
        if place.kind < Kind.COUNTRY and {place.region, place.country} & around
    }
    likeliest = max(those, key=lambda place: those[place])
    if _may_be(areas, lambda area: area.kind < Kind.REGION):
        return found if likeliest in found else None
    no_country = likeliest.kind < Kind.REGION and not _may_be(those, lambda place: place.kind == Kind.COUNTRY)
    return found if found or (no_country and any(area.kind == Kind.REGION for area in areas)) else None


def _may_be(scores: Scores, what: Callable[[Candidate], bool]) -> bool:
    least = max(scores.values()) - AS_WELL
    return any(score > least and what(place) for place, score in scores.items())


def _called(names: Iterable[str], language: str) -> list[Candidate]:
    places = gazetteer.load()
    found = []
    for name in names:
        found += places.find(key(name, language))
        if not _CODE.fullmatch(name):  # US and RF are countries, EST is no region of Burkina Faso
            found += places.find(key(name))
    return found


def _speaks_for(place: Candidate, well_known: Set[Kind]) -> float:
    weight = WEIGHTS.get(place.kind, 0.0)
    # A capital may be called like a region (Kiev) without being less known by that name than by its own.
    others = well_known - {Kind.REGION} if place.kind == Kind.CAPITAL else well_known
    if others and not place.usual:
        weight = min(weight, 0.0) + ANOTHER_NAME
    return math.log10(max(place.population, 1)) + weight
