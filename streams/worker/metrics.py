"""The metrics of a worker of a stage, in seconds and base units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prometheus_client import Counter

from streams.records.headers import Headers, published_at
from streams.records.outcomes import Dead, Derived, Outcome
from streams.worker import analysers
from streams.worker.source_metrics import SourceMetrics
from streams.worker.worker_metrics import WorkerMetrics


class StageMetrics(WorkerMetrics):
    """The counters, gauges and histograms of one worker.

    Args:
        stage: the stage's name.
        sources_shown: sources of articles with series of their own.

    Attributes:
        sources: the metrics of the sources, which the last stage counts.
    """

    def __init__(self, stage: str, sources_shown: int = 100) -> None:
        super().__init__(stage, analysers.distribution(stage))
        self._articles = self._counter("telex_articles", "Articles finished.", "stage", "outcome")
        self._stage_seconds = self._histogram(
            "telex_stage_seconds", "From the taking of an article to the delivery of its output.", "stage"
        )
        self._analysis_seconds = self._histogram(
            "telex_analysis_seconds", "Analysis of an article, its batch's time shared out.", "stage", "language"
        )
        self._published = self._histogram(
            "telex_publish_to_enriched_seconds", "From the publication of an article to its enriched record."
        )
        # The partitions with a lag, by topic.
        self._lagging: dict[str, frozenset[int]] = {}
        self._tallies: Mapping[str, Counter] = {
            "language": self._counter("telex_languages", "Languages identified.", "language"),
            "entities": self._counter("telex_entities", "Entities found.", "type"),
            "sentiment": self._counter("telex_sentiment", "Sentiments found.", "label"),
        }
        self._matches = self._counter("telex_matches", "Matches of articles with watches.", "stage")
        self.sources = SourceMetrics(self.registry, sources_shown)
        self._restarts = self._counter("telex_pool_restarts", "Analysis processes replaced.", "stage", "cause")

    def finished(
        self, headers: Sequence[Headers], outcomes: Sequence[Outcome], seconds: float, *, enriched: bool
    ) -> None:
        """Count a batch that was delivered and acknowledged.

        Args:
            headers: of the consumed records.
            outcomes: of the records, in the same order.
            seconds: from the taking of the batch to its acknowledgement.
            enriched: whether this is the last stage of the pipeline.
        """
        self.progressed()
        for before, outcome in zip(headers, outcomes, strict=True):
            self._stage_seconds.labels(self._name).observe(seconds)
            if isinstance(outcome, Dead):
                self._articles.labels(self._name, "dead").inc()
                self.dead_letter(outcome.reason)
                continue
            if isinstance(outcome, Derived):
                self._articles.labels(self._name, "analysed").inc()
                self._analysis_seconds.labels(self._name, "any").observe(outcome.seconds)
                self._matches.labels(self._name).inc(len(outcome.records))
                continue
            self._articles.labels(self._name, "analysed" if outcome.analysed else "not_analysed").inc()
            self._analysis_seconds.labels(self._name, outcome.language).observe(outcome.seconds)
            for kind, count in outcome.tally.items():
                if self._name in self._tallies:
                    self._tallies[self._name].labels(kind).inc(count)
            published = published_at(before) if enriched else None
            # A time in the future comes from a wrong clock and gives no latency.
            if published is not None and published <= self._last_progress:
                self._published.observe(self._last_progress - published)
            if enriched:
                self.sources.count(outcome.value, before, published, self._last_progress)

    def second_pass(self, outcomes: Sequence[Outcome]) -> None:
        """Count what the second pass of a stage gave. Its articles are counted by the first one."""
        for outcome in outcomes:
            if isinstance(outcome, Derived):
                self._matches.labels(self._name).inc(len(outcome.records))
            elif isinstance(outcome, Dead):
                self.dead_letter(outcome.reason)

    def lag(self, topic: str, lags: Mapping[int, int]) -> None:
        """Set the lag of the assigned partitions of a topic, and remove the others of the topic."""
        for partition in self._lagging.get(topic, frozenset()) - lags.keys():
            self._lag.remove(self._name, topic, str(partition))
        self._lagging[topic] = frozenset(lags)
        for partition, records in lags.items():
            self._lag.labels(self._name, topic, str(partition)).set(records)

    def lost(self, topic: str, partition: int, records: int) -> None:
        """Count records that Kafka deleted before they were read."""
        self._lost.labels(self._name, topic, str(partition)).inc(records)

    def restarted(self, cause: str) -> None:
        """Count a replaced analysis process."""
        self._restarts.labels(self._name, cause).inc()
