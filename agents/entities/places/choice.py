"""The one place that a name means: the candidate that is far ahead of all others, or none."""

from __future__ import annotations

from collections.abc import Mapping

from agents.entities.places.evidence import Evidence
from agents.entities.places.gazetteer import Candidate, Kind
from agents.entities.places.toponyms import Scores

# A place has to be this far ahead of the next one, in powers of ten. AHEAD_IN_SIZE is enough where the place also has
# that many times the inhabitants: Birmingham in England has six times as many as Birmingham in Alabama, and San José in
# Costa Rica is ahead only because it is a capital.
AHEAD, AHEAD_IN_SIZE = 0.8, 0.65
# A place that is less likely by itself than another by more than this is dwarfed. Its country does not make it
# likelier: an article about Britain does not mean Boston in England.
DWARFED = 1.0
# The least that must speak for a town or region: its score and the article's evidence together. It is lower in the
# countries that write in the article's language: their papers name towns without saying where they are.
LEAST_TOTAL, LEAST_TOTAL_AT_HOME = 5.0, 4.2
# The least score of a town without the evidence. The gazetteer does not have all villages, so a village's name may mean
# another village.
LEAST_TOWN_SCORE = 3.7
# The countries that write in each language.
HOMES = {
    "ar": "AE BH DZ EG IQ JO KW LB LY MA MR OM PS QA SA SD SY TN YE",
    "da": "DK GL FO",
    "de": "DE AT CH LI",
    "en": "US GB IE CA AU NZ",
    "es": "ES AR BO CL CO CR CU DO EC GT HN MX NI PA PE PY SV UY VE",
    "et": "EE",
    "fi": "FI",
    "fr": "FR BE CH LU CA",
    "he": "IL",
    "hi": "IN",
    "hr": "HR BA",
    "hu": "HU",
    "id": "ID",
    "it": "IT CH SM",
    "ja": "JP",
    "kk": "KZ",
    "ko": "KR KP",
    "lv": "LV",
    "nb": "NO",
    "nl": "NL BE SR",
    "nn": "NO",
    "pl": "PL",
    "pt": "BR PT AO MZ",
    "ro": "RO MD",
    "ru": "RU",
    "sk": "SK",
    "sr": "RS BA ME",
    "sv": "SE FI",
    "th": "TH",
    "tr": "TR CY",
    "zh": "CN TW HK MO SG",
}
# A chief town that has at least its region's inhabitants divided by this is the same as its region.
LARGE_PART_OF_REGION = 2.5


def choose(scores: Scores, evidence: Evidence, language: str) -> Candidate | None:
    """The place that is far ahead of all others that the name may mean, by its own score and by the article's evidence.

    Args:
        scores: the candidates with what speaks for each by itself.
        evidence: of the article for each candidate; empty when its other places are not known yet.
        language: the language of the article (ISO 639-1).
    """
    if not scores:
        return None
    totals = {place: score + evidence[place].weight if place in evidence else score for place, score in scores.items()}
    best_score = max((score for place, score in scores.items() if place.kind != Kind.NOWHERE), default=0.0)
    dwarfed = {place for place, score in scores.items() if best_score - score > DWARFED and place.kind <= Kind.REGION}
    # An article about Britain does not mean Boston in England, unless it says that Boston lies in England.
    unlikely = {place for place in dwarfed if place not in evidence or not evidence[place].is_local(place.kind)}
    possible = [
        place
        for place in totals
        if place not in unlikely and _is_large_enough(place, scores[place], totals[place], language)
    ]
    if not possible:
        return None
    best = max(possible, key=lambda place: (totals[place], -place.geonames_id))
    if any(not _is_ahead(best, place, totals) and not are_hardly_distinct(best, place) for place in possible):
        return None
    # Other places of its region make a dwarfed place possible. They do not rule out the large one.
    if best in dwarfed and not evidence[best].is_stated and best.kind != Kind.REGION:
        return None
    # A name that a country shares with its capital means the country. A name that a region shares with its chief town
    # means the town.
    same = [place for place in totals if are_hardly_distinct(best, place)]
    return max(same, key=lambda place: (place.kind == Kind.COUNTRY, place.kind != Kind.REGION, totals[place]))


def _is_ahead(place: Candidate, other: Candidate, totals: Mapping[Candidate, float]) -> bool:
    is_larger = place.population >= other.population * 10**AHEAD_IN_SIZE
    return totals[place] - totals[other] >= (AHEAD_IN_SIZE if is_larger else AHEAD)


def _is_large_enough(place: Candidate, score: float, total: float, language: str) -> bool:
    """Whether a name alone may mean a place. A place that is too small is not a rival of another either."""
    if place.kind > Kind.REGION:
        return True
    least = LEAST_TOTAL_AT_HOME if place.country in HOMES.get(language, "").split() else LEAST_TOTAL
    return total >= least and (place.kind == Kind.REGION or score >= LEAST_TOWN_SCORE)


def are_hardly_distinct(place: Candidate, other: Candidate) -> bool:
    """Whether two places with one name count as one: a country and a place in it, or a region and its chief town."""
    if place is other:
        return True
    if Kind.COUNTRY in (place.kind, other.kind):
        return place.country == other.country
    town, region = sorted((place, other), key=lambda each: each.kind)
    if region.kind != Kind.REGION or town.region != region.region:
        return False
    # The city of Vienna is the region of Vienna. Belém is the chief town of Pará, and had the name Pará two hundred
    # years ago. "Nueva York" is the main name neither of the city nor of the state.
    return town.kind == Kind.CAPITAL or (
        town.kind == Kind.CHIEF_TOWN
        and (
            town.is_main_name or not region.is_main_name or town.population * LARGE_PART_OF_REGION >= region.population
        )
    )
