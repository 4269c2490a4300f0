"""Which sources have a name of their own: those with the most articles. All others together are `other`.

The choice is stable. A source keeps its name until one without a name has twice as many articles, so that two sources
with nearly as many do not take the name from each other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from heapq import nlargest
from math import inf, log2
from operator import itemgetter

from streams.sources.article_facts import OTHER

# Sources without a name whose articles are counted, for each source with a name. At twice as many, those with the
# fewest articles are forgotten, so that any number of sources takes bounded memory.
WAITING_FOR_EACH = 9
# Most languages of a source that are told apart. Newsrooms have a few, and agencies up to eight.
MAX_LANGUAGES = 10
# Seconds after which an article counts half.
HALF_LIFE_S = 86_400.0
# A name changes hands when the score of the other source is higher by this: twice as many articles.
_TWICE = 1.0


class SourceRanking:
    """The sources with names, and those that wait for one.

    Args:
        most: the number of names.
        scores: what `scores` gave before, of the same or another ranking.
    """

    def __init__(self, most: int, scores: Mapping[str, float] | None = None) -> None:
        self._most = most
        self._named = dict(nlargest(most, (scores or {}).items(), key=itemgetter(1)))
        self._waiting: dict[str, float] = {}
        # No source with a name has a lower score, once all names are taken. Scores only rise.
        self._floor = -inf

    @property
    def scores(self) -> dict[str, float]:
        """The score of each source that has a name.

        It is the logarithm to the base 2 of the number of articles, where an article counts twice as much as one of the
        day before. So it needs no correction as time passes.
        """
        return dict(self._named)

    def name(self, source: str, at: float) -> tuple[str, str | None]:
        """Count an article.

        Args:
            source: of the article.
            at: its time, in seconds since 1970.

        Returns:
            The name under which the article counts, its source or `other`; and the source that has lost its name to
            this one, if there is one: its articles are `other` from now on.
        """
        day = at / HALF_LIFE_S
        if source in self._named:
            self._named[source] = _sum(self._named[source], day)
            return source, None
        if source == OTHER:
            return OTHER, None
        score = _sum(self._waiting.pop(source, -inf), day)
        dropped = None
        if len(self._named) >= self._most:
            dropped = self._weaker_than(score)
            if dropped is None:
                self._wait(source, score)
                return OTHER, None
            self._wait(dropped, self._named.pop(dropped))
        self._named[source] = score
        return source, dropped

    def _weaker_than(self, score: float) -> str | None:
        """The source with a name that has half as many articles at most, and the fewest; None where none has."""
        if score < self._floor + _TWICE:
            return None
        weakest = min(self._named, key=self._named.__getitem__)
        self._floor = self._named[weakest]
        return weakest if score >= self._floor + _TWICE else None

    def _wait(self, source: str, score: float) -> None:
        self._waiting[source] = score
        most = WAITING_FOR_EACH * self._most
        if len(self._waiting) > 2 * most:
            self._waiting = dict(nlargest(most, self._waiting.items(), key=itemgetter(1)))


def _sum(score: float, other: float) -> float:
    """The score of the articles of two scores together."""
    high, low = max(score, other), min(score, other)
    return high + log2(1 + 2 ** (low - high))


def language_name(language: str, known: Collection[str]) -> str:
    """Under which name a language counts: its own, or `other` where the source has MAX_LANGUAGES others already."""
    return language if language in known or len(known) < MAX_LANGUAGES else OTHER
