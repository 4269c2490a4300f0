"""How right the entities of an article are as groups of mentions: B³ (Bagga and Baldwin 1998) on articles that are marked by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from agents import entities
from agents.entities.coreference import group_mentions
from agents.entities.detected_mention import Field
from agents.entities.detection import mention_at
from agents.evaluation.data import Data
from agents.evaluation.marked import PARTS, Marked, articles, entity_type
from agents.evaluation.measures import Sums, b_cubed
from agents.evaluation.tables import Cell, Table
from agents.reading import read
from streams.records import Article, Entities, EntityType

Place = tuple[Field, int, int]
# To which entity each mention belongs.
Grouping = Mapping[Place, Any]

# English and French, for which the project began, and the others.
_LANGUAGES = ("en", "fr")


def tables(_: Data) -> Iterator[Table]:
    """The tables: grouping alone, on the mentions that are marked, and from the text on, with what the models find."""
    yield Table(
        "grouping",
        "The mentions that are marked, grouped: B³",
        [_alone(part, language, those) for part in PARTS for language, those in _by_language(articles(part))],
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


def _by_language(those: Sequence[Marked]) -> Iterator[tuple[str, list[Marked]]]:
    for language in _LANGUAGES:
        yield language, [each for each in those if each.language == language]
    yield "others", [each for each in those if each.language not in _LANGUAGES]


def _alone(part: str, language: str, those: Sequence[Marked]) -> dict[str, Cell]:
    gold = [each.entities for each in those]
    said = [grouped(each) for each in those]
    precision, recall, f1 = b_cubed(_sums(gold, said))
    *_, by_string = b_cubed(_sums(gold, [_by_string(each, each.entities) for each in those]))
    return {
        "part": part,
        "language": language,
        "articles": len(those),
        "mentions": sum(map(len, gold)),
        "entities": sum(len(set(each.values())) for each in gold),
        "precision": precision,
        "recall": recall,
        "F1": f1,
        "F1 of each name for itself": by_string.value,
        "several taken for one": sum(_several(a, b) for a, b in zip(gold, said, strict=True)),
    }


def _from_the_text(part: str, language: str, those: Sequence[Marked]) -> dict[str, Cell]:
    gold = [each.entities for each in those]
    found = [_found(each) for each in those]
    precision, recall, f1 = b_cubed(
        _sums(gold, [{place: which for place, (which, _) in each.items()} for each in found])
    )
    strings = [_by_string(article, each) for article, each in zip(those, found, strict=True)]
    *_, by_string = b_cubed(_sums(gold, strings))
    types = [
        (entity_type(a[place]), kind)
        for a, b in zip(gold, found, strict=True)
        for place, (_, kind) in b.items()
        if place in a
    ]
    return {
        "part": part,
        "language": language,
        "articles": len(those),
        "mentions": sum(map(len, gold)),
        "precision": precision,
        "recall": recall,
        "F1": f1,
        "F1 of each name for itself": by_string.value,
        "type right": sum(a == b for a, b in types) / max(len(types), 1),
    }


def grouped(article: Marked) -> Grouping:
    """The marked mentions as Telex groups them."""
    texts = {field: read(written).text for field, written in article.fields.items()}
    mentions = [
        mention_at(field, texts[field], start, end, entity_type(entity), article.language)
        for (field, start, end), entity in article.entities.items()
    ]
    groups = group_mentions(mentions, texts, article.language)
    return {(each.field, each.start, each.end): number for number, of in enumerate(groups) for each in of.mentions}


def _by_string(article: Marked, places: Iterable[Place]) -> Grouping:
    return {(field, start, end): article.fields[field][start:end] for field, start, end in places}


def _found(article: Marked) -> dict[Place, tuple[int, EntityType]]:
    """The entity and its type for each mention that Telex finds; what it calls MISC is not marked, and left out where it stands alone."""
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


def _sums(gold: Sequence[Grouping], said: Sequence[Grouping]) -> Sums:
    return np.array([sums(*each) for each in zip(gold, said, strict=True)], dtype=np.float64)


def sums(gold: Grouping, said: Grouping) -> tuple[float, int, float, int]:
    """The sums over an article's mentions that `b_cubed` takes.

    A mention is as precise as the part of its group that is of its entity, and as complete as the part of its entity
    that is in its group; 0 when it is not marked, or not found.
    """
    of_entity, of_group = Counter(gold.values()), Counter(said.values())
    both = Counter((gold[place], said[place]) for place in gold if place in said)
    precision = sum(number**2 / of_group[which] for (_, which), number in both.items())
    recall = sum(number**2 / of_entity[which] for (which, _), number in both.items())
    return precision, len(said), recall, len(gold)


def _several(gold: Grouping, said: Grouping) -> int:
    """How many groups have mentions of more than one entity."""
    pairs = {(said[place], gold[place]) for place in gold}
    return sum(number > 1 for number in Counter(which for which, _ in pairs).values())
