"""The metrics of a worker, in seconds and base units.

Every label has a bounded set of values: no article ids, no entity names.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from platform import python_version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from streams.errors import Reason
from streams.records.headers import Headers, published_at
from streams.records.outcomes import Dead, Derived, Outcome
from streams.worker import analysers
from streams.worker.source_metrics import SourceMetrics

# The buckets reach from the time of a small article (10 ms) to times that show a fault (minutes).
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class StageMetrics:
    """The counters, gauges and histograms of one worker.

    Args:
        stage: the stage's name.
        sources_shown: sources of articles with series of their own.

    Attributes:
        sources: the metrics of the sources, which the last stage counts.
    """

    def __init__(self, stage: str, sources_shown: int = 100) -> None:
        self.registry = CollectorRegistry()
        self._stage = stage
        self._last_progress = time.time()
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
        self._lag = self._gauge("telex_consumer_lag", "Records that are not finished.", "stage", "topic", "partition")
        # The partitions with a lag, by topic.
        self._lagging: dict[str, frozenset[int]] = {}
        self._lost = self._counter(
            "telex_records_lost", "Records deleted from the topic before they were read.", "stage", "topic", "partition"
        )
        self._dead = self._counter("telex_dead_letters", "Records that became dead letters.", "stage", "reason")
        self._tallies: Mapping[str, Counter] = {
            "language": self._counter("telex_languages", "Languages identified.", "language"),
            "entities": self._counter("telex_entities", "Entities found.", "type"),
            "sentiment": self._counter("telex_sentiment", "Sentiments found.", "label"),
        }
        self._matches = self._counter("telex_matches", "Matches of articles with watches.", "stage")
        self._progress = self._gauge(
            "telex_last_progress_timestamp_seconds", "When the last batch was finished, or the worker started.", "stage"
        )
        self._progress.labels(stage).set(self._last_progress)
        self.sources = SourceMetrics(self.registry, sources_shown)
        self._restarts = self._counter("telex_pool_restarts", "Analysis processes replaced.", "stage", "cause")
        build = self._gauge("telex_build_info", "Versions, always 1.", "version", "python", "stage", "analyser")
        build.labels(version("telex"), python_version(), stage, analysers.distribution(stage)).set(1)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(name, what, labels, buckets=SECONDS, registry=self.registry)

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
            self._stage_seconds.labels(self._stage).observe(seconds)
            if isinstance(outcome, Dead):
                self._articles.labels(self._stage, "dead").inc()
                self.dead_letter(outcome.reason)
                continue
            if isinstance(outcome, Derived):
                self._articles.labels(self._stage, "analysed").inc()
                self._analysis_seconds.labels(self._stage, "any").observe(outcome.seconds)
                self._matches.labels(self._stage).inc(len(outcome.records))
                continue
            self._articles.labels(self._stage, "analysed" if outcome.analysed else "not_analysed").inc()
            self._analysis_seconds.labels(self._stage, outcome.language).observe(outcome.seconds)
            for kind, count in outcome.tally.items():
                if self._stage in self._tallies:
                    self._tallies[self._stage].labels(kind).inc(count)
            published = published_at(before) if enriched else None
            # A time in the future comes from a wrong clock and gives no latency.
            if published is not None and published <= self._last_progress:
                self._published.observe(self._last_progress - published)
            if enriched:
                self.sources.count(outcome.value, before, published, self._last_progress)

    def second(self, outcomes: Sequence[Outcome]) -> None:
        """Count what the second pass of a stage gave. Its articles are counted by the first one."""
        for outcome in outcomes:
            if isinstance(outcome, Derived):
                self._matches.labels(self._stage).inc(len(outcome.records))
            elif isinstance(outcome, Dead):
                self.dead_letter(outcome.reason)

    def progressed(self) -> None:
        """Note that records were finished now."""
        self._last_progress = time.time()
        self._progress.labels(self._stage).set(self._last_progress)

    def dead_letter(self, reason: Reason) -> None:
        """Count a dead letter."""
        self._dead.labels(self._stage, reason).inc()

    def lag(self, topic: str, lags: Mapping[int, int]) -> None:
        """Set the lag of the assigned partitions of a topic, and remove the others of the topic."""
        for partition in self._lagging.get(topic, frozenset()) - lags.keys():
            self._lag.remove(self._stage, topic, str(partition))
        self._lagging[topic] = frozenset(lags)
        for partition, records in lags.items():
            self._lag.labels(self._stage, topic, str(partition)).set(records)

    def lost(self, topic: str, partition: int, records: int) -> None:
        """Count records that Kafka deleted before they were read."""
        self._lost.labels(self._stage, topic, str(partition)).inc(records)

    def restarted(self, cause: str) -> None:
        """Count a replaced analysis process."""
        self._restarts.labels(self._stage, cause).inc()
