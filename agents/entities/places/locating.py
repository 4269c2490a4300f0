"""The place of each location in an article, where the article leaves only one reading.

A name may mean several places. The inhabitants of each place speak for it (toponyms.py), and so do the other places of
the article: the fewer people live in a country, or in a region of it, the more it says that the article names another
place there. A location gets a place when that place is far ahead of all others; otherwise it gets none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from agents.entities.detected_mention import Field
from agents.entities.places.choice import are_hardly_distinct, choose
from agents.entities.places.evidence import ArticlePlaces
from agents.entities.places.gazetteer import Candidate, Kind
from agents.entities.places.stated_areas import LocatedMention, keep_places_inside, stated_areas
from agents.entities.places.toponyms import ARTICLES, Scores, possible_places
from streams.records import Entity, Place

# A river or a region stands behind a definite article, and no town: "la Seine", "am Main". In English neither a town
# nor a region does, except a large town where the article belongs to the word that follows ("the London mayor"). Such a
# town has at least this score.
LEAST_SCORE_BEHIND_THE = 6.0

_WORD_BEFORE = re.compile(r"([^\W\d_]+)[ \n\u00a0'\u2019]$")
# No definite article is longer than this, with the sign behind it, in code points.
_LONGEST_ARTICLE = 8


def locate(entities: Sequence[Entity], texts: Mapping[Field, str | None], language: str) -> list[Entity]:
    """The entities; each entity of type LOCATION has its place if it can mean only one.

    Args:
        entities: all entities of the article; `ArticlePlaces` and the scores refer to them by their index.
        texts: the fields of the article; the offsets of the mentions count their code points.
        language: the language of the article (ISO 639-1).
    """
    scores = {
        index: _scores(entity, texts, language) for index, entity in enumerate(entities) if entity.type == "LOCATION"
    }
    if not scores:
        return list(entities)
    mentions = sorted(
        LocatedMention(mention.field, mention.start, mention.end, index)
        for index in scores
        for mention in entities[index].mentions
    )
    keep_places_inside(scores, mentions, texts)
    article_places = ArticlePlaces(stated_areas(scores, mentions, texts, language))
    for index, candidates in scores.items():
        if place := choose(candidates, {}, language):
            article_places.add(place, index)
    located = list(entities)
    for index, candidates in scores.items():
        evidence = {candidate: article_places.support(candidate, index) for candidate in candidates}
        place = choose(candidates, evidence, language)
        if place and place.geonames_id:
            located[index] = replace(entities[index], place=_as_record(place))
    return located


def _as_record(place: Candidate) -> Place:
    return Place(
        geonames_id=place.geonames_id,
        latitude=place.latitude,
        longitude=place.longitude,
        country=place.country or None,
    )


def _scores(entity: Entity, texts: Mapping[Field, str | None], language: str) -> Scores:
    """The places that an entity may mean under every one of its names, each with its score."""
    names = dict.fromkeys((entity.name, *(mention.text for mention in entity.mentions)))
    by_name = [candidates for name in names if (candidates := possible_places(name, language))]
    if not by_name:
        return {}
    scores = {place: score for place, score in by_name[0].items() if all(place in candidates for candidates in by_name)}
    behind_article = sum(
        _is_behind_article(texts[mention.field] or "", mention.start, language) for mention in entity.mentions
    )
    if behind_article * 2 < max(len(entity.mentions), 1):
        return scores
    if language == "en":
        return {
            place: score
            for place, score in scores.items()
            if place.kind > Kind.REGION or (place.kind < Kind.REGION and score >= LEAST_SCORE_BEHIND_THE)
        }
    towns = [place for place in scores if place.kind < Kind.REGION]
    # "La Vienne" is a river: it is neither the town of Vienna nor the region of Vienna.
    regions_of_towns = {
        place
        for place in scores
        if place.kind == Kind.REGION and any(are_hardly_distinct(place, town) for town in towns)
    }
    return {
        place: score for place, score in scores.items() if place not in regions_of_towns and place.kind >= Kind.REGION
    }


def _is_behind_article(text: str, start: int, language: str) -> bool:
    word = _WORD_BEFORE.search(text, max(0, start - _LONGEST_ARTICLE), start)
    return word is not None and word[1].casefold() in ARTICLES.get(language, ())
