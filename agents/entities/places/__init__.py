"""Where the places that an article names lie, as far as it leaves one reading.

A name may mean several places. Their inhabitants speak for them (toponyms.py), and so do the other places of the article: the fewer
people live in a country, or in a region of it, the more it says that another place there is named. A place is said when it is far ahead of
all others; else none is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence, Set
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from agents.entities.places import gazetteer
from agents.entities.places.gazetteer import Candidate, Kind
from agents.entities.places.toponyms import ARTICLES, Scores, inside, meant
from streams.records import Entity, Place

# A place has to be so far ahead of the next, in powers of ten. Less is enough where it has as many times the inhabitants too: Birmingham
# in England has six times as many as Birmingham in Alabama, and San José in Costa Rica is ahead as a capital only. A place that is so much
# less likely by itself than another (DWARF) is not made likelier by its country: Boston in England is not meant in every article about
# Britain.
AHEAD, AHEAD_IN_SIZE, DWARF = 0.8, 0.65, 1.0
# The least that has to speak for a town or region: less in the countries that write in the article's language, whose papers
# name towns without saying where they are.
LEAST, LEAST_AT_HOME = 5.0, 4.2
# Of a village's name there are others that the gazetteer does not have.
VILLAGE = 3.7
HOMES = {
    "da": "DK GL FO", "de": "DE AT CH LI", "en": "US GB IE CA AU NZ", "fi": "FI", "fr": "FR BE CH LU CA", "hr": "HR BA", "hu": "HU", "nb": "NO",
    "nn": "NO", "pt": "BR PT AO MZ", "ro": "RO MD", "ru": "RU", "sk": "SK", "sr": "RS BA ME", "sv": "SE FI", "zh": "CN TW HK MO SG",
}  # fmt: skip
# Behind a definite article stands a river or a region and no town: "la Seine", "am Main". In English neither a town nor a region does,
# but a large town where the article belongs to what follows ("the London mayor"): so much has to speak for it.
BEHIND_THE = 6.0

# A town this near to another town of the article, in kilometres, may be meant though it is small.
NEAR_KM, KM_A_DEGREE = 60.0, 111.2
# So many code points a country or region may stand behind the name of a place in it.
FURTHEST = 60
# Between a place and the country or region in which it lies, in one clause.
_LIES_IN = {
    language: re.compile(rf"[^.;:!?\n]*\b(?:{words})\s?(?:[^\W\d_]+\s)?", re.IGNORECASE)
    for language, words in {
        "da": "i|på",
        "de": "in|im|von|der|des",
        "en": "in|of|on",
        "es": "en|de|del",
        "fr": "en|dans|du|de|des|de la|d'|l'|au|aux",
        "it": "in|di|del|della|nel|nella",
        "nb": "i|på",
        "nl": "in|van",
        "nn": "i|på",
        "pt": "em|no|na|do|da|de|dos|das",
        "ro": "în|din|al|a",
        "sv": "i|på",
    }.items()
}
# In languages in which a case says it: a few words.
_CLOSE = re.compile(r"[^.;:!?\n]{1,25}")

_BEFORE = re.compile(r"([^\W\d_]+)[ \n\u00a0'\u2019]$")
_INSIDE = re.compile(r"\s?[,(]\s?")


def located(entities: Sequence[Entity], texts: Mapping[str, str | None], language: str) -> list[Entity]:
    """The entities, those of type LOCATION with their place where only one can be meant.

    Args:
        texts: the fields of the article that the mentions stand in.
    """
    scores = {
        number: _scores(entity, texts, language) for number, entity in enumerate(entities) if entity.type == "LOCATION"
    }
    if not scores:
        return list(entities)
    _keep_inside(scores, entities, texts)
    context = Context(_areas(scores, entities, texts, language))
    for number, those in scores.items():
        if place := _chosen(those, {}, language):
            context.add(place, number)
    found = list(entities)
    for number, those in scores.items():
        place = _chosen(those, {place: context.support(place, number) for place in those}, language)
        if place and place.geonames_id:
            found[number] = replace(entities[number], place=_place(place))
    return found


class Support(NamedTuple):
    """What an article tells about a place that one of its names may mean.

    Attributes:
        weight: how much the other places speak for its country and its region, in powers of ten.
        neighbours: how many other places of the article lie in its region.
        near: whether another place of the article lies within NEAR_KM of it.
        inside: whether the article says that the name lies in its country or region: "Sydney, a community in Nova Scotia".
    """

    weight: float
    neighbours: int
    near: bool
    inside: bool

    def is_local(self, kind: Kind) -> bool:
        """Whether the article speaks of the surroundings of this place: of a region one town is enough, of a town a region is not."""
        return self.inside or self.near or self.neighbours > (0 if kind == Kind.REGION else 1)


Evidence = Mapping[Candidate, Support]


class Context:
    """The countries and regions around the places of an article, each with the entities that lie there.

    Args:
        areas: for an entity the countries and regions in which the article says that it lies.
    """

    def __init__(self, areas: Mapping[int, Set[str | int]]) -> None:
        self._around: dict[str | int, set[int]] = {}
        self._towns: dict[int, Candidate] = {}
        self._areas = areas
        self._gazetteer = gazetteer.load()

    def add(self, place: Candidate, entity: int) -> None:
        """An entity, by its number, is this place."""
        for area in (place.country, place.region):
            self._around.setdefault(area, set()).add(entity)
        if place.kind < Kind.REGION:
            self._towns[entity] = place

    def support(self, place: Candidate, entity: int) -> Support:
        """What the other entities of the article tell about a place of this one."""
        country, region = (
            len(self._around.get(area, set()) - {entity}) if area else 0 for area in (place.country, place.region)
        )
        weight = bool(country) * self._gazetteer.rarity(place.country) + bool(region) * self._gazetteer.rarity(
            place.country, place.region
        )
        near = region > 0 and any(_are_near(place, town) for number, town in self._towns.items() if number != entity)
        return Support(
            weight, region, near, not self._areas.get(entity, set()).isdisjoint({place.country, place.region} - {"", 0})
        )


def _are_near(place: Candidate, other: Candidate) -> bool:
    """Whether two places are within NEAR_KM of each other, on a plane: at this distance the globe makes no difference."""
    north = place.latitude - other.latitude
    east = (place.longitude - other.longitude) * math.cos(math.radians(place.latitude))
    return math.hypot(north, east) * KM_A_DEGREE < NEAR_KM


def _place(of: Candidate) -> Place:
    return Place(geonames_id=of.geonames_id, latitude=of.latitude, longitude=of.longitude, country=of.country or None)


def _scores(entity: Entity, texts: Mapping[str, str | None], language: str) -> Scores:
    """The places that an entity may mean under all of its names, with what speaks for each."""
    names = dict.fromkeys((entity.name, *(mention.text for mention in entity.mentions)))
    known = [those for name in names if (those := meant(name, language))]
    if not known:
        return {}
    scores = {place: score for place, score in known[0].items() if all(place in those for those in known)}
    behind = sum(_behind_article(texts[mention.field] or "", mention.start, language) for mention in entity.mentions)
    if behind * 2 < max(len(entity.mentions), 1):
        return scores
    if language == "en":
        return {
            place: score
            for place, score in scores.items()
            if place.kind > Kind.REGION or (place.kind < Kind.REGION and score >= BEHIND_THE)
        }
    towns = [place for place in scores if place.kind < Kind.REGION]
    # "La Vienne" is no more the region of Vienna than the town.
    theirs = {
        place
        for place in scores
        if place.kind == Kind.REGION and any(_hardly_told_apart(place, town) for town in towns)
    }
    return {place: score for place, score in scores.items() if place not in theirs and place.kind >= Kind.REGION}


def _behind_article(text: str, start: int, language: str) -> bool:
    before = _BEFORE.search(text, max(0, start - 8), start)
    return before is not None and before[1].casefold() in ARTICLES.get(language, ())


def _keep_inside(scores: dict[int, Scores], entities: Sequence[Entity], texts: Mapping[str, str | None]) -> None:
    """Of a name that the one of a country or region stands right behind, only the places in there: Paris, Texas, and Paris (Texas)."""
    mentions = sorted(
        (mention.field, mention.start, mention.end, number)
        for number in scores
        for mention in entities[number].mentions
    )
    for (field, _, end, town), (other, start, _, area) in pairwise(mentions):
        if field == other and _INSIDE.fullmatch(texts[field] or "", end, start):
            found = inside(scores[town], scores[area])
            if found is not None:
                scores[town] = found


def _areas(
    scores: Mapping[int, Scores], entities: Sequence[Entity], texts: Mapping[str, str | None], language: str
) -> dict[int, set[str | int]]:
    """For each entity the countries and regions in which the article says that it lies: "Tripoli, in northern Lebanon"."""
    mentions = sorted(
        (mention.field, mention.start, mention.end, number)
        for number in scores
        for mention in entities[number].mentions
    )
    found: dict[int, set[str | int]] = {}
    chain: set[str | int] = set()
    # From the last to the first: what the Algarve lies in, Lagos in the Algarve lies in too.
    for (field, _, end, town), (other, start, _, area) in reversed(list(pairwise(mentions))):
        if (
            field == other
            and start - end <= FURTHEST
            and _LIES_IN.get(language, _CLOSE).fullmatch(texts[field] or "", end, start)
        ):
            chain |= {place.region for place in scores[area] if place.kind == Kind.REGION}
            chain |= {place.country for place in scores[area] if place.kind == Kind.COUNTRY}
            found.setdefault(town, set()).update(chain)
        else:
            chain = set()
    return found


def _chosen(scores: Scores, evidence: Evidence, language: str) -> Candidate | None:
    """The place that is far ahead of all others that the name may mean, by its own weight and by the article's evidence."""
    if not scores:
        return None
    sums = {place: score + evidence[place].weight if place in evidence else score for place, score in scores.items()}
    likeliest = max((score for place, score in scores.items() if place.kind != Kind.NOWHERE), default=0.0)
    dwarfs = {place for place, score in scores.items() if likeliest - score > DWARF and place.kind <= Kind.REGION}
    # Boston in England is not meant in every article about Britain. It is where the article says that Boston lies in England.
    unlikely = {place for place in dwarfs if place not in evidence or not evidence[place].is_local(place.kind)}
    possible = [
        place
        for place in sums
        if place not in unlikely and _is_large_enough(place, scores[place], sums[place], language)
    ]
    if not possible:
        return None
    best = max(possible, key=lambda place: (sums[place], -place.geonames_id))
    if any(not _is_ahead(best, place, sums) and not _hardly_told_apart(best, place) for place in possible):
        return None
    # Other places of its region make a small place possible, and are not enough to say that no large one is meant.
    if best in dwarfs and not evidence[best].inside and best.kind != Kind.REGION:
        return None
    # A name that a country and its capital have is the country's, and one that a region and its chief town have is the town's.
    same = [place for place in sums if _hardly_told_apart(best, place)]
    return max(same, key=lambda place: (place.kind == Kind.COUNTRY, place.kind != Kind.REGION, sums[place]))


