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
        self._dropped = Counter("telex_web_dropped", "Clients disconnected.", ("reason",), registry=self.registry)
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

    def dropped(self, reason: Literal["slow", "stalled"]) -> None:
        """Count a client that was disconnected: it read too slowly, or nothing at all."""
        self._dropped.labels(reason).inc()

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)
