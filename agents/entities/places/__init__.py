"""Where the places that an article names lie, as far as it leaves one reading.

A name may mean several places. Their inhabitants speak for them (toponyms.py), and so do the other places of the article: the fewer
people live in a country, or in a region of it, the more it says that another place there is named. A place is said when it is far ahead of
all others; else none is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec.structs import replace

from agents.entities.places import gazetteer
from agents.entities.places.gazetteer import Candidate, Kind
from agents.entities.places.toponyms import ARTICLES, Scores, inside, meant
from streams.records import Entity, Place

# How far a place has to be ahead of the next, in powers of ten. A place that is so much less likely by itself than another is not
# made likelier by its country: Boston in England is not meant in every article about Britain.
AHEAD, DWARF = 0.8, 1.0
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

_BEFORE = re.compile(r"([^\W\d_]+)[ \n\u00a0'\u2019]$")
_INSIDE = re.compile(r"\s?[,(]\s?")


def located(entities: Sequence[Entity], texts: Mapping[str, str | None], language: str) -> list[Entity]:
    """The entities, those of type LOCATION with their place where only one can be meant.

    Args:
        texts: the fields of the article that the mentions stand in.
    """
    scores = {number: _scores(entity, texts, language) for number, entity in enumerate(entities) if entity.type == "LOCATION"}
    if not scores:
        return list(entities)
    _keep_inside(scores, entities, texts)
    context = Context()
    for number, those in scores.items():
        if place := _chosen(those, {}, language):
            context.add(place, number)
    found = list(entities)
    for number, those in scores.items():
        place = _chosen(those, {place: context.says(place, number) for place in those}, language)
        if place and place.geonames_id:
            found[number] = replace(entities[number], place=_place(place))
    return found


class Context:
    """The countries and regions around the places of an article, each with the entities that lie there."""

    def __init__(self) -> None:
        self._around: dict[str | int, set[int]] = {}
        self._gazetteer = gazetteer.load()

    def add(self, place: Candidate, entity: int) -> None:
        """An entity, by its number, is this place."""
        for area in (place.country, place.region):
            self._around.setdefault(area, set()).add(entity)

    def says(self, place: Candidate, entity: int) -> tuple[float, float]:
        """What the other entities say for a place of this one: by its country, and by its region as well."""
        country, region = (bool(area and self._around.get(area, set()) - {entity}) for area in (place.country, place.region))
        return country * self._gazetteer.rarity(place.country), region * self._gazetteer.rarity(place.country, place.region)


Said = Mapping[Candidate, tuple[float, float]]


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
    theirs = {place for place in scores if place.kind == Kind.REGION and any(_hardly_told_apart(place, town) for town in towns)}
    return {place: score for place, score in scores.items() if place not in theirs and place.kind >= Kind.REGION}


def _behind_article(text: str, start: int, language: str) -> bool:
    before = _BEFORE.search(text, max(0, start - 8), start)
    return before is not None and before[1].casefold() in ARTICLES.get(language, ())


def _keep_inside(scores: dict[int, Scores], entities: Sequence[Entity], texts: Mapping[str, str | None]) -> None:
    """Of a name that the one of a country or region stands right behind, only the places in there: Paris, Texas, and Paris (Texas)."""
    mentions = sorted((mention.field, mention.start, mention.end, number) for number in scores for mention in entities[number].mentions)
    for (field, _, end, town), (other, start, _, area) in pairwise(mentions):
        if field == other and _INSIDE.fullmatch(texts[field] or "", end, start):
            found = inside(scores[town], scores[area])
            if found is not None:
                scores[town] = found


def _chosen(scores: Scores, said: Said, language: str) -> Candidate | None:
    """The place that is far ahead of all others by what speaks for it and what is said of it."""
    if not scores:
        return None
    sums = {place: score + sum(said.get(place, ())) for place, score in scores.items()}
    best = max(sums, key=lambda place: (sums[place], -place.geonames_id))
    near = [place for place in sums if sums[place] > sums[best] - AHEAD and not _hardly_told_apart(best, place)]
    likeliest = max((score for place, score in scores.items() if place.kind != Kind.NOWHERE), default=0.0)
    dwarf = likeliest - scores[best] > DWARF and not (said and said[best][1] > AHEAD / 2)
    least = LEAST_AT_HOME if best.country in HOMES.get(language, "").split() else LEAST
    village = best.kind < Kind.REGION and scores[best] < VILLAGE
    if near or dwarf or village or (best.kind <= Kind.REGION and sums[best] < least):
        return None
    # A name that a country and its capital have is the country's, and one that a region and its chief town have is the town's.
    same = [place for place in sums if _hardly_told_apart(best, place)]
    return max(same, key=lambda place: (place.kind == Kind.COUNTRY, place.kind != Kind.REGION, sums[place]))


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
    return town.kind == Kind.CAPITAL or (town.kind == Kind.CHIEF_TOWN and (town.usual or town.population * 2.5 >= region.population))
