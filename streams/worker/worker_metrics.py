"""The metrics that every worker has, whether it runs a stage or a task.

Every label has a bounded set of values: no article ids, no entity names.
"""

from __future__ import annotations

import time
from importlib.metadata import version
from platform import python_version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from streams.errors import Reason

# The buckets reach from the time of a small article (10 ms) to times that show a fault (minutes).
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class WorkerMetrics:
    """The counters and gauges of one worker.

    Args:
        name: of its stage or task.
        analyser: what it runs, with the version.

    Attributes:
        registry: what `/metrics` shows.
    """

    def __init__(self, name: str, analyser: str) -> None:
        self.registry = CollectorRegistry()
        self._name = name
        self._lag = self._gauge("telex_consumer_lag", "Records that are not finished.", "stage", "topic", "partition")
        self._lost = self._counter(
            "telex_records_lost", "Records deleted from the topic before they were read.", "stage", "topic", "partition"
        )
        self._dead = self._counter("telex_dead_letters", "Records that became dead letters.", "stage", "reason")
        self._progress = self._gauge(
            "telex_last_progress_timestamp_seconds", "When the last batch was finished, or the worker started.", "stage"
        )
        self.progressed()
        build = self._gauge("telex_build_info", "Versions, always 1.", "version", "python", "stage", "analyser")
        build.labels(version("telex"), python_version(), name, analyser).set(1)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(name, what, labels, buckets=SECONDS, registry=self.registry)

    def progressed(self) -> None:
        """Note that records were finished now."""
        self._last_progress = time.time()
        self._progress.labels(self._name).set(self._last_progress)

    def dead_letter(self, reason: Reason | str, count: int = 1) -> None:
        """Count dead letters with the same reason."""
        self._dead.labels(self._name, reason).inc(count)
