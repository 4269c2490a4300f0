"""The watches and their last matches, as the server reads them from their topics."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from streams.errors import TelexError
from streams.settings import Settings
from streams.stages import MATCHES, WATCHES
from streams.web import watch_list
from streams.web.tail import Tail
from streams.web.watch_list import Matches, Watches, WatchInList

# Matches that are read when somebody looks for the first time.
WINDOW = 3000


class WatchesAnswer(Struct, frozen=True):
    """The watches with their last matches, and the number of all watches. `message` says why there can be none."""

    watches: list[WatchInList]
    count: int
    message: str | None = None


class WatchesView:
    """The watches and their matches."""

    def __init__(self, settings: Settings) -> None:
        self._matches, self._watches = Matches(), Watches()
        self._matches_tail = Tail(settings, MATCHES, watch_list.decode_match, self._matches, WINDOW)
        self._watches_tail = Tail(settings, WATCHES, watch_list.decode_watch, self._watches, None)

    async def newest(self, count: int, title: Callable[[str], str | None]) -> WatchesAnswer:
        """The watches whose matches are the newest.

        Args:
            count: the most watches.
            title: the title of an article with this id; None where it is not known.
        """
        try:
            await self._watches_tail.catch_up()
            await self._matches_tail.catch_up()
        except TelexError as error:
            return WatchesAnswer([], 0, str(error))
        watches = self._watches.by_name
        return WatchesAnswer(self._matches.newest_of(watches, count, title), len(watches))

    def close(self) -> None:
        """Stop to read from Kafka."""
        for tail in (self._matches_tail, self._watches_tail):
            tail.close()
