"""The entities stage: the people, organisations and places that an article names, each with all its mentions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agents import gazetteer, names, ner
from agents.grouping import Group, group
from agents.mentions import Field, find
from agents.places import located
from agents.reading import Reading, read
from streams.records import Article, Entities, Entity, Mention, NotAnalysed

_FIELDS: tuple[Field, ...] = ("title", "text")


def load() -> None:
    """Load the model of every language, and the gazetteer. Raises TelexError that names what is not installed or finds no entities."""
    for language in ner.packages():
        ner.load(language)
    gazetteer.load()


def models() -> dict[str, str]:
    """The languages that are analysed (ISO 639-1), each with its model and version; loads nothing."""
    return {language: ner.model(package) for language, package in sorted(ner.packages().items())}


def analyse(articles: Sequence[Article]) -> list[Entities | NotAnalysed]:
    """The entities of each article, or why there are none: a pure function of its title, text and language."""
    return [_analyse(article) for article in articles]


def _analyse(article: Article) -> Entities | NotAnalysed:
    language = article.language
    if language is None:
        return NotAnalysed(reason="language_unknown")
    package = ner.packages().get(language)
    if package is None:
        return NotAnalysed(reason="no_model_for_language")
    readings = {field: read(written) for field, written in zip(_FIELDS, (article.title, article.text), strict=True) if written}
    found = find(readings, language)
    groups = group(found, {field: reading.text for field, reading in readings.items()}, language)
    entities = [_entity(each, readings, language) for each in groups]
    # Most often named first, then as the article names them.
    entities.sort(key=lambda entity: (-entity.count, _place(entity.mentions[0])))
    entities = located(entities, {"title": article.title, "text": article.text}, language)
    return Entities(model=ner.model(package), items=entities)


def _entity(of: Group, readings: dict[Field, Reading], language: str) -> Entity:
    mentions = []
    for found in of.mentions:
        reading = readings[found.field]
        start, end = reading.span(found.start, found.end)
        mentions.append(Mention(field=found.field, start=start, end=end, text=reading.written[start:end]))
    mentions.sort(key=_place)
    return Entity(name=_fullest(of, language), type=of.type, count=len(mentions), mentions=mentions)


def _fullest(of: Group, language: str) -> str:
    """The name with the most words (articles do not count), not all in capitals if there is another, then the most frequent."""
    counts = Counter(" ".join(mention.name.split()) for mention in of.mentions)
    return max(counts, key=lambda name: (len(names.key(name, language)), not name.isupper(), counts[name]))


def _place(mention: Mention) -> tuple[int, int]:
    return _FIELDS.index(mention.field), mention.start
