"""Counts of the articles of the last hour: languages, tones, entities with the tones towards them, places."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec
from msgspec import Struct

from streams.records import NotAnalysedReason, rfc3339
from streams.records.filters import FilteredArticle
from streams.records.filters.conditions import LABELS
from streams.stages import STAGE_NAMES
from streams.web.recent import RecentArticle

MINUTES = 60
# So many entities of an article count, the most frequent first. A longer name or code does not count.
MAX_ENTITIES, MAX_NAME = 50, 100
# So many different things are counted in a minute. Of more, only those are counted that have come before.
MAX_KEYS = 5000
SHOWN_LANGUAGES, SHOWN_ENTITIES, SHOWN_PLACES = 12, 20, 120

# The key of a count: its kind, and the values that tell apart the counts of this kind.
Key = tuple[str, ...]


class EntityInHour(Struct, frozen=True):
    """An entity, with the number of articles that name it, and of those that speak of it in each tone."""

    name: str
    type: str
    articles: int
    tones: dict[str, int]


class PlaceInHour(Struct, frozen=True):
    """A place, with the number of articles that name it."""

    name: str
    latitude: float
    longitude: float
    articles: int


class Hour(Struct, frozen=True):
    """The counts of the last hour.

    Attributes:
        since: the time of the first article that counts.
        articles: the number of articles.
        minutes: the number of articles of each minute, the current minute last.
        languages: the number of articles in each language (ISO 639-1).
        sentiments: the number of articles of each tone.
        not_analysed: for each stage, the number of articles that it did not analyse, by reason.
        entities: the entities that most articles name.
        places: the places that most articles name.
    """

    since: str | None
    articles: int
    minutes: list[int]
    languages: dict[str, int]
    sentiments: dict[str, int]
    not_analysed: dict[str, dict[str, int]]
    entities: list[EntityInHour]
    places: list[PlaceInHour]


class _Status(Struct, frozen=True):
    status: str = ""
    reason: NotAnalysedReason | None = None


class _Statuses(Struct, frozen=True):
    language: _Status = _Status()
    entities: _Status = _Status()
    sentiment: _Status = _Status()


_statuses = msgspec.json.Decoder(_Statuses)


class LastHour:
    """Counts the articles of the last hour, minute by minute. What leaves the hour is subtracted from the sums."""

    def __init__(self) -> None:
        self._minutes: dict[int, Counter[Key]] = {}
        # By kind, so that a report reads only what it shows.
        self._sums: defaultdict[str, Counter[Key]] = defaultdict(Counter)
        self._points: dict[str, tuple[str, float, float]] = {}
        self._first_ms: int | None = None

    def add(self, articles: Iterable[RecentArticle]) -> None:
        """Count articles."""
        now = _minute(time.time() * 1000)
        for article in articles:
            # Kafka's broker sets the times. One that is ahead of this machine's clock is of this minute.
            minute = min(_minute(article.time_ms), now)
            if minute <= now - MINUTES:
                continue
            counts = self._minutes.setdefault(minute, Counter())
            for key in chain(_kinds(article), self._named(article.article)):
                if len(counts) < MAX_KEYS or key in counts:
                    counts[key] += 1
                    self._sums[key[0]][key[1:]] += 1
            self._first_ms = min(article.time_ms, self._first_ms or article.time_ms)
        self._expire(now)

    def report(self) -> Hour:
        """The counts, now."""
        now = _minute(time.time() * 1000)
        self._expire(now)
        first = now - MINUTES + 1
        not_analysed: dict[str, dict[str, int]] = {stage: {} for stage in STAGE_NAMES}
        for (stage, reason), count in self._sums["reason"].items():
            not_analysed[stage][reason] = count
        return Hour(
            since=None if self._first_ms is None else rfc3339.of_timestamp(max(self._first_ms, first * 60_000)),
            articles=self._sums["article"][()],
            minutes=[self._minutes.get(minute, Counter[Key]())[("article",)] for minute in range(first, now + 1)],
            languages={code: count for (code,), count in self._sums["language"].most_common(SHOWN_LANGUAGES)},
            sentiments={label: self._sums["sentiment"][(label,)] for label in LABELS},
            not_analysed=not_analysed,
            entities=[
                EntityInHour(name, kind, count, {label: self._sums["towards"][kind, name, label] for label in LABELS})
                for (kind, name), count in self._sums["entity"].most_common(SHOWN_ENTITIES)
            ],
            places=[
                PlaceInHour(*self._points[identity], count)
                for (identity,), count in self._sums["place"].most_common(SHOWN_PLACES)
            ],
        )

    def _named(self, article: FilteredArticle) -> Iterator[Key]:
        for entity in (article.entities or ())[:MAX_ENTITIES]:
            if len(entity.name) > MAX_NAME:
                continue
            yield "entity", entity.type, entity.name
            if tone := article.towards.get((entity.name, entity.type)):
                yield "towards", entity.type, entity.name, tone
            if entity.place:
                identity = str(entity.place.geonames_id)
                self._points.setdefault(identity, (entity.name, entity.place.latitude, entity.place.longitude))
                yield "place", identity

    def _expire(self, now: int) -> None:
        for minute in [minute for minute in self._minutes if minute <= now - MINUTES]:
            for key, count in self._minutes.pop(minute).items():
                sums = self._sums[key[0]]
                sums[key[1:]] -= count
                if not sums[key[1:]]:
                    del sums[key[1:]]
        if len(self._points) > 2 * MAX_KEYS:
            self._points = {identity: self._points[identity] for (identity,) in self._sums["place"]}


def _kinds(article: RecentArticle) -> Iterator[Key]:
    yield ("article",)
    if article.article.language and len(article.article.language) <= MAX_NAME:
        yield "language", article.article.language
    if article.article.sentiment:
        yield "sentiment", article.article.sentiment
    for stage, reason in _reasons(article.value):
        yield "reason", stage, reason


def _reasons(value: bytes) -> Iterator[tuple[str, str]]:
    """The stages that did not analyse an article, and why."""
    try:
        statuses = _statuses.decode(value)
    except msgspec.DecodeError:
        return
    for stage in STAGE_NAMES:
        found: _Status | Any = getattr(statuses, stage, None)
        if found and found.status == "not_analysed" and found.reason:
            yield stage, found.reason


def _minute(time_ms: float) -> int:
    return int(time_ms // 60_000)
