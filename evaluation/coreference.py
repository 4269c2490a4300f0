"""The accuracy of coreference: B³ (Bagga and Baldwin 1998) on articles whose mentions are marked by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from agents import entities
from agents.entities.coreference import group_mentions
from agents.entities.detected_mention import Field
from agents.entities.mention_detection import mention_at
from agents.normalization import normalize
from evaluation.data import Data
from evaluation.marked import PARTS, Marked, articles, entity_type
from evaluation.measures import Sums, b_cubed
from evaluation.tables import Cell, Table
from streams.records import Article, Entities, EntityType

Place = tuple[Field, int, int]
# For each mention the entity to which it belongs.
Grouping = Mapping[Place, Any]

# The tables have a row for each of these languages, and one for all others together.
_LANGUAGES = ("en", "fr")


def tables(_: Data) -> Iterator[Table]:
    """The tables: coreference of the marked mentions alone, and of the mentions that the stage finds in the text."""
    yield Table(
        "grouping",
        "The mentions that are marked, grouped: B³",
        [
            _alone(part, language, marked_articles)
            for part in PARTS
            for language, marked_articles in _by_language(articles(part))
        ],
    )
    analysed = entities.models()
    rows = [
        _from_the_text(part, language, [each for each in articles(part) if each.language == language])
        for part in PARTS
        for language in dict.fromkeys(each.language for each in articles(part))
        if language in analysed
    ]
    yield Table(
        "grouping_of_what_is_found",
        "The mentions that Telex finds, grouped: B³, where a span that is not exact is wrong",
        rows,
    )


def _by_language(marked_articles: Sequence[Marked]) -> Iterator[tuple[str, list[Marked]]]:
    for language in _LANGUAGES:
        yield language, [each for each in marked_articles if each.language == language]
    yield "others", [each for each in marked_articles if each.language not in _LANGUAGES]


def _alone(part: str, language: str, marked_articles: Sequence[Marked]) -> dict[str, Cell]:
    gold = [each.entities for each in marked_articles]
    answers = [grouped(each) for each in marked_articles]
    precision, recall, f1 = b_cubed(_sums(gold, answers))
    *_, by_string = b_cubed(_sums(gold, [_by_string(each, each.entities) for each in marked_articles]))
    return {
        "part": part,
        "language": language,
        "articles": len(marked_articles),
        "mentions": sum(map(len, gold)),
        "entities": sum(len(set(each.values())) for each in gold),
        "precision": precision,
        "recall": recall,
        "F1": f1,
        "F1 of each name for itself": by_string.value,
        "several taken for one": sum(map(_several, gold, answers)),
    }


def _from_the_text(part: str, language: str, marked_articles: Sequence[Marked]) -> dict[str, Cell]:
    gold = [each.entities for each in marked_articles]
    found = [_found_mentions(each) for each in marked_articles]
    precision, recall, f1 = b_cubed(
        _sums(gold, [{place: entity for place, (entity, _) in each.items()} for each in found])
    )
    strings = [_by_string(article, each) for article, each in zip(marked_articles, found, strict=True)]
    *_, by_string = b_cubed(_sums(gold, strings))
    types = [
        (entity_type(entities_of[place]), kind)
        for entities_of, found_in in zip(gold, found, strict=True)
        for place, (_, kind) in found_in.items()
        if place in entities_of
    ]
    return {
        "part": part,
        "language": language,
        "articles": len(marked_articles),
        "mentions": sum(map(len, gold)),
        "precision": precision,
        "recall": recall,
        "F1": f1,
        "F1 of each name for itself": by_string.value,
        "type right": sum(marked_type == found_type for marked_type, found_type in types) / max(len(types), 1),
    }


def grouped(article: Marked) -> Grouping:
    """The marked mentions as Telex groups them."""
    texts = {field: normalize(written).text for field, written in article.fields.items()}
    mentions = [
        mention_at(field, texts[field], start, end, entity_type(entity), article.language)
        for (field, start, end), entity in article.entities.items()
    ]
    groups = group_mentions(mentions, texts, article.language)
    return {
        (mention.field, mention.start, mention.end): number
        for number, group in enumerate(groups)
        for mention in group.mentions
    }


def _by_string(article: Marked, places: Iterable[Place]) -> Grouping:
    return {(field, start, end): article.fields[field][start:end] for field, start, end in places}


def _found_mentions(article: Marked) -> dict[Place, tuple[int, EntityType]]:
    """The entity and its type for each mention that Telex finds.

    A mention of type MISC is left out if the article does not mark it: the marks have no such type.
    """
    title, text = article.fields.get("title"), article.fields["text"]
    [result] = entities.analyse(
        [Article(id="1", text=text, title=title, language=article.language, declared=None, fields={})]
    )
    assert isinstance(result, Entities)
    return {
        place: (number, item.type)
        for number, item in enumerate(result.items)
        for each in item.mentions
        if (place := (each.field, each.start, each.end)) in article.entities or item.type != "MISC"
    }


def _sums(gold: Sequence[Grouping], answers: Sequence[Grouping]) -> Sums:
    return np.array([sums(*each) for each in zip(gold, answers, strict=True)], dtype=np.float64)


def sums(gold: Grouping, answer: Grouping) -> tuple[float, int, float, int]:
    """The sums over an article's mentions that `b_cubed` takes.

        The precision of a mention is the share of its group that belongs to its entity. Its recall is the share of its
        entity
    that is in its group. Both are 0 if the mention is not marked, or not found.

    Returns:
        The sum of the precision, the number of found mentions, the sum of the recall, the number of marked mentions.

    """
    entity_sizes, group_sizes = Counter(gold.values()), Counter(answer.values())
    both = Counter((gold[place], answer[place]) for place in gold if place in answer)
    precision = sum(number**2 / group_sizes[group] for (_, group), number in both.items())
    recall = sum(number**2 / entity_sizes[entity] for (entity, _), number in both.items())
    return precision, len(answer), recall, len(gold)


def _several(gold: Grouping, answer: Grouping) -> int:
    """How many groups have mentions of more than one entity."""
    pairs = {(answer[place], gold[place]) for place in gold}
    return sum(number > 1 for number in Counter(group for group, _ in pairs).values())
