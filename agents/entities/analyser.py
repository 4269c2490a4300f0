"""The entities of an article: the analyser of the stage, and the models that it needs."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from agents.encoder.encoder import encoder
from agents.entities import names
from agents.entities.casing.sentence_case import in_sentence_case
from agents.entities.coreference import group_mentions
from agents.entities.coreference.mention_group import MentionGroup
from agents.entities.detected_mention import Field
from agents.entities.inflection import inflects
from agents.entities.mention_detection import detect_mentions
from agents.entities.places import gazetteer, locate
from agents.entities.recognition import ner
from agents.normalization import NormalizedText, normalize
from streams import settings
from streams.records import Article, Entities, Entity, Mention, NotAnalysed

_FIELDS: tuple[Field, ...] = ("title", "text")
# Digits of a published confidence.
CONFIDENCE_DIGITS = 3


def load(languages: Collection[str] = ()) -> None:
    """Load the models of these languages.

    Without languages it loads the encoder, the models of TELEX_NER_MODELS and the gazetteer, and checks that all other
    models are installed.

    Raises:
        TelexError: a package is not installed, or finds no entities.
    """
    if not languages:
        models()
        gazetteer.load()
        encoder()
    for language in sorted(languages or settings.load().ner_models):
        if language in ner.packages():
            ner.load(language)


def models() -> dict[str, str]:
    """The languages that have an entity model (ISO 639-1), each with its model and version; loads nothing."""
    return {language: ner.model(package) for language, package in sorted(ner.packages().items())}


def analyse(articles: Sequence[Article]) -> list[Entities | NotAnalysed]:
    """The entities of each article, or why there are none: a pure function of its title, text and language."""
    # One language after another: if not all models stay in memory, none is loaded twice.
    by_language = sorted(range(len(articles)), key=lambda index: articles[index].language or "")
    analyses = {index: _analyse(articles[index]) for index in by_language}
    return [analyses[index] for index in range(len(articles))]


def _analyse(article: Article) -> Entities | NotAnalysed:
    language = article.language
    if language is None:
        return NotAnalysed(reason="language_unknown")
    package = ner.packages().get(language)
    if package is None:
        return NotAnalysed(reason="no_model_for_language")
    readings = _readings(article, language)
    texts = {field: reading.text for field, reading in readings.items()}
    groups = group_mentions(detect_mentions(texts, language), texts, language)
    entities = [_entity(group, language) for group in groups]
    # The entity with most mentions first; entities with as many in the order in which the article names them.
    entities.sort(key=lambda entity: (-entity.count, _position(entity.mentions[0])))
    located = locate(entities, texts, language)
    return Entities(model=ner.model(package), items=[_as_published(entity, readings) for entity in located])


def _readings(article: Article, language: str) -> dict[Field, NormalizedText]:
    """The fields of the article without mark-up and in sentence case; an empty field is left out."""
    written: dict[Field, str | None] = {"title": article.title, "text": article.text}
    readings = {field: normalize(value) for field, value in written.items() if value}
    texts = in_sentence_case({field: reading.text for field, reading in readings.items()}, language)
    return {field: dataclasses.replace(reading, text=texts[field]) for field, reading in readings.items()}


def _entity(group: MentionGroup, language: str) -> Entity:
    """The entity of a group. Its mentions have the offsets of the readings."""
    mentions = [
        Mention(field=mention.field, start=mention.start, end=mention.end, text=mention.name)
        for mention in group.mentions
    ]
    mentions.sort(key=_position)
    sure = [
        mention.confidence
        for mention in group.mentions
        if mention.confidence is not None and mention.type == group.type
    ]
    return Entity(
        name=_fullest_name(group, language),
        type=group.type,
        count=len(mentions),
        mentions=mentions,
        confidence=round(max(sure), CONFIDENCE_DIGITS) if sure else None,
    )


def _fullest_name(group: MentionGroup, language: str) -> str:
    """The name of the group with the most words, without counting articles.

    Of several such names it is one that is not all in capitals, then the most frequent one. In a language with cases
    the shortest one comes before the most frequent one: most endings are longer than that of the nominative.
    """
    counts = Counter(" ".join(mention.name.split()) for mention in group.mentions)
    return max(
        counts,
        key=lambda name: (
            len(names.key(name, language)),
            not name.isupper(),
            -len(name) if inflects(language) else 0,
            counts[name],
        ),
    )


def _as_published(entity: Entity, readings: Mapping[Field, NormalizedText]) -> Entity:
    """The entity, its mentions with the offsets and the text of the article as it was published."""
    mentions = []
    for mention in entity.mentions:
        reading = readings[mention.field]
        start, end = reading.original_span(mention.start, mention.end)
        mentions.append(Mention(field=mention.field, start=start, end=end, text=reading.original[start:end]))
    return replace(entity, mentions=mentions)


def _position(mention: Mention) -> tuple[int, int]:
    return _FIELDS.index(mention.field), mention.start
