"""Many filters at once: an index finds those that an article may meet, so that the others cost nothing.

An article that meets a filter has one value of each condition: one of the names, for example, and one of the phrases.
The index lists a filter under the values of one condition only, the one that the fewest articles are likely to meet. It
matches an article with the filters that are listed under the article's own values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache

from streams.records.filters.filter import Filter
from streams.records.filters.filtered_article import FilteredArticle
from streams.records.filters.matching import Match, Matcher

# The values of an article, by the kind of value: first the kinds of which articles share the fewest values.
_VALUES: dict[str, Callable[[FilteredArticle], Collection[str | None]]] = {
    "name": lambda article: {name for names in article.names for name in names},
    "word": lambda article: article.words,
    "source": lambda article: (article.source,),
    "country": lambda article: {entity.place.country for entity in article.entities or () if entity.place},
    "towards": lambda article: set(article.towards.values()),
    "language": lambda article: (article.language,),
    "sentiment": lambda article: (article.sentiment,),
    "type": lambda article: {entity.type for entity in article.entities or ()},
    "every": lambda _: ("",),
}
_RANKS = {kind: rank for rank, kind in enumerate(_VALUES)}


# A change of one filter does not prepare all others anew.
_matcher = lru_cache(20_000)(Matcher)


class FilterIndex:
    """Named filters. It never changes, so that an article is matched with the filters of one moment.

    Args:
        filters: the filters by their names.
    """

    def __init__(self, filters: Mapping[str, Filter]) -> None:
        names: defaultdict[Filter, list[str]] = defaultdict(list)
        for name in sorted(filters):
            names[filters[name]].append(name)
        self._listed: defaultdict[str, defaultdict[str, list[Matcher]]] = defaultdict(lambda: defaultdict(list))
        for wanted in names:
            matcher = _matcher(wanted)
            kind, values = min(self._conditions(matcher), key=lambda pair: (_RANKS[pair[0]], len(pair[1])))
            for value in values:
                self._listed[kind][value].append(matcher)
        self._names = dict(names)

    @property
    def is_empty(self) -> bool:
        """Whether there is no filter."""
        return not self._names

    def match(self, article: FilteredArticle) -> list[tuple[str, Match]]:
        """The names of the filters that the article meets, in alphabetical order, and what met each."""
        candidates = {
            id(matcher): matcher
            for kind, matchers in self._listed.items()
            for value in _VALUES[kind](article)
            if value is not None and value in matchers
            for matcher in matchers[value]
        }
        found = [
            (name, match)
            for matcher in candidates.values()
            if (match := matcher.match(article))
            for name in self._names[matcher.filter]
        ]
        return sorted(found, key=lambda pair: pair[0])

    def _conditions(self, matcher: Matcher) -> Iterator[tuple[str, Collection[str]]]:
        """The conditions of a filter: the kind of their values, and the values, of which an article has to have one."""
        yield "every", ("",)
        for name in matcher.all_names:
            yield "name", (name,)
        for country in matcher.all_countries:
            yield "country", (country,)
        for phrase in matcher.all_phrases:
            yield "word", (self._rarest_word(phrase),)
        wanted = matcher.filter
        for kind, values in (
            ("name", matcher.names),
            ("word", {self._rarest_word(phrase) for phrase in matcher.phrases}),
            ("source", matcher.sources),
            ("country", wanted.country),
            ("towards", wanted.towards),
            ("language", wanted.language),
            ("sentiment", wanted.sentiment),
            ("type", wanted.type),
        ):
            if values:
                yield kind, values

    def _rarest_word(self, phrase: tuple[str, ...]) -> str:
        """The word of a phrase under which the fewest filters are listed, and of several the longest."""
        listed = self._listed["word"]
        return min(phrase, key=lambda word: (len(listed[word]) if word in listed else 0, -len(word), word))
