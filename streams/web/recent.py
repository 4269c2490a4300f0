"""The recent articles of the stream, kept once for all readers.

A reader has no buffer of its own. It has a place in this list, and is disconnected when its article has left the list.
So 200 readers need the memory of one, and a reader that does not read needs none.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from streams.client.copies import Copies
from streams.records import rfc3339
from streams.records.filters import FilteredArticle
from streams.web.position import Position
from streams.web.topic_record import TopicRecord

# The list is full at so many articles or bytes, whichever comes first. At 100 articles a second a reader may stop for
# 20 seconds.
MAX_ARTICLES, MAX_BYTES = 2000, 32 * 2**20
# So many of the newest articles stay decoded, for the filters of the readers. Only slow readers need older ones.
DECODED = 100

_LINE_BREAKS_TO_SPACES = bytes.maketrans(b"\r\n", b"  ")


@dataclass(slots=True)
class RecentArticle:
    """An article in the list.

    Attributes:
        value: the value of its record, on one line.
        after: the position after this article, as text.
    """

    partition: int
    offset: int
    time_ms: int
    value: bytes
    after: str
    _article: FilteredArticle | None

    @property
    def article(self) -> FilteredArticle:
        """The article, for a filter."""
        return self._article or FilteredArticle(self.value)

    @property
    def content(self) -> bytes:
        """The JSON object that readers get: `{"time": …, "article": …}`."""
        return content(self.time_ms, self.value)

    def forget_article(self) -> None:
        """Keep the bytes alone, which take a small part of the memory."""
        self._article = None


def content(time_ms: int, value: bytes) -> bytes:
    """The JSON object that readers get: the time of the record, and the article, with the record's own bytes."""
    time = rfc3339.of_timestamp(time_ms)
    return b'{"time":%b,"article":%b}' % (b"null" if time is None else f'"{time}"'.encode(), on_one_line(value))


def on_one_line(value: bytes) -> bytes:
    """JSON on one line. It escapes line breaks in strings, so the others stand between the parts of the object."""
    return value.translate(_LINE_BREAKS_TO_SPACES)


class RecentArticles:
    """The newest articles of the topic, in the order in which they were read, without copies.

    Attributes:
        first: the number of the oldest article in the list. The articles are numbered in the order of the list.
        generation: how often the list has begun anew. The numbers of an older generation mean nothing any more.
        closed: whether the server stops, and the readers have to end.
    """

    def __init__(self) -> None:
        self._articles: deque[RecentArticle] = deque()
        self._bytes = 0
        self._copies = Copies()
        self._changed = asyncio.Event()
        self._base: dict[int, int] = {}
        self._head = Position("00000000", {})
        self.first = self.generation = 0
        self.closed = False

    @property
    def next(self) -> int:
        """The number that the next article will have."""
        return self.first + len(self._articles)

    @property
    def head(self) -> Position:
        """The position after all articles."""
        return self._head

    @property
    def base(self) -> dict[int, int]:
        """The offsets before the first article. From here on no article is missing in the list."""
        return self._base

    def start_over(self, mark: str, offsets: dict[int, int]) -> None:
        """Begin anew.

        Args:
            mark: of the topic. Another one than before means that the topic was created again.
            offsets: the first offset that will come, by partition.
        """
        if mark != self._head.mark:
            self._copies.forget()
        self.first = self.next
        self._articles.clear()
        self._bytes = 0
        self._base, self._head = dict(offsets), Position(mark, dict(offsets))
        self.generation += 1
        self._notify()

    def forget_copies(self) -> None:
        """Take every record that comes from now on for new."""
        self._copies.forget()

    def append(self, records: Iterable[TopicRecord]) -> list[RecentArticle]:
        """Add the articles of records, and let the readers know. Returns the articles that are new, without copies."""
        added = []
        for record in records:
            if record.offset < self._head.offsets.get(record.partition, 0):
                # It comes before those that count, or is read again: here is only noticed what its copies look like.
                self._copies.is_copy(record.key, record.value)
                continue
            self._head = self._head.advanced({record.partition: record.offset + 1})
            if record.document is not None and not self._copies.is_copy(record.key, record.value):
                value = on_one_line(record.value or b"")
                place = record.partition, record.offset, record.time_ms
                added.append(RecentArticle(*place, value, str(self._head), record.document))
        for article in added:
            self._articles.append(article)
            self._bytes += len(article.value)
            if len(self._articles) > DECODED:
                self._articles[-DECODED - 1].forget_article()
        while len(self._articles) > MAX_ARTICLES or self._bytes > MAX_BYTES:
            oldest = self._articles.popleft()
            self._bytes -= len(oldest.value)
            self._base[oldest.partition] = oldest.offset + 1
            self.first += 1
        if added:
            self._notify()
        return added

    def since(self, number: int) -> Iterator[RecentArticle]:
        """The articles from a number on. The list must not change meanwhile."""
        return islice(self._articles, number - self.first, None)

    def newest_first(self) -> list[RecentArticle]:
        """All articles, the newest first."""
        return sorted(self._articles, key=lambda article: article.time_ms)[::-1]

    async def changed(self) -> None:
        """Wait until the list changes, or is closed."""
        await self._changed.wait()

    def close(self) -> None:
        """Let all readers end."""
        self.closed = True
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
