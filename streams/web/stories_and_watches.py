"""What the server knows of stories and watches, which have topics of their own."""

from __future__ import annotations

from msgspec import Struct

from streams.errors import TelexError
from streams.settings import Settings
from streams.stages import MATCHES, STORIES, WATCHES
from streams.web import story_list, watch_list
from streams.web.story_list import Story, StoryList
from streams.web.tail import Tail
from streams.web.titles import Titles
from streams.web.watch_list import Matches, Watches, WatchInList

# Records of stories and of matches that are read when somebody looks for the first time.
WINDOW = 3000


class StoriesAnswer(Struct, frozen=True):
    """The newest stories. `message` says why there can be none."""

    stories: list[Story]
    message: str | None = None


class WatchesAnswer(Struct, frozen=True):
    """The watches with their last matches, and the number of all watches. `message` says why there can be none."""

    watches: list[WatchInList]
    count: int
    message: str | None = None


class StoriesAndWatches:
    """The stories, the watches and their matches.

    Args:
        settings: of the cluster.
        titles: of the recent articles.
    """

    def __init__(self, settings: Settings, titles: Titles) -> None:
        self._titles = titles
        self._story_list, self._matches, self._watch_table = StoryList(), Matches(), Watches()
        self._stories_tail = Tail(settings, STORIES, story_list.decode, self._story_list, WINDOW)
        self._matches_tail = Tail(settings, MATCHES, watch_list.decode_match, self._matches, WINDOW)
        self._watches_tail = Tail(settings, WATCHES, watch_list.decode_watch, self._watch_table, None)

    async def stories(self, count: int) -> StoriesAnswer:
        """The stories with the newest reports."""
        try:
            await self._stories_tail.look()
        except TelexError as error:
            return StoriesAnswer([], str(error))
        return StoriesAnswer(self._story_list.newest(count, self._titles.of))

    async def watches(self, count: int) -> WatchesAnswer:
        """The watches whose matches are the newest."""
        try:
            await self._watches_tail.look()
            await self._matches_tail.look()
        except TelexError as error:
            return WatchesAnswer([], 0, str(error))
        watches = self._watch_table.by_name
        return WatchesAnswer(self._matches.newest_of(watches, count), len(watches))

    def close(self) -> None:
        """Stop to read from Kafka."""
        for tail in (self._stories_tail, self._matches_tail, self._watches_tail):
            tail.close()
