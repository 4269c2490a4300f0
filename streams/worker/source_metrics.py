"""The metrics of a worker of the last stage on the sources of the articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge

from streams.records.headers import Headers
from streams.sources.article_facts import article_facts
from streams.sources.source_ranking import SourceRanking, language_name
from streams.worker.source_memory import KnownSource, SourceMemory

# Seconds between two writes of what is known. A worker that is killed forgets what came after the last one.
WRITE_INTERVAL_S = 60.0


@dataclass
class _Series:
    """The series of a source in a language."""

    articles: Counter
    last: Gauge
    last_article: float = 0.0

    def published(self, at: float) -> None:
        if at > self.last_article:
            self.last_article = at
            self.last.set(at)


class SourceMetrics:
    """The counters and the gauge of each source and language. There are few of them, whatever the articles say.

    Args:
        registry: of the worker.
        most: sources with names of their own.
    """

    def __init__(self, registry: CollectorRegistry, most: int) -> None:
        names = ["source", "language"]
        self._articles = Counter("telex_source_articles", "Articles enriched.", names, registry=registry)
        self._not_analysed = Counter(
            "telex_source_not_analysed",
            "Articles enriched without a result of a stage.",
            [*names, "stage", "reason"],
            registry=registry,
        )
        self._last = Gauge(
            "telex_source_last_article_timestamp_seconds",
            "When the newest article was published to Telex.",
            names,
            registry=registry,
        )
        self._most = most
        self._ranking = SourceRanking(most)
        self._series: dict[str, dict[str, _Series]] = {}
        self._memory: SourceMemory | None = None
        self._written = 0.0

    def keep_in(self, folder: Path, now: float) -> None:
        """Go on with what the worker knew when it ran before, and keep that in its folder from now on.

        The series begin at 0, so that Prometheus sees the increase by the first article.
        """
        self._memory = SourceMemory(folder)
        known = self._memory.read()
        self._ranking = SourceRanking(self._most, {source: each.score for source, each in known.items()})
        for source in self._ranking.scores:
            for language, last_article in known[source].last_article.items():
                self._of(source, language).published(min(last_article, now))

    def count(self, value: bytes, headers: Headers, published: float | None, now: float) -> None:
        """Count an article that was enriched and acknowledged.

        Args:
            value, headers: of its record.
            published: when it was published to Telex; None where that is not known. A time in the future is now.
            now: in seconds since 1970, like `published`.
        """
        facts = article_facts(value, headers)
        if facts is None:
            return
        source, dropped = self._ranking.name(facts.source, now)
        if dropped is not None:
            self._drop(dropped)
        series = self._of(source, facts.language)
        series.articles.inc()
        series.published(now if published is None else min(published, now))
        for stage, reason in facts.not_analysed:
            language = language_name(facts.language, self._series[source])
            self._not_analysed.labels(source, language, stage, reason).inc()
        if self._memory and now - self._written > WRITE_INTERVAL_S:
            self._memory.write(self._known())
            self._written = now

    def _of(self, source: str, language: str) -> _Series:
        languages = self._series.setdefault(source, {})
        language = language_name(language, languages)
        if language not in languages:
            labels = (source, language)
            languages[language] = _Series(self._articles.labels(*labels), self._last.labels(*labels))
        return languages[language]

    def _drop(self, source: str) -> None:
        del self._series[source]
        for metric in (self._articles, self._not_analysed, self._last):
            metric.remove_by_labels({"source": source})

    def _known(self) -> Mapping[str, KnownSource]:
        return {
            source: KnownSource(
                score, {language: each.last_article for language, each in self._series.get(source, {}).items()}
            )
            for source, score in self._ranking.scores.items()
        }
