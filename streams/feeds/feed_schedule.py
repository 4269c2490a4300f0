"""When each feed is read again: at a steady pace, and less and less often while it cannot be read."""

from __future__ import annotations

from collections.abc import Iterable

from streams.feeds.feed_reader import FeedResult

# Most seconds between two attempts to read a feed that fails, unless its pace is slower.
MAX_BACK_OFF_S = 21_600.0


class FeedSchedule:
    """The times at which the feeds are due, in seconds of one clock.

    Args:
        feeds: their addresses. All are due at once.
        every_s: seconds from one reading of a feed to the next.
    """

    def __init__(self, feeds: Iterable[str], every_s: float) -> None:
        self._every_s = every_s
        self._due = dict.fromkeys(feeds, 0.0)
        self._failures: dict[str, int] = {}

    def due(self, now: float) -> list[str]:
        """The feeds that are due."""
        return [feed for feed, at in self._due.items() if at <= now]

    def next_at(self) -> float:
        """When the next feed is due."""
        return min(self._due.values())

    def plan(self, feed: str, result: FeedResult, begin: float) -> None:
        """Set when a feed is due again.

        Args:
            feed: its address.
            result: of the round that has ended.
            begin: when that round began.
        """
        self._failures[feed] = self._failures.get(feed, 0) + 1 if result.unread else 0
        # 2^10 is beyond every limit below.
        pause_s = self._every_s * 2 ** min(self._failures[feed], 10)
        pause_s = min(pause_s, max(self._every_s, MAX_BACK_OFF_S))
        self._due[feed] = begin + max(pause_s, result.wait_s or 0.0)
