"""The countries and regions in which an article itself says that a place lies.

"Paris, Texas", "Tripoli, in northern Lebanon".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from itertools import pairwise
from typing import NamedTuple

from agents.entities.detected_mention import Field
from agents.entities.places.gazetteer import Kind
from agents.entities.places.toponyms import Scores, only_inside

# A country or region stands at most this many code points behind the name of a place in it.
FURTHEST = 60
# The words between a place and the country or region in which it lies, within one clause.
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
# Other languages say it with a case ending: there a few words may stand between the two.
_FEW_WORDS = re.compile(r"[^.;:!?\n]{1,25}")
_COMMA_OR_BRACKET = re.compile(r"\s?[,(]\s?")


class LocatedMention(NamedTuple):
    """A mention of a location. Sorted, such mentions stand in the order of their fields and offsets.

    Attributes:
        field: the field of the article, title or text.
        start, end: offsets in code points.
        entity: the index of the entity.
    """

    field: Field
    start: int
    end: int
    entity: int


class StatedAreas:
    """The countries and regions in which an article says that its entities lie, by the index of the entity.

    The entities of a chain ("Lagos in the Algarve in Portugal") come from the last one to the first, and each lies in
    all areas that came before. The areas are not copied for each entity: a list of thousands of regions may be one
    chain.
    """

    def __init__(self) -> None:
        # The step at which each area of the chain came first.
        self._chain: dict[str | int, int] = {}
        self._step = 0
        # For each entity its chains, by their identity, with the last step at which it stands in each.
        self._chains_of: dict[int, dict[int, tuple[dict[str | int, int], int]]] = {}

    def add(self, entity: int, areas: Set[str | int]) -> None:
        """Add an entity to the chain, with the areas that the name behind it means."""
        self._step += 1
        for area in areas:
            self._chain.setdefault(area, self._step)
        self._chains_of.setdefault(entity, {})[id(self._chain)] = self._chain, self._step

    def end_chain(self) -> None:
        """The next entity lies in none of the areas so far."""
        self._chain = {}

    def lies_in(self, entity: int, areas: Set[str | int]) -> bool:
        """Whether the article says that an entity lies in one of these countries and regions."""
        return any(
            chain.get(area, step + 1) <= step
            for chain, step in self._chains_of.get(entity, {}).values()
            for area in areas
        )


def keep_places_inside(
    scores: dict[int, Scores], mentions: Sequence[LocatedMention], texts: Mapping[Field, str | None]
) -> None:
    """Keep only the candidates inside the country or region right behind the name: Paris, Texas, and Paris (Texas).

    Args:
        scores: the candidates of each entity, by its index; changed in place.
        mentions: sorted.
        texts: the fields of the article.
    """
    for inner, outer in pairwise(mentions):
        if inner.field == outer.field and _COMMA_OR_BRACKET.fullmatch(texts[inner.field] or "", inner.end, outer.start):
            inside = only_inside(scores[inner.entity], scores[outer.entity])
            if inside is not None:
                scores[inner.entity] = inside


def stated_areas(
    scores: Mapping[int, Scores], mentions: Sequence[LocatedMention], texts: Mapping[Field, str | None], language: str
) -> StatedAreas:
    """In which countries and regions the article says that each entity lies: "Tripoli, in northern Lebanon".

    Args:
        scores: the candidates of each entity, by its index.
        mentions: sorted.
        texts: the fields of the article.
        language: the language of the article (ISO 639-1).
    """
    areas = StatedAreas()
    lies_in = _LIES_IN.get(language, _FEW_WORDS)
    # From the last mention to the first: Lagos in the Algarve also lies in everything in which the Algarve lies.
    for inner, outer in reversed(list(pairwise(mentions))):
        if (
            inner.field == outer.field
            and outer.start - inner.end <= FURTHEST
            and lies_in.fullmatch(texts[inner.field] or "", inner.end, outer.start)
        ):
            candidates = scores[outer.entity]
            regions = {place.region for place in candidates if place.kind == Kind.REGION}
            countries = {place.country for place in candidates if place.kind == Kind.COUNTRY}
            areas.add(inner.entity, regions | countries)
        else:
            areas.end_chain()
    return areas
