"""The enriched articles that the server holds: the recent ones, and the counts of the last hour.

Readers whose filter asks for the relation to a story have a list of their own (`streams.web.storied_articles`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack

from msgspec import Raw, Struct

from streams.errors import TelexError
from streams.records.filters import FilteredArticle, Matcher
from streams.settings import Settings
from streams.stages import ENRICHED
from streams.web import server_sent_events
from streams.web.article_stream import GAPS_AT_ONCE, RETRY_S, ArticleStream
from streams.web.gap import Gap
from streams.web.last_hour import Hour, LastHour
from streams.web.position import Position
from streams.web.recent import RecentArticles
from streams.web.stories import Stories
from streams.web.tail import Tail
from streams.web.titles import Titles
from streams.web.topic_record import TopicRecord
from streams.web.web_metrics import WebMetrics

# Articles that are read when somebody looks for the first time: an hour of 70,000 a day.
WINDOW = 3000
# Articles that are searched before other requests have their turn, and searches at once. Further ones wait: else the
# streams would have their turn only after a part of each.
SEARCHED_AT_ONCE, SEARCHES = 50, 2
# A list of articles ends at so many bytes.
MAX_LIST_BYTES = 8 * 2**20


class ArticleList(Struct, frozen=True):
    """The newest articles that meet a filter.

    Attributes:
        articles: objects with the `time` of the record and the enriched `article`, the newest first.
        searched: the number of recent articles that were searched.
        position: where the stream goes on after these articles.
    """

    articles: list[Raw]
    searched: int
    position: str


class Articles:
    """The enriched articles.

    Args:
        settings: of the cluster.
        recent: takes the recent articles.
        stories: the stories of the articles.
        metrics: count readers and events.

    Attributes:
        titles: of the recent articles.
    """

    def __init__(self, settings: Settings, recent: RecentArticles, stories: Stories, metrics: WebMetrics) -> None:
        self._settings, self._stories, self._metrics = settings, stories, metrics
        self._recent, self._hour = recent, LastHour()
        self.titles = Titles()
        self._gaps_at_once, self._searches = asyncio.Semaphore(GAPS_AT_ONCE), asyncio.Semaphore(SEARCHES)
        self.tail = Tail(settings, ENRICHED, FilteredArticle, self, WINDOW)

    def start_over(self, mark: str, offsets: dict[int, int]) -> None:
        """Forget everything (see `streams.web.tail.Sink`)."""
        self._recent.start_over(mark, offsets)
        self._stories.articles.forget_articles()
        self._hour = LastHour()

    def take(self, records: list[TopicRecord]) -> None:
        """Add the articles of records."""
        added = self._recent.append(records)
        self._stories.articles.add(added)
        if self.tail.is_ready and self._stories.tail.is_ready:
            self._stories.articles.begin()
        self._hour.add(added)
        self.titles.add(added)

    async def newest(self, wanted: Matcher | None, count: int) -> ArticleList:
        """The newest articles that meet a filter. Raises TelexError when Kafka does not answer."""
        articles = await self._list_for(wanted)
        async with self._searches:
            return await _search(articles, wanted, count)

    async def last_hour(self) -> Hour:
        """The counts of the last hour. Raises TelexError when Kafka does not answer."""
        await self.tail.catch_up()
        return self._hour.report()

    async def stream(self, start: Position | None, wanted: Matcher | None) -> AsyncGenerator[bytes, None]:
        """The events of one reader. While Kafka does not answer, they say so."""
        asks_stories = bool(wanted and wanted.filter.stories)

        def open_gap() -> Gap:
            return Gap(self._settings, asks_stories)

        with ExitStack() as stack:
            stack.enter_context(self.tail.held())
            stack.enter_context(self._metrics.reader())
            if asks_stories:
                stack.enter_context(self._stories.tail.held())
            while not self._recent.closed:
                try:
                    articles = await self._list_for(wanted)
                except TelexError as error:
                    yield server_sent_events.event("problem", {"reason": str(error)})
                    await asyncio.sleep(RETRY_S)
                    continue
                stream = ArticleStream(articles, open_gap, self._gaps_at_once, start, wanted, self._metrics)
                async for piece in stream.pieces():
                    yield piece
                return

    async def _list_for(self, wanted: Matcher | None) -> RecentArticles:
        """The list of a reader with this filter. Raises TelexError when Kafka does not answer."""
        await self.tail.catch_up()
        if wanted is None or not wanted.filter.stories:
            return self._recent
        await self._stories.tail.catch_up()
        self._stories.articles.begin()
        return self._stories.articles.list

    def close(self) -> None:
        """End all readers, and stop to read from Kafka."""
        self._recent.close()
        self.tail.close()


async def _search(articles: RecentArticles, wanted: Matcher | None, count: int) -> ArticleList:
    """The newest articles of a list that meet a filter."""
    found, size = list[Raw](), 0
    recent, position = articles.newest_first(), str(articles.head)
    for number, article in enumerate(recent):
        if len(found) == count or size > MAX_LIST_BYTES:
            break
        if number % SEARCHED_AT_ONCE == 0:
            await asyncio.sleep(0)
        if wanted is None or wanted.match(article.article):
            found.append(Raw(article.content))
            size += len(article.value)
    return ArticleList(found, len(recent), position)
