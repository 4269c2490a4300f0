"""The recent stories, as the server reads them from their topic."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from streams.errors import TelexError
from streams.settings import Settings
from streams.stages import STORIES
from streams.web import story_list
from streams.web.recent import RecentArticles
from streams.web.storied_articles import StoriedArticles
from streams.web.story_list import Story, StoryList
from streams.web.tail import Tail
from streams.web.topic_record import TopicRecord

# Records that are read when somebody looks for the first time.
WINDOW = 3000


class StoriesAnswer(Struct, frozen=True):
    """The newest stories. `message` says why there can be none."""

    stories: list[Story]
    message: str | None = None


class Stories:
    """The stories, and the recent articles with their relations to them.

    Args:
        settings: of the cluster.
        recent: all recent articles.

    Attributes:
        articles: the articles with their relations.
        tail: reads the topic of the stories.
    """

    def __init__(self, settings: Settings, recent: RecentArticles) -> None:
        self.articles = StoriedArticles(recent)
        self._list = StoryList()
        self.tail = Tail(settings, STORIES, story_list.decode, self, WINDOW)

    def start_over(self, mark: str, offsets: dict[int, int]) -> None:
        """Forget everything (see `streams.web.tail.Sink`)."""
        for sink in (self._list, self.articles):
            sink.start_over(mark, offsets)

    def take(self, records: list[TopicRecord]) -> None:
        """Add records."""
        for sink in (self._list, self.articles):
            sink.take(records)

    async def newest(self, count: int, title: Callable[[str], str | None]) -> StoriesAnswer:
        """The stories with the newest reports.

        Args:
            count: the most stories.
            title: the title of an article with this id; None where it is not known.
        """
        try:
            await self.tail.catch_up()
        except TelexError as error:
            return StoriesAnswer([], str(error))
        return StoriesAnswer(self._list.newest(count, title))

    def close(self) -> None:
        """Stop to read from Kafka, and end the readers that ask for stories."""
        self.articles.list.close()
        self.tail.close()
