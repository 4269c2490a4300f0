"""The watches and their last matches, as the watches agent publishes them."""

from __future__ import annotations

from collections import deque
from typing import Any

from msgspec import Struct

from streams.records import rfc3339
from streams.web.topic_record import TopicRecord

# So many matches of a watch are kept.
MAX_MATCHES = 20


class WatchMatch(Struct, frozen=True):
    """A match: its time, and the record of the topic `articles.matches`."""

    time: str | None
    match: dict[str, Any]


class WatchInList(Struct, frozen=True):
    """A watch.

    Attributes:
        name: its name.
        filter: its conditions.
        webhook: whether its matches are sent to a URL. The URL itself may be a secret.
        matches: its last matches, the newest first.
    """

    name: str
    filter: dict[str, Any]
    webhook: bool
    matches: list[WatchMatch]


class Watches:
    """The watches by name: the contents of a compacted topic."""

    def __init__(self) -> None:
        self.by_name: dict[str, dict[str, Any]] = {}

    def start_over(self, topic: str, offsets: dict[int, int]) -> None:
        """Forget all watches."""
        self.by_name.clear()

    def take(self, records: list[TopicRecord]) -> None:
        """Add, change and remove watches."""
        for record in records:
            name = (record.key or b"").decode(errors="replace")
            if record.document is None:
                self.by_name.pop(name, None)
            else:
                self.by_name[name] = record.document


class Matches:
    """The last matches of each watch."""

    def __init__(self) -> None:
        self._of_watch: dict[str, deque[WatchMatch]] = {}

    def start_over(self, topic: str, offsets: dict[int, int]) -> None:
        """Forget all matches."""
        self._of_watch.clear()

    def take(self, records: list[TopicRecord]) -> None:
        """Add matches. A copy has the same id."""
        for record in records:
            if record.document is None:
                continue
            name = (record.key or b"").decode(errors="replace")
            matches = self._of_watch.setdefault(name, deque(maxlen=MAX_MATCHES))
            if all(match.match.get("id") != record.document.get("id") for match in matches):
                matches.appendleft(WatchMatch(rfc3339.of_timestamp(record.time_ms), record.document))

    def newest_of(self, watches: dict[str, dict[str, Any]]) -> list[WatchInList]:
        """The watches with their matches, those with the newest match first. Forgets the matches of other watches."""
        self._of_watch = {name: matches for name, matches in self._of_watch.items() if name in watches}
        found = [
            WatchInList(name, watch.get("filter") or {}, bool(watch.get("url")), list(self._of_watch.get(name, ())))
            for name, watch in sorted(watches.items())
        ]
        return sorted(found, key=lambda watch: (watch.matches[0].time or "") if watch.matches else "", reverse=True)
