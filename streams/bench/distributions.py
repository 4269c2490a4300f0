"""Figures over several measurements: a median with its spread, and the percentiles of latencies."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable

from msgspec import Struct


class Spread(Struct, frozen=True):
    """A figure over all rounds."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """The spread of at least one value."""
        found = list(values)
        return cls(statistics.median(found), min(found), max(found))


class Latencies(Struct, frozen=True):
    """The latencies of a number of articles, in seconds."""

    p50: float
    p95: float
    p99: float
    highest: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Latencies:
        """The percentiles of at least one latency."""
        found = sorted(seconds)
        return cls(percentile(found, 50), percentile(found, 95), percentile(found, 99), found[-1])


def percentile(values: Iterable[float], percent: int) -> float:
    """The smallest of the values such that at least `percent` % of the values are not larger (the nearest rank)."""
    ordered = sorted(values)
    return ordered[math.ceil(percent * len(ordered) / 100) - 1]
