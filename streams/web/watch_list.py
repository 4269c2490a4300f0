"""The watches and their last matches, as the watches agent publishes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct, structs

from streams.errors import TelexError
from streams.records import rfc3339, watches
from streams.records.filters import to_json, to_query
from streams.records.watches import MatchRecord, Watch
from streams.web.topic_record import TopicRecord

# So many matches of a watch are kept.
MAX_MATCHES = 20


class WatchMatch(Struct, frozen=True):
    """A match: its time, the title of the article where it is known, and the record of `articles.matches`."""

    time: str | None
    match: MatchRecord
    title: str | None = None


class WatchInList(Struct, frozen=True):
    """A watch.

    Attributes:
        name: its name.
        filter: its conditions.
        query: the same as the query of a URL.
        webhook: whether its matches are sent to a URL. The URL itself may be a secret.
        matches: its last matches, the newest first.
    """

    name: str
    filter: dict[str, Any]
    query: str
    webhook: bool
    matches: list[WatchMatch]


_matches = msgspec.json.Decoder(MatchRecord)


def decode_watch(value: bytes) -> Watch:
    """Decode a record of `telex.watches`. Raises ValueError for other content."""
    try:
        return watches.decode(value)
    except TelexError as error:
        raise ValueError(str(error)) from None


def decode_match(value: bytes) -> MatchRecord:
    """Decode a record of `articles.matches`. Raises ValueError for other content."""
    return _matches.decode(value)


class Watches:
    """The watches by name: the contents of a compacted topic."""

    def __init__(self) -> None:
        self.by_name: dict[str, Watch] = {}

    def start_over(self, mark: str, offsets: dict[int, int]) -> None:
        """Forget all watches."""
        self.by_name.clear()

    def take(self, records: list[TopicRecord]) -> None:
        """Add, change and remove watches."""
        for record in records:
            name = (record.key or b"").decode(errors="replace")
            if record.document is None or not watches.is_name(name):
                self.by_name.pop(name, None)
            else:
                self.by_name[name] = record.document


class Matches:
    """The last matches of each watch."""

    def __init__(self) -> None:
        self._of_watch: dict[str, deque[WatchMatch]] = {}

    def start_over(self, mark: str, offsets: dict[int, int]) -> None:
        """Forget all matches."""
        self._of_watch.clear()

    def take(self, records: list[TopicRecord]) -> None:
        """Add matches. A copy has the same id."""
        for record in records:
            found: MatchRecord | None = record.document
            if found is None:
                continue
            matches = self._of_watch.setdefault(found.watch, deque(maxlen=MAX_MATCHES))
            if all(match.match.id != found.id for match in matches):
                matches.appendleft(WatchMatch(rfc3339.of_timestamp(record.time_ms), found))

    def newest_of(self, known: dict[str, Watch], count: int, title: Callable[[str], str | None]) -> list[WatchInList]:
        """The watches with the newest matches, the newest first. Forgets the matches of other watches.

        Args:
            known: all watches by their names.
            count: the most watches.
            title: the title of an article with this id; None where it is not known.
        """
        self._of_watch = {name: matches for name, matches in self._of_watch.items() if name in known}
        names = sorted(known)
        names.sort(key=lambda name: self._of_watch[name][0].time or "" if name in self._of_watch else "", reverse=True)
        return [self._in_list(name, known[name], title) for name in names[:count]]

    def _in_list(self, name: str, watch: Watch, title: Callable[[str], str | None]) -> WatchInList:
        return WatchInList(
            name=name,
            filter=msgspec.json.decode(to_json(watch.filter)),
            query=to_query(watch.filter),
            webhook=watch.url is not None,
            matches=[
                structs.replace(
                    found, title=found.match.article.get("title") or title(found.match.article.get("id", ""))
                )
                for found in self._of_watch.get(name, ())
            ],
        )
