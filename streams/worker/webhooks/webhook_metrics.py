"""The metrics of the webhooks worker, beside those of every worker."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from streams.errors import Reason
from streams.worker.metrics import StageMetrics
from streams.worker.worker_metrics import SECONDS


class WebhookMetrics:
    """Counters of webhooks.

    Args:
        stage: the metrics of every worker.
    """

    def __init__(self, stage: StageMetrics) -> None:
        self._stage, registry = stage, stage.registry
        self._attempts = Counter("telex_webhooks", "Attempts to deliver a webhook.", ["outcome"], registry=registry)
        self._seconds = Histogram(
            "telex_webhook_seconds", "Duration of an attempt.", ["outcome"], buckets=SECONDS, registry=registry
        )
        self._behind = Gauge(
            "telex_webhooks_behind", "Watches in a partition whose matches wait for their endpoint.", registry=registry
        )

    def attempted(self, outcome: str, seconds: float) -> None:
        """Count an attempt that was `delivered` or `failed`."""
        self._attempts.labels(outcome).inc()
        self._seconds.labels(outcome).observe(seconds)
        self._stage.progressed()

    def taken(self) -> None:
        """Note that a record was taken over."""
        self._stage.progressed()

    def behind(self, lanes: int) -> None:
        """Set the number of lanes that are behind."""
        self._behind.set(lanes)

    def dead_letter(self, reason: Reason) -> None:
        """Count a record that became a dead letter."""
        self._stage.dead_letter(reason)
