"""Which watches an article meets, and the record of each match."""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec

from streams.errors import Reason, RecordError
from streams.records import watches
from streams.records.codec import decode_identified
from streams.records.filters import FilteredArticle, FilterIndex
from streams.records.outcomes import Derived, DerivedRecord
from streams.records.watches import Watch

_encoder = msgspec.json.Encoder()


class WatchIndex:
    """The watches of one moment.

    Args:
        known: the watches by their names.
    """

    def __init__(self, known: Mapping[str, Watch]) -> None:
        self.watches = known
        self.filters = FilterIndex({name: watch.filter for name, watch in known.items()})


def index(table: Mapping[bytes, bytes]) -> WatchIndex:
    """The watches in the records of their topic."""
    return WatchIndex(watches.decode_all(table))


def derive(value: bytes | None, at: WatchIndex) -> Derived:
    """The record of each match of an article, in the alphabetical order of the watches.

    Raises:
        RecordError: the record is no enriched article.
    """
    begin = time.perf_counter()
    try:
        article = FilteredArticle(value)
    except ValueError as error:
        decode_identified(value)  # raises the reason
        raise RecordError(Reason.INVALID_FIELD, f"The record is no article: {error}.") from None
    if article.id is None:
        raise RecordError(Reason.INVALID_FIELD, "`id` is missing: it should be a string.")
    records = []
    for name, match in at.filters.match(article):
        record = watches.match_record(name, at.watches[name], article, match)
        records.append(DerivedRecord(key=name, id=record.id, value=_encoder.encode(record)))
    return Derived(records, time.perf_counter() - begin)
