"""The articles of each source and language in the last hour and day, and which sources are silent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from streams.sources.article_facts import OTHER, UNKNOWN, Facts
from streams.sources.silence import is_silent
from streams.sources.sliding_window import SlidingWindow
from streams.sources.source_ranking import SourceRanking, language_name

HOUR_S, DAY_S = 3600, 86_400
# Seconds whose articles tell the rhythm of a source. While it rests at night, the night before is among them.
RHYTHM_S = 2 * DAY_S
# Seconds of a slot in which the articles of a day or a rhythm are counted.
_SLOT_S = 900
# Sources that are counted by name, for each one that is shown. A source that has few articles at first is then counted
# from its first one on.
_COUNTED_FOR_EACH = 10


def _hour() -> SlidingWindow:
    return SlidingWindow(60, 60)


def _day() -> SlidingWindow:
    return SlidingWindow(_SLOT_S, DAY_S // _SLOT_S)


def _rhythm() -> SlidingWindow:
    return SlidingWindow(_SLOT_S, RHYTHM_S // _SLOT_S)


@dataclass(frozen=True)
class SourceRow:
    """The articles of a source in a language.

    Attributes:
        source, language: their names; `other` for all that do not fit, `unknown` for articles that name none.
        last_hour, last_day: articles of the last hour (to the minute) and day (to a quarter of an hour).
        last_article: when the newest article was published to Telex, in seconds since 1970.
        not_analysed: by stage and by reason, the share of the articles of the last day without a result, 0 to 1.
        silent: whether the source has been without an article for more than twice its longest pause.
    """

    source: str
    language: str
    last_hour: int
    last_day: int
    last_article: float
    not_analysed: Mapping[str, Mapping[str, float]]
    silent: bool


@dataclass
class _Counts:
    hour: SlidingWindow = field(default_factory=_hour)
    day: SlidingWindow = field(default_factory=_day)
    last_article: float = 0.0
    not_analysed: defaultdict[tuple[str, str], SlidingWindow] = field(default_factory=lambda: defaultdict(_day))

    def merge(self, other: _Counts) -> None:
        self.hour.merge(other.hour)
        self.day.merge(other.day)
        self.last_article = max(self.last_article, other.last_article)
        for reason, window in other.not_analysed.items():
            self.not_analysed[reason].merge(window)


class SourceTable:
    """Counts articles by source and language. Its memory is bounded, whatever the articles say.

    Args:
        most: sources that `rows` shows by name.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._ranking = SourceRanking(_COUNTED_FOR_EACH * most)
        self._counts: dict[str, dict[str, _Counts]] = {}
        self._rhythms: dict[str, SlidingWindow] = {}

    def add(self, facts: Facts, enriched: float, published: float) -> None:
        """Count an article.

        Args:
            facts: of the article.
            enriched: when it was enriched, in seconds since 1970.
            published: when it was published to Telex.
        """
        source, dropped = self._ranking.name(facts.source, enriched)
        if dropped is not None:
            _merge(self._counts.setdefault(OTHER, {}), self._counts.pop(dropped, {}))
            self._rhythms.pop(dropped, None)
        self._rhythms.setdefault(source, _rhythm()).add(enriched)
        languages = self._counts.setdefault(source, {})
        counts = languages.setdefault(language_name(facts.language, languages), _Counts())
        counts.hour.add(enriched)
        counts.day.add(enriched)
        counts.last_article = max(counts.last_article, published)
        for reason in facts.not_analysed:
            counts.not_analysed[reason].add(enriched)

    def rows(self, now: float) -> list[SourceRow]:
        """The rows of the sources with the most articles in the last day, then `other`.

        A source without an article in the last two days is not there.
        """
        articles = {
            source: sum(counts.day.total(now) for counts in languages.values())
            for source, languages in self._counts.items()
        }
        ranked = sorted(articles.keys() - {OTHER}, key=lambda source: (-articles[source], source))
        rest: dict[str, _Counts] = {}
        for source in [*ranked[self._most :], OTHER]:
            _merge(rest, self._counts.get(source, {}))
        rows = [row for source in ranked[: self._most] for row in self._rows_of(source, now)]
        return [*rows, *_rows(OTHER, rest, now, silent=False)]

    def _rows_of(self, source: str, now: float) -> Iterator[SourceRow]:
        languages = self._counts[source]
        age = now - max(counts.last_article for counts in languages.values())
        silent = source != UNKNOWN and is_silent(self._rhythms[source].counts(now), _SLOT_S, age)
        return _rows(source, languages, now, silent)


def _rows(source: str, languages: Mapping[str, _Counts], now: float, silent: bool) -> Iterator[SourceRow]:
    by_articles = sorted(languages.items(), key=lambda item: (-item[1].day.total(now), item[0]))
    for language, counts in by_articles:
        day = counts.day.total(now)
        if day or now - counts.last_article < RHYTHM_S:
            shares = _shares(counts, now)
            yield SourceRow(source, language, counts.hour.total(now), day, counts.last_article, shares, silent)


def _merge(languages: dict[str, _Counts], others: Mapping[str, _Counts]) -> None:
    """Add the counts of the languages of a source to those of another one."""
    for language, counts in others.items():
        languages.setdefault(language_name(language, languages), _Counts()).merge(counts)


def _shares(counts: _Counts, now: float) -> dict[str, dict[str, float]]:
    shares: dict[str, dict[str, float]] = {}
    for (stage, reason), window in sorted(counts.not_analysed.items()):
        if articles := window.total(now):
            shares.setdefault(stage, {})[reason] = round(articles / counts.day.total(now), 4)
    return shares
