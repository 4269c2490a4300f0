"""A load on the pipeline: one article after the other, at a steady rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class SteadyLoad:
    """Calls a function at a steady rate in a thread, from `start` to `end`.

    Args:
        publish: publishes one article.
    """

    def __init__(self, publish: Callable[[], object]) -> None:
        self._publish = publish
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, rate: float) -> None:
        """Publish `rate` articles a second."""

        def publish_steadily() -> None:
            due = time.monotonic()
            while not self._stop.is_set():
                self._publish()
                due += 1 / rate
                time.sleep(max(0.0, due - time.monotonic()))

        self._thread = threading.Thread(target=publish_steadily, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Publish no more after the article that is under way."""
        self._stop.set()

    def end(self) -> None:
        """The same, and wait for that article."""
        self.stop()
        if self._thread:
            self._thread.join()
