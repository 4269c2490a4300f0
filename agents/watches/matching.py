"""Which watches an article meets, and the record of each match.

A watch that asks for the relation of an article to its story meets the article in a second pass, when its story is
known. All others meet it in the first one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec

from streams.errors import Reason, RecordError
from streams.records import Story, watches
from streams.records.codec import decode_identified
from streams.records.filters import FilteredArticle, FilterIndex
from streams.records.outcomes import Derived, DerivedRecord
from streams.records.watches import MatchedStory, Watch

_encoder, _story_decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Story)


class WatchIndex:
    """The watches of one moment.

    Args:
        known: the watches by their names.
    """

    def __init__(self, known: Mapping[str, Watch]) -> None:
        self.watches = known
        self.at_once = FilterIndex({name: watch.filter for name, watch in known.items() if not watch.filter.stories})
        self.by_story = FilterIndex({name: watch.filter for name, watch in known.items() if watch.filter.stories})


def index(table: Mapping[bytes, bytes]) -> WatchIndex:
    """The watches in the records of their topic."""
    return WatchIndex(watches.decode_all(table))


def derive(value: bytes | None, index: WatchIndex) -> Derived:
    """The record of each match of an article, in the alphabetical order of the watches.

    Raises:
        RecordError: the record is no enriched article.
    """
    begin = time.perf_counter()
    return _derived(_article(value), None, index, index.at_once, begin)


def has_second_pass(index: WatchIndex) -> bool:
    """Whether a watch asks for the relation of an article to its story."""
    return not index.by_story.is_empty


def derive_again(value: bytes | None, more: bytes | None, index: WatchIndex) -> Derived:
    """The record of each match of an article with a watch that asks for its story.

    Args:
        value: the record of the enriched article.
        more: the record of its story.
        index: the watches.

    Raises:
        RecordError: one of the two is not what it should be.
    """
    begin = time.perf_counter()
    try:
        story = _story_decoder.decode(more or b"")
    except (msgspec.DecodeError, RecursionError) as error:
        raise RecordError(Reason.INVALID_FIELD, f"The record is no story of an article: {error}.") from None
    article = _article(value, story.relation)
    if article.id != story.id:
        raise RecordError(
            Reason.INVALID_FIELD,
            f"The record is wrong: it is the story of {story.id}, and its offset is that of {article.id}.",
        )
    return _derived(article, MatchedStory(id=story.story, relation=story.relation), index, index.by_story, begin)


def _article(value: bytes | None, relation: str | None = None) -> FilteredArticle:
    try:
        article = FilteredArticle(value, relation)
    except ValueError as error:
        decode_identified(value)  # raises the reason
        raise RecordError(Reason.INVALID_FIELD, f"The record is no article: {error}.") from None
    if article.id is None:
        raise RecordError(Reason.INVALID_FIELD, "`id` is missing: it should be a string.")
    return article


def _derived(
    article: FilteredArticle, story: MatchedStory | None, index: WatchIndex, filters: FilterIndex, begin: float
) -> Derived:
    records = []
    for name, match in filters.match(article):
        record = watches.match_record(name, index.watches[name], article, match, story)
        records.append(DerivedRecord(key=name, id=record.id, value=_encoder.encode(record)))
    return Derived(records, time.perf_counter() - begin)
