"""Whether an article meets a filter, and which of its mentions and passages did."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from msgspec import Struct

from streams.records import Entity, EntityType, Mention
from streams.records.filters.filter import Filter
from streams.records.filters.filtered_article import FilteredArticle
from streams.records.filters.words import forms, name_form


class MatchedEntity(Struct, frozen=True, kw_only=True):
    """An entity that meets the conditions on entities, with all its mentions."""

    name: str
    type: EntityType
    mentions: list[Mention]


class Match(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The parts of an article that met a filter.

    Attributes:
        entities: the entities that meet the conditions on entities, where the filter has any.
        passages: where the words and phrases of the filter stand, in the order of the title and the text.
    """

    entities: list[MatchedEntity] = []
    passages: list[Mention] = []

    @property
    def marks(self) -> list[Mention]:
        """All mentions and passages."""
        return [*(mention for entity in self.entities for mention in entity.mentions), *self.passages]


class Matcher:
    """A filter that is ready to match.

    An article that a stage could not analyse meets no condition on that analysis, not even one that excludes: nobody
    knows whether the article has what is excluded.
    """

    def __init__(self, wanted: Filter) -> None:
        self.filter = wanted
        self.names = set(map(name_form, wanted.entity))
        self.all_names = set(map(name_form, wanted.entity_all))
        self.no_names = set(map(name_form, wanted.entity_none))
        self.phrases, self.all_phrases, self.no_phrases = (
            [tuple(forms(phrase)) for phrase in phrases] for phrases in (wanted.text, wanted.text_all, wanted.text_none)
        )
        self.sources = set(map(name_form, wanted.source))
        self.no_sources = set(map(name_form, wanted.source_none))
        self.all_countries = set(wanted.country_all)
        self._is_on_one = bool(self.names or wanted.country or wanted.type or wanted.mentions or wanted.towards)
        self._is_on_all = bool(self.all_names or self.all_countries)
        self._is_on_entities = bool(self._is_on_one or self._is_on_all or self.no_names or wanted.country_none)

    def match(self, article: FilteredArticle) -> Match | None:
        """The parts of the article that met the filter; None if the article does not meet it."""
        if not (self._meets_simple(article) and self._meets_words(article)):
            return None
        if not self._is_on_entities:
            return Match(passages=self._passages(article))
        entities = self._met_by(article)
        if entities is None:
            return None
        return Match(
            entities=[MatchedEntity(name=each.name, type=each.type, mentions=each.mentions) for each in entities],
            passages=self._passages(article),
        )

    def _meets_simple(self, article: FilteredArticle) -> bool:
        wanted = self.filter
        return (
            (not wanted.language or article.language in wanted.language)
            and (not wanted.language_none or article.language not in (None, *wanted.language_none))
            and (not wanted.sentiment or article.sentiment in wanted.sentiment)
            and (not wanted.stories or article.story in wanted.stories)
            and (not self.sources or article.source in self.sources)
            and not (self.no_sources and article.source in self.no_sources)
        )

    def _meets_words(self, article: FilteredArticle) -> bool:
        return (
            (not self.phrases or any(map(article.has, self.phrases)))
            and all(map(article.has, self.all_phrases))
            and not any(map(article.has, self.no_phrases))
        )

    def _passages(self, article: FilteredArticle) -> list[Mention]:
        phrases = dict.fromkeys([*self.phrases, *self.all_phrases])
        return [passage for phrase in phrases for passage in article.passages(phrase)]

    def _met_by(self, article: FilteredArticle) -> list[Entity] | None:
        """The entities that meet the conditions on entities; None where these are not met."""
        wanted = self.filter
        if (
            article.entities is None
            or any(self.no_names & names for names in article.names)
            or any(_country(entity) in wanted.country_none for entity in article.entities)
        ):
            return None
        counted = list(self._counted(article))
        of_one = [
            entity
            for entity, names in counted
            if (not self.names or self.names & names) and (not wanted.country or _country(entity) in wanted.country)
        ]
        of_all = [
            entity for entity, names in counted if self.all_names & names or _country(entity) in self.all_countries
        ]
        if (
            (self._is_on_one and not of_one)
            or not self.all_names.issubset(chain.from_iterable(names for _, names in counted))
            or not self.all_countries.issubset(_country(entity) for entity in of_all)
        ):
            return None
        # Type, mentions and sentiment only narrow the choice, where others name the entities.
        is_wanted = self.names or wanted.country or not self._is_on_all
        met = {id(entity) for entity in (*(of_one if self._is_on_one and is_wanted else ()), *of_all)}
        return [entity for entity, _ in counted if id(entity) in met]

    def _counted(self, article: FilteredArticle) -> Iterator[tuple[Entity, frozenset[str]]]:
        """The entities that have a wanted type, enough mentions and a wanted sentiment, with their names."""
        wanted = self.filter
        for entity, names in zip(article.entities or (), article.names, strict=True):
            if (
                (not wanted.type or entity.type in wanted.type)
                and entity.count >= wanted.mentions
                and (not wanted.towards or article.towards.get((entity.name, entity.type)) in wanted.towards)
            ):
                yield entity, names


def _country(entity: Entity) -> str | None:
    return entity.place.country if entity.place else None
