"""What the server knows of the enriched articles: the recent ones, and the counts of the last hour."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

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
from streams.web.tail import Tail
from streams.web.titles import Titles
from streams.web.topic_record import TopicRecord
from streams.web.web_metrics import WebMetrics

# Articles that are read when somebody looks for the first time: an hour of 70,000 a day.
WINDOW = 3000
# Articles that are searched before other requests have their turn.
SEARCHED_AT_ONCE = 50
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

    Attributes:
        titles: of the recent articles.
    """

    def __init__(self, settings: Settings, metrics: WebMetrics) -> None:
        self._settings, self._metrics = settings, metrics
        self._recent, self._hour = RecentArticles(), LastHour()
        self.titles = Titles()
        self._gaps_at_once = asyncio.Semaphore(GAPS_AT_ONCE)
        self.tail = Tail(settings, ENRICHED, FilteredArticle, self, WINDOW)

    def start_over(self, topic: str, offsets: dict[int, int]) -> None:
        """Forget everything (see `streams.web.tail.Sink`)."""
        self._recent.start_over(topic, offsets)
        self._hour = LastHour()

    def take(self, records: list[TopicRecord]) -> None:
        """Add the articles of records."""
        added = self._recent.append(records)
        self._hour.add(added)
        self.titles.add(added)

    async def newest(self, wanted: Matcher | None, count: int) -> ArticleList:
        """The newest articles that meet a filter. Raises TelexError when Kafka does not answer."""
        await self.tail.look()
        found, size = [], 0
        recent, position = self._recent.newest_first(), str(self._recent.head)
        for number, article in enumerate(recent):
            if len(found) == count or size > MAX_LIST_BYTES:
                break
            if number % SEARCHED_AT_ONCE == 0:
                await asyncio.sleep(0)
            if wanted is None or wanted.match(article.article):
                found.append(Raw(article.content))
                size += len(article.value)
        return ArticleList(found, len(recent), position)

    async def last_hour(self) -> Hour:
        """The counts of the last hour. Raises TelexError when Kafka does not answer."""
        await self.tail.look()
        return self._hour.report()

    async def stream(self, start: Position | None, wanted: Matcher | None) -> AsyncGenerator[bytes, None]:
        """The events of one reader. While Kafka does not answer, they say so."""
        with self.tail.held(), self._metrics.reader():
            while not self._recent.closed:
                try:
                    await self.tail.look()
                    break
                except TelexError as error:
                    yield server_sent_events.event("problem", {"reason": str(error)})
                    await asyncio.sleep(RETRY_S)

            def open_gap() -> Gap:
                return Gap(self._settings, ENRICHED)

            stream = ArticleStream(self._recent, open_gap, self._gaps_at_once, start, wanted, self._metrics)
            async for piece in stream.pieces():
                yield piece

    def close(self) -> None:
        """End all readers, and stop to read from Kafka."""
        self._recent.close()
        self.tail.close()
