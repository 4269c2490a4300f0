"""The events that one reader of the stream gets: first the articles that it missed, then each one as it arrives.

The id of each event is the reader's position after it (`streams/web/position.py`). A heartbeat has the id too: it takes
a reader forward whose filter no article passes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress

from streams.errors import TelexError
from streams.records.filters import FilteredArticle, Matcher
from streams.web import server_sent_events
from streams.web.gap import Gap
from streams.web.position import Position
from streams.web.recent import RecentArticle, RecentArticles, content
from streams.web.web_metrics import WebMetrics

# Seconds without an event after which a heartbeat is sent.
HEARTBEAT_S = 15.0
# Milliseconds after which a browser connects again.
RECONNECT_MS = 2000
# So many readers read their missed articles from Kafka at once. The others wait.
GAPS_AT_ONCE = 4
# Seconds until a reader tries again to read its missed articles.
RETRY_S = 2.0


class ArticleStream:
    """The events of one reader.

    Args:
        recent: the recent articles.
        open_gap: opens what reads the articles before them.
        gaps_at_once: limits the readers that do so.
        start: where the reader stopped; None for a new one, which begins with the next article.
        wanted: which articles the reader wants; None for all.
        metrics: count the events.
    """

    def __init__(
        self,
        recent: RecentArticles,
        open_gap: Callable[[], Gap],
        gaps_at_once: asyncio.Semaphore,
        start: Position | None,
        wanted: Matcher | None,
        metrics: WebMetrics,
    ) -> None:
        self._recent, self._open_gap, self._gaps_at_once = recent, open_gap, gaps_at_once
        self._wanted, self._metrics = wanted, metrics
        self._id = str(start or recent.head)
        self._dropped = False

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes of the events, until the reader is too slow or the server stops."""
        yield server_sent_events.retry(RECONNECT_MS)
        yield self._heartbeat()
        # Once, unless the list begins anew: the topic was created again, or Kafka was away for long.
        while not self._recent.closed and not self._dropped:
            generation = self._recent.generation
            async for piece in self._missed(generation):
                yield piece
            async for piece in self._arriving(generation):
                yield piece

    async def _missed(self, generation: int) -> AsyncIterator[bytes]:
        """The articles before the list, read from Kafka, until the reader has reached the list."""
        position = Position.parse(self._id)
        if position.mark != self._recent.head.mark:  # it was created again
            position = Position(self._recent.head.mark, {})
        gap = self._open_gap()
        while self._is_current(generation) and (behind := position.behind(self._recent.base)):
            end = {partition: self._recent.base[partition] for partition in behind}
            try:
                async with self._gaps_at_once:
                    part = await asyncio.to_thread(gap.read, behind, end)
            except TelexError:
                yield self._heartbeat()
                await asyncio.sleep(RETRY_S)
                continue
            if not self._is_current(generation):
                return
            if part.lost:
                yield server_sent_events.event("lost", {"articles": part.lost})
            for record in part.records:
                position = position.advanced({record.partition: record.offset + 1})
                self._id = str(position)
                if self._wants(record.document):
                    for piece in server_sent_events.pieces([self._event(content(record.time_ms, record.value or b""))]):
                        yield piece
            position = position.advanced(part.position)
            self._id = str(position)
            yield self._heartbeat()
        self._id = str(position)

    async def _arriving(self, generation: int) -> AsyncIterator[bytes]:
        """The articles of the list and those that arrive, until the reader is too slow or the list begins anew."""
        position, loop = Position.parse(self._id), asyncio.get_running_loop()
        number = self._recent.next if position == self._recent.head else self._recent.first
        # Where the reader is ahead of the list. It has read these partitions further on another server or before a
        # restart, when the partitions were merged in another order.
        ahead = position.ahead_of(self._recent.base) if number == self._recent.first else {}
        last_sent = loop.time()
        while self._is_current(generation):
            if number < self._recent.first:
                self._dropped = True
                self._metrics.dropped("slow")
                yield server_sent_events.event("dropped", {"reason": "too slow"})
                return
            articles = list(self._recent.since(number))
            number += len(articles)
            for piece in server_sent_events.pieces(self._events(articles, ahead)):
                yield piece
                last_sent = loop.time()
            if number < self._recent.next:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout_at(last_sent + HEARTBEAT_S):
                    await self._recent.changed()
                    continue
            yield self._heartbeat()
            last_sent = loop.time()

    def _is_current(self, generation: int) -> bool:
        """Whether the list has not begun anew meanwhile, and the server does not stop."""
        return not self._recent.closed and self._recent.generation == generation

    def _events(self, articles: Iterable[RecentArticle], ahead: dict[int, int]) -> Iterator[bytes]:
        for article in articles:
            if article.offset < ahead.get(article.partition, 0):
                continue
            ahead.pop(article.partition, None)
            self._id = str(Position.parse(article.after).advanced(ahead)) if ahead else article.after
            if self._wanted is None or self._wants(article.article):
                yield self._event(article.content)

    def _wants(self, article: FilteredArticle) -> bool:
        return self._wanted is None or self._wanted.match(article) is not None

    def _event(self, data: bytes) -> bytes:
        self._metrics.event()
        return server_sent_events.encode("article", data, self._id)

    def _heartbeat(self) -> bytes:
        return server_sent_events.position(self._id)
