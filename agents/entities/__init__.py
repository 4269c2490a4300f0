"""The entities stage: the people, organisations and places that an article names, each with all its mentions."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from msgspec.structs import replace

from agents.entities import names, ner
from agents.entities.casing import in_sentence_case
from agents.entities.coreference import group_mentions
from agents.entities.coreference.inflection import inflects
from agents.entities.coreference.mention_group import MentionGroup
from agents.entities.detected_mention import Field
from agents.entities.mentions import find
from agents.entities.places import gazetteer, locate
from agents.reading import Reading, read
from agents.sentiment import target as target_sentiment
from agents.sentiment.credits import credits_of, within
from streams import settings
from streams.records import Article, Entities, Entity, Mention, NotAnalysed

_FIELDS: tuple[Field, ...] = ("title", "text")


def load(languages: Collection[str] = ()) -> None:
    """Load the models of these languages; with none, those of TELEX_NER_MODELS, and see that all others are installed.

    Raises TelexError that names a package which is not installed or finds no entities.
    """
    if not languages:
        models()
        gazetteer.load()
    for language in sorted(languages or settings.load().ner_models):
        if language in ner.packages():
            ner.load(language)
        if language in target_sentiment.LANGUAGES:
            target_sentiment.load()


def models() -> dict[str, str]:
    """The languages that are analysed (ISO 639-1), each with its model and version; loads nothing."""
    return {language: ner.model(package) for language, package in sorted(ner.packages().items())}


def analyse(articles: Sequence[Article]) -> list[Entities | NotAnalysed]:
    """The entities of each article, or why there are none: a pure function of its title, text and language."""
    # Language after language, so that a model is not loaded twice where not all of them stay in memory.
    order = sorted(range(len(articles)), key=lambda index: articles[index].language or "")
    found = {index: _analyse(articles[index]) for index in order}
    return [found[index] for index in range(len(articles))]


def _analyse(article: Article) -> Entities | NotAnalysed:
    language = article.language
    if language is None:
        return NotAnalysed(reason="language_unknown")
    package = ner.packages().get(language)
    if package is None:
        return NotAnalysed(reason="no_model_for_language")
    readings = {
        field: read(written) for field, written in zip(_FIELDS, (article.title, article.text), strict=True) if written
    }
    cased = in_sentence_case({field: reading.text for field, reading in readings.items()}, language)
    readings = {field: dataclasses.replace(reading, text=cased[field]) for field, reading in readings.items()}
    found = find(readings, language)
    groups = group_mentions(found, {field: reading.text for field, reading in readings.items()}, language)
    bounds = {
        field: target_sentiment.sentences(reading.text)
        for field, reading in readings.items()
        if language in target_sentiment.LANGUAGES
    }
    credited = {field: credits_of(readings[field].text) for field in bounds}
    entities = [_entity(each, language) for each in groups]
    told = ((_contexts(each, readings, bounds, credited), each.type) for each in groups)
    towards = target_sentiment.towards_each(told, language)
    entities = [replace(entity, sentiment=sentiment) for entity, sentiment in zip(entities, towards, strict=True)]
    # Most often named first, then as the article names them.
    entities.sort(key=lambda entity: (-entity.count, _position(entity.mentions[0])))
    entities = locate(entities, {field: reading.text for field, reading in readings.items()}, language)
    return Entities(model=ner.model(package), items=[_as_published(entity, readings) for entity in entities])


def _contexts(
    of: MentionGroup,
    readings: dict[Field, Reading],
    bounds: dict[Field, list[int]],
    credited: dict[Field, list[tuple[int, int]]],
) -> Iterator[target_sentiment.Context]:
    """The contexts of an entity. They are not read where nothing is to be told: in another language, of a place."""
    for field, begins in bounds.items():
        stand = sorted(
            (each.start, each.end)
            for each in of.mentions
            if each.field == field and not within(each.start, credited[field])
        )
        yield from target_sentiment.contexts(readings[field].text, begins, stand)


def _entity(of: MentionGroup, language: str) -> Entity:
    """The entity of a group, without its sentiment; its mentions stand in the readings."""
    mentions = [Mention(field=found.field, start=found.start, end=found.end, text=found.name) for found in of.mentions]
    mentions.sort(key=_position)
    return Entity(name=_fullest(of, language), type=of.type, count=len(mentions), mentions=mentions)


def _as_published(entity: Entity, readings: dict[Field, Reading]) -> Entity:
    """The entity with its mentions where they stand in the text as it was published."""
    mentions = []
    for mention in entity.mentions:
        reading = readings[mention.field]
        start, end = reading.span(mention.start, mention.end)
        mentions.append(Mention(field=mention.field, start=start, end=end, text=reading.written[start:end]))
    return replace(entity, mentions=mentions)


def _fullest(of: MentionGroup, language: str) -> str:
    """The name with the most words (articles do not count), not all in capitals if there is another, then the most frequent.

    In a language with cases the shortest of those comes before the most frequent: most endings are longer than the
    nominative's.
    """
    counts = Counter(" ".join(mention.name.split()) for mention in of.mentions)
    return max(
        counts,
        key=lambda name: (
            len(names.key(name, language)),
            not name.isupper(),
            -len(name) if inflects(language) else 0,
            counts[name],
        ),
    )


def _position(mention: Mention) -> tuple[int, int]:
    return _FIELDS.index(mention.field), mention.start
