"""The metrics of the worker of a sequential task."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from streams.task import SequentialTask
from streams.worker.worker_metrics import WorkerMetrics

# The label of a count that is not kept by partition.
ALL_PARTITIONS = "all"


class TaskMetrics(WorkerMetrics):
    """The counters and gauges of one worker.

    Args:
        task: that it runs.
    """

    def __init__(self, task: SequentialTask) -> None:
        super().__init__(task.name, f"telex {version('telex')}")
        self._kinds = self._counter(*task.kinds, "relation")
        self._gauges = {name: self._gauge(name, what) for name, what in task.gauges.items()}
        self._active = self._gauge("telex_active", "1 in the active worker of a task.", "stage")
        self._active.labels(task.name).set(0)
        self._copies = self._counter("telex_copies", "Copies of articles that were decided before.", "stage")

    def became_active(self) -> None:
        """This worker is the active one."""
        self._active.labels(self._name).set(1)

    def finished(self, kinds: Mapping[str, int], dead: Mapping[str, int], copies: int) -> None:
        """Count a batch whose transaction is committed: decisions by kind, dead letters by reason, and copies."""
        self.progressed()
        for kind, number in kinds.items():
            self._kinds.labels(kind).inc(number)
        for reason, number in dead.items():
            self.dead_letter(reason, number)
        self._copies.labels(self._name).inc(copies)

    def state(self, gauges: Mapping[str, float]) -> None:
        """Set the figures on the state."""
        for name, value in gauges.items():
            self._gauges[name].set(value)

    def lag(self, topic: str, lags: Mapping[int, int], lost: int) -> None:
        """Set the lag of each partition, and add the records that were lost since the last call."""
        for partition, records in lags.items():
            self._lag.labels(self._name, topic, str(partition)).set(records)
        self._lost.labels(self._name, topic, ALL_PARTITIONS).inc(lost)
