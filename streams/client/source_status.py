"""The articles of each source and language in the last hour and day, as the topic of the enriched articles has them."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from streams.errors import TelexError
from streams.kafka import stored_records
from streams.kafka.connections import kafka_errors, partitions
from streams.kafka.consumer_groups import Offsets
from streams.kafka.consumers import new_consumer
from streams.records import rfc3339
from streams.records.headers import published_at
from streams.settings import Settings
from streams.sources.article_facts import article_facts
from streams.sources.source_table import DAY_S, HOUR_S, RHYTHM_S, SourceTable
from streams.stages import ENRICHED

# Most records that one reading takes, those that came last. 1,000 take 0.1 s of a processor (docs/completeness.md).
MAX_RECORDS = 100_000


@dataclass(frozen=True)
class SourceStatus:
    """The articles of a source in a language.

    Attributes:
        source, language: their names; `other` for all that do not fit, `unknown` for articles that name none.
        articles_last_hour, articles_last_day: articles that were enriched in that time; None where not all of it was
            read.
        last_article: when the newest article was published to Telex, as RFC 3339.
        age_s: seconds since then.
        not_analysed: by stage and by reason, the share of the articles of the last day without a result, 0 to 1. Where
            less than a day was read, it is the share of that.
        silent: whether the source has been without an article for more than twice its longest pause of the last two
            days; never for `other` and `unknown`, which are no sources.
    """

    source: str
    language: str
    articles_last_hour: int | None
    articles_last_day: int | None
    last_article: str | None
    age_s: float
    not_analysed: dict[str, dict[str, float]]
    silent: bool


class SourceStatusReader:
    """Reads the status of all sources, as often as asked.

    The first reading takes the records of the last two days from the topic, and each later one those that came since.
    So no worker has to answer, and no restart changes the answer.

    Attributes:
        since: the time from which on all articles were read, in seconds since 1970; 0 before the first reading. Older
            articles were deleted, or are more than MAX_RECORDS before the end.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopped = False
        self._start_over()

    def _start_over(self) -> None:
        self._table = SourceTable(self._settings.sources_shown)
        self._positions: Offsets = {}
        self.since = 0.0

    def read(self) -> list[SourceStatus]:
        """The status of each source and language, those with the most articles first, then `other`.

        A source without an article in the last two days is not there.

        Raises:
            TelexError: the cluster does not answer, the topic does not exist, or the reading was stopped.
        """
        topic = self._settings.topic(ENRICHED)
        tps = [TopicPartition(topic, number) for number in range(partitions(self._settings, topic))]
        now = time.time()
        with kafka_errors(self._settings), closing(new_consumer(self._settings)) as consumer:
            end = consumer.end_offsets(tps)
            if any(end[tp] < position for tp, position in self._positions.items()):  # the topic was created again
                self._start_over()
            cut = self._seek(consumer, end, now)
            for record in stored_records.read_on(self._settings, consumer, end):
                if self._stopped:
                    raise TelexError("The sources were not read to their end: the program stops.")
                if record.partition in cut:
                    cut.remove(record.partition)
                    self.since = max(self.since, record.timestamp / 1000)
                self._count(record, now)
                self._positions[TopicPartition(topic, record.partition)] = record.offset + 1
            self._positions.update(end)
        return [
            SourceStatus(
                row.source,
                row.language,
                row.last_hour if self.since <= now - HOUR_S else None,
                row.last_day if self.since <= now - DAY_S else None,
                rfc3339.of_seconds(row.last_article),
                round(max(0.0, now - row.last_article), 1),
                {stage: dict(shares) for stage, shares in row.not_analysed.items()},
                row.silent,
            )
            for row in self._table.rows(now)
        ]

    def stop(self) -> None:
        """Let a reading in another thread end soon."""
        self._stopped = True

    def _seek(self, consumer: KafkaConsumer, end: Offsets, now: float) -> set[int]:
        """Set the consumer before the first record to read of each partition.

        Returns:
            The numbers of the partitions that had earlier records of these days, or may have had, which are not read.
        """
        tps = list(end)
        first = consumer.beginning_offsets(tps)
        of_the_days = consumer.offsets_for_times(dict.fromkeys(tps, int((now - RHYTHM_S) * 1000)))
        consumer.assign(tps)
        cut = set()
        for tp in tps:
            position = self._positions.get(tp, 0)
            begin = max(position, of_the_days[tp].offset if of_the_days.get(tp) else end[tp])
            start = max(begin, end[tp] - MAX_RECORDS // len(tps))
            consumer.seek(tp, start)
            # Before the first record that the topic has, there may have been others of these days.
            if start > begin or position < start == first[tp]:
                cut.add(tp.partition)
        return cut

    def _count(self, record: Any, now: float) -> None:
        enriched = min(max(0, record.timestamp) / 1000, now)
        if facts := article_facts(record.value, record.headers):
            self._table.add(facts, enriched, min(published_at(record.headers) or enriched, enriched))
