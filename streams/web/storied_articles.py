"""The recent articles whose relation to their story is known, for readers that ask for it.

The relation comes later than the article, from a topic of its own. So these readers have a list of their own, in the
order in which the relations come. Its positions are those of the articles: in each partition both have one order.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque

from streams.records.filters import FilteredArticle
from streams.web.recent import RecentArticle, RecentArticles
from streams.web.topic_record import TopicRecord

# Relations that are remembered, and articles that wait for theirs. When more wait, the list begins anew.
MAX_RELATIONS, MAX_WAITING = 10_000, 5000


class StoriedArticles:
    """Joins the recent articles with the records of `articles.stories`.

    Args:
        recent: all recent articles.

    Attributes:
        list: the articles whose relation is known.
    """

    def __init__(self, recent: RecentArticles) -> None:
        self._recent, self.list = recent, RecentArticles()
        self._has_begun = False
        self._waiting: defaultdict[int, deque[RecentArticle]] = defaultdict(deque)
        self._relations: OrderedDict[tuple[int, int], str] = OrderedDict()
        # The offset of the newest article of each partition that has a relation. An article before it that has none
        # gets none: it came a second time.
        self._decided: dict[int, int] = {}
        # Partitions of the stories that were not read from their beginning.
        self._cut: set[int] = set()

    def begin(self) -> None:
        """Begin the list, unless it has begun. Call it when both topics were read to their ends."""
        if self._has_begun:
            return
        recent, base = self._recent, dict(self._recent.base)
        for partition in self._cut & base.keys():
            known = [offset for of_partition, offset in self._relations if of_partition == partition]
            base[partition] = max(base[partition], min(known, default=recent.head.offsets[partition]))
        self.list.forget_copies()
        self.list.start_over(recent.head.mark, base)
        self._waiting.clear()
        self._has_begun = True
        self.add(
            [article for article in recent.since(recent.first) if article.offset >= base.get(article.partition, 0)]
        )

    def forget_articles(self) -> None:
        """Forget the articles: the recent ones have begun anew."""
        if self._recent.head.mark != self.list.head.mark:  # their topic was created again
            self._relations.clear()
            self._decided.clear()
        self._has_begun = False

    def add(self, articles: list[RecentArticle]) -> None:
        """Add new articles."""
        if not self._has_begun:
            return
        for article in articles:
            self._waiting[article.partition].append(article)
        self._join()
        if sum(map(len, self._waiting.values())) > MAX_WAITING:
            self._waiting.clear()
            self._has_begun = False

    def start_over(self, mark: str, offsets: dict[int, int]) -> None:
        """Forget all relations (see `streams.web.tail.Sink`)."""
        self._relations.clear()
        self._decided.clear()
        self._cut = {partition for partition, offset in offsets.items() if offset > 0}
        self._has_begun = False

    def take(self, records: list[TopicRecord]) -> None:
        """Add relations."""
        for record in records:
            if record.document is None or record.article_offset is None:
                continue
            offset = record.article_offset
            self._relations[record.partition, offset] = record.document.relation
            self._decided[record.partition] = max(offset, self._decided.get(record.partition, -1))
            if len(self._relations) > MAX_RELATIONS:
                self._relations.popitem(last=False)
        self._join()

    def _join(self) -> None:
        """Move the articles whose relation is known into the list."""
        joined = []
        for partition, waiting in self._waiting.items():
            while waiting and waiting[0].offset <= self._decided.get(partition, -1):
                article = waiting.popleft()
                if relation := self._relations.get((partition, article.offset)):
                    document = FilteredArticle(article.value, relation)
                    place = partition, article.offset, article.time_ms
                    joined.append(TopicRecord(*place, None, article.value, document))
        self.list.append(joined)
