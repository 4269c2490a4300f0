"""The parts of a sequential task: its state in memory, and its decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from streams.records import Article
from streams.task import Decided


class Decider(Protocol):
    """The state of a task in memory, and its decisions. The same records in the same order give the same results."""

    def decide(self, article: Article, time_ms: int) -> Decided | None:
        """Decide about an article and keep what later decisions need; None for an article that was decided before.

        Args:
            article: the enriched article.
            time_ms: the time at which the broker got its record, in milliseconds since 1970.
        """

    def restore(self, state: bytes) -> None:
        """Keep the state of an earlier decision. Raises ValueError for a state that no version of the task wrote."""

    def begin_of_state(self, newest: bytes) -> int:
        """The time in milliseconds since 1970 from which state is needed, when `newest` is the newest record of it."""

    def gauges(self) -> Mapping[str, float]:
        """Figures on the state, for the metrics, by the name of the metric."""
