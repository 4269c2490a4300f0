"""The metrics of the worker of a sequential task."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib.metadata import version
from platform import python_version

from prometheus_client import CollectorRegistry, Counter, Gauge

from streams.task import SequentialTask

# The label of a count that is not kept by partition.
ALL_PARTITIONS = "all"


class TaskMetrics:
    """The counters and gauges of one worker."""

    def __init__(self, task: SequentialTask) -> None:
        self.registry = CollectorRegistry()
        self._task = task
        self._kinds = Counter(*task.kinds, ["relation"], registry=self.registry)
        self._gauges = {name: Gauge(name, what, registry=self.registry) for name, what in task.gauges.items()}
        self._active = Gauge("telex_active", "1 in the active worker of a task.", ["stage"], registry=self.registry)
        self._active.labels(task.name).set(0)
        self._copies = Counter(
            "telex_copies", "Copies of articles that were decided before.", ["stage"], registry=self.registry
        )
        self._dead = Counter(
            "telex_dead_letters", "Records that became dead letters.", ["stage", "reason"], registry=self.registry
        )
        self._lost = Counter(
            "telex_records_lost",
            "Records deleted from the topic before they were read.",
            ["stage", "topic", "partition"],
            registry=self.registry,
        )
        self._lag = Gauge(
            "telex_consumer_lag",
            "Records that are not finished.",
            ["stage", "topic", "partition"],
            registry=self.registry,
        )
        self._progress = Gauge(
            "telex_last_progress_timestamp_seconds",
            "When the last batch was finished, or the worker started.",
            ["stage"],
            registry=self.registry,
        )
        self._progress.labels(task.name).set(time.time())
        build = Gauge(
            "telex_build_info",
            "Versions, always 1.",
            ["version", "python", "stage", "analyser"],
            registry=self.registry,
        )
        build.labels(version("telex"), python_version(), task.name, f"telex {version('telex')}").set(1)

    def became_active(self) -> None:
        """This worker is the active one."""
        self._active.labels(self._task.name).set(1)

    def finished(self, kinds: Mapping[str, int], dead: Mapping[str, int], copies: int) -> None:
        """Count a batch whose transaction is committed: decisions by kind, dead letters by reason, and copies."""
        self._progress.labels(self._task.name).set(time.time())
        for kind, number in kinds.items():
            self._kinds.labels(kind).inc(number)
        for reason, number in dead.items():
            self._dead.labels(self._task.name, reason).inc(number)
        self._copies.labels(self._task.name).inc(copies)

    def state(self, gauges: Mapping[str, float]) -> None:
        """Set the figures on the state."""
        for name, value in gauges.items():
            self._gauges[name].set(value)

    def lag(self, topic: str, lags: Mapping[int, int], lost: int) -> None:
        """Set the lag of each partition, and add the records that were lost since the last call."""
        for partition, records in lags.items():
            self._lag.labels(self._task.name, topic, str(partition)).set(records)
        self._lost.labels(self._task.name, topic, ALL_PARTITIONS).inc(lost)
