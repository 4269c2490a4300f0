"""A count of events in the last hours or minutes, in bounded memory."""

from __future__ import annotations

from array import array


class SlidingWindow:
    """Counts the events of the last `slots` times `width_s` seconds, and of the slot that is not over yet.

    Args:
        width_s: seconds of a slot, which is the error of the window's length.
        slots: whole slots of the window.
    """

    __slots__ = ("_counts", "_newest", "_width_s")

    def __init__(self, width_s: int, slots: int) -> None:
        self._width_s = width_s
        self._counts = array("Q", bytes(8 * (slots + 1)))
        self._newest = 0

    def add(self, at: float) -> None:
        """Count an event at a time, in seconds since 1970. One that is older than the window does not count."""
        self._add(int(at // self._width_s), 1)

    def total(self, now: float) -> int:
        """The events in the window that ends now."""
        self._advance(int(now // self._width_s))
        return sum(self._counts)

    def counts(self, now: float) -> list[int]:
        """The events in each slot of the window that ends now, the oldest first."""
        self._advance(int(now // self._width_s))
        size = len(self._counts)
        return [self._counts[slot % size] for slot in range(self._newest + 1, self._newest + 1 + size)]

    def merge(self, other: SlidingWindow) -> None:
        """Add the events of another window with the same slots."""
        for slot in range(max(0, other._newest - len(other._counts) + 1), other._newest + 1):
            self._add(slot, other._counts[slot % len(other._counts)])

    def _add(self, slot: int, count: int) -> None:
        self._advance(slot)
        if slot > self._newest - len(self._counts):
            self._counts[slot % len(self._counts)] += count

    def _advance(self, slot: int) -> None:
        size = len(self._counts)
        for passed in range(max(self._newest + 1, slot - size + 1), slot + 1):
            self._counts[passed % size] = 0
        self._newest = max(self._newest, slot)
