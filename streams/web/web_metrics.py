"""The metrics of the web page. Every label has a bounded set of values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class WebMetrics:
    """The counters and gauges of one web server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("telex_web_requests", "Requests answered.", ("path", "status"), registry=self.registry)
        self._readers = Gauge("telex_web_readers", "Readers of the stream.", registry=self.registry)
        self._events = Counter("telex_web_events", "Articles sent to readers of the stream.", registry=self.registry)
        self._dropped = Counter(
            "telex_web_dropped", "Clients disconnected or refused.", ("reason",), registry=self.registry
        )
        self._lag = Gauge("telex_web_lag", "Enriched records that readers have to wait for.", registry=self.registry)
        self._ready = Gauge("telex_web_ready", "Whether the articles can be read from Kafka.", registry=self.registry)
        self.readers = 0

    def request(self, path: str, status: int) -> None:
        """Count an answered request.

        Args:
            path: the path of the route; `other` for one that does not exist.
            status: the HTTP status.
        """
        self._requests.labels(path, str(status)).inc()

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Count a reader of the stream while it is connected."""
        self.readers += 1
        self._readers.set(self.readers)
        try:
            yield
        finally:
            self.readers -= 1
            self._readers.set(self.readers)

    def event(self) -> None:
        """Count an article that is sent to a reader."""
        self._events.inc()

    def dropped(self, reason: Literal["slow", "stalled", "full"]) -> None:
        """Count a client that was disconnected, because it read too slowly or nothing; or refused, as one too many."""
        self._dropped.labels(reason).inc()

    def reading(self, lag: int, is_ready: bool) -> None:
        """Set how far the server has read from Kafka, and whether it can read.

        Args:
            lag: records of the enriched articles that the server has not read.
            is_ready: whether it can read.
        """
        self._lag.set(lag)
        self._ready.set(is_ready)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)
