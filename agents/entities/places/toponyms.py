"""The places that a name may mean, each with a score that holds in any article.

The score of a place is the power of ten of its inhabitants, changed by what kind of place it is and by how common the
name is for it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Set
from functools import lru_cache

from agents.entities.places import gazetteer
from agents.entities.places.base_forms import base_forms
from agents.entities.places.gazetteer import Candidate, Kind, key

# Articles name capitals more often than their inhabitants suggest, and the parts of countries less often.
WEIGHTS = {Kind.CAPITAL: 1.2, Kind.REGION: -0.6, Kind.CONTINENT: 9.0}
# GeoNames lists many other names of a place. Such a name counts less where it is the main name of another place that
# has at least WELL_KNOWN inhabitants.
OTHER_NAME, WELL_KNOWN = -0.7, 50_000

# A name also means a place whose score is not further behind the best score, in powers of ten.
PLAUSIBLE = 1.0

# The definite articles, alone or joined with a preposition.
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

# A place with fewer inhabitants is hardly meant by a word that may be another name.
KNOWN_PLACE = 15_000

# The candidates for a name, each with its score.
Scores = dict[Candidate, float]
_PLACE_AND_AREA = re.compile(r"([^,(]+)(?:, | ?\()([^,()]+)\)?")
_COUNTRY_CODE = re.compile(r"[A-Z]{1,3}")


@lru_cache(4096)
def possible_places(name: str, language: str) -> Scores:
    """The places that have this name, or else a name of which it may be an inflected form.

    The result is cached: do not change it.
    """
    if parts := _PLACE_AND_AREA.fullmatch(name):  # "Paris, Texas"
        return only_inside(possible_places(parts[1], language), possible_places(parts[2], language)) or {}
    if name.islower():  # a common noun: "port", "litoral"
        return {}
    first_word, _, rest = key(name).partition(" ")
    without_article = [rest] if first_word in ARTICLES.get(language, ()) else []
    candidates = _candidates([name], language) or _candidates(without_article, language)
    if not any(place.is_main_name for place in candidates):
        candidates += _candidates(base_forms(name, language), language)
    well_known = {place.kind for place in candidates if place.is_main_name and place.population >= WELL_KNOWN}
    # A place may come under several names: the candidate with its main name is the last one, and stays.
    by_id = {place.geonames_id: place for place in sorted(candidates, key=lambda place: place.is_main_name)}
    return {place: _score(place, well_known) for place in by_id.values()}


def is_known_place(name: str, language: str) -> bool:
    """Whether a place that is large enough to be known has this name."""
    return any(place.population >= KNOWN_PLACE for place in possible_places(name, language))


def only_inside(scores: Scores, areas: Scores) -> Scores | None:
    """The places that lie in one of the areas; None if the second name says nothing about where the first one lies.

    It says nothing if the places are countries, or if it means no area. An area that may also be a town counts only if
    the likeliest place lies in it: "Boston, New York and Chicago" does not mean the Boston in the state of New York,
    but "Buffalo, New York" means the Buffalo there. Only a region can leave no place at all. A country behind a town
    may begin another phrase: "in Berlin, Spain beat England".

    Args:
        scores: the candidates for the first name.
        areas: the candidates for the second name.
    """
    around = {area.region or area.country for area in areas if area.kind in (Kind.REGION, Kind.COUNTRY)}
    if not scores or not around:
        return None
    inside = {
        place: score
        for place, score in scores.items()
        if place.kind < Kind.COUNTRY and {place.region, place.country} & around
    }
    likeliest = max(scores, key=lambda place: scores[place])
    if _has_plausible(areas, lambda area: area.kind < Kind.REGION):
        return inside if likeliest in inside else None
    if inside:
        return inside
    is_town = likeliest.kind < Kind.REGION and not _has_plausible(scores, lambda place: place.kind == Kind.COUNTRY)
    return {} if is_town and any(area.kind == Kind.REGION for area in areas) else None


def _has_plausible(scores: Scores, condition: Callable[[Candidate], bool]) -> bool:
    """Whether a place that is at most PLAUSIBLE behind the best one meets the condition."""
    least = max(scores.values()) - PLAUSIBLE
    return any(score > least and condition(place) for place, score in scores.items())


def _candidates(names: Iterable[str], language: str) -> list[Candidate]:
    """The places that have any of these names, as the gazetteer has them."""
    places = gazetteer.load()
    candidates = []
    for name in names:
        candidates += places.find(key(name, language))
        if not _COUNTRY_CODE.fullmatch(name):  # US and RF are countries, EST is not a region of Burkina Faso
            candidates += places.find(key(name))
    return candidates


def _score(place: Candidate, well_known: Set[Kind]) -> float:
    """The score of a place by itself.

    Args:
        place: the candidate.
        well_known: the kinds of the well-known places that have it as their main name.
    """
    weight = WEIGHTS.get(place.kind, 0.0)
    # A capital may share another name of its own with a region (Kiev), and is as well known by it as by its main name.
    rivals = well_known - {Kind.REGION} if place.kind == Kind.CAPITAL else well_known
    if rivals and not place.is_main_name:
        weight = min(weight, 0.0) + OTHER_NAME
    return math.log10(max(place.population, 1)) + weight