def _is_ahead(place: Candidate, other: Candidate, sums: Mapping[Candidate, float]) -> bool:
    larger = place.population >= other.population * 10**AHEAD_IN_SIZE
    return sums[place] - sums[other] >= (AHEAD_IN_SIZE if larger else AHEAD)


def _is_large_enough(place: Candidate, score: float, total: float, language: str) -> bool:
    """Whether a place may be meant by a name alone. One that may not says nothing against another."""
    if place.kind > Kind.REGION:
        return True
    least = LEAST_AT_HOME if place.country in HOMES.get(language, "").split() else LEAST
    return total >= least and (place.kind == Kind.REGION or score >= VILLAGE)


def _hardly_told_apart(place: Candidate, other: Candidate) -> bool:
    """Whether two are one, a country and what in it is called like it, or a region and its chief town."""
    if place is other:
        return True
    if Kind.COUNTRY in (place.kind, other.kind):
        return place.country == other.country
    town, region = sorted((place, other), key=lambda each: each.kind)
    if region.kind != Kind.REGION or town.region != region.region:
        return False
    # The city of Vienna is the region of Vienna. Belém is the chief town of Pará, and was called so two hundred years ago.
    return town.kind == Kind.CAPITAL or (
        town.kind == Kind.CHIEF_TOWN and (town.usual or town.population * 2.5 >= region.population)
    )
