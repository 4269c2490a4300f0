"""The stories of the recent articles, as the stories agent publishes them."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct, structs

from streams.records import Relation, rfc3339
from streams.records.story import Story as StoryRecord
from streams.web.topic_record import TopicRecord

# So many stories are kept, and so many reports of each.
MAX_STORIES, MAX_REPORTS = 500, 50


class Report(Struct, frozen=True):
    """An article of a story, with its title where it is known, and how it relates to the article `of`."""

    id: str
    relation: Relation
    time: str | None
    of: str | None = None
    title: str | None = None


class Story(Struct, frozen=True):
    """A story.

    Attributes:
        story: the id of the article that opened it.
        title: of that article, or else of a report that is known; None where none is.
        articles: the number of its reports so far.
        time: of the newest report.
        reports: the newest reports.
    """

    story: str
    title: str | None
    articles: int
    time: str | None
    reports: list[Report]


_decoder = msgspec.json.Decoder(StoryRecord)


def decode(value: bytes) -> StoryRecord:
    """Decode a record of `articles.stories`. Raises ValueError for other content."""
    return _decoder.decode(value)


class StoryList:
    """The stories with the newest reports."""

    def __init__(self) -> None:
        self._stories: OrderedDict[str, tuple[int, int, deque[Report]]] = OrderedDict()

    def start_over(self, mark: str, offsets: dict[int, int]) -> None:
        """Forget all stories."""
        self._stories.clear()

    def take(self, records: list[TopicRecord]) -> None:
        """Add reports to their stories."""
        for record in records:
            found: Any = record.document
            if not isinstance(found, StoryRecord):
                continue
            count, time_ms, reports = self._stories.pop(found.story, (0, 0, deque(maxlen=MAX_REPORTS)))
            if found.id not in {report.id for report in reports}:  # else a copy
                reports.append(Report(found.id, found.relation, rfc3339.of_timestamp(record.time_ms), found.of))
            # The newest last.
            self._stories[found.story] = max(count, found.articles), max(time_ms, record.time_ms), reports
            if len(self._stories) > MAX_STORIES:
                self._stories.popitem(last=False)

    def newest(self, count: int, title: Callable[[str], str | None]) -> list[Story]:
        """The stories with the newest reports, the newest first.

        Args:
            count: the most stories.
            title: the title of an article with this id; None where it is not known.
        """
        found = []
        for story, (articles, time_ms, reports) in list(reversed(self._stories.items()))[:count]:
            named = [structs.replace(report, title=title(report.id)) for report in reversed(reports)]
            name = title(story) or next((report.title for report in named if report.title), None)
            found.append(Story(story, name, articles, rfc3339.of_timestamp(time_ms), named))
        return found
