"""The second pass of a stage: it analyses an article again when another topic says more about it.

The story of an article is known after the article. What depends on it must not keep the first pass waiting: the worker
of the stories may be away. So the second pass follows the other topic, in a consumer group of its own. Each of its
records names the offset of the article, which is read again from its topic. A record is finished when the broker has
confirmed what came of it, so after a crash some come again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from streams.errors import Reason, TelexError
from streams.kafka.async_consumers import FETCHER_INTERVAL_S, LONG_WAIT_MS, METADATA_AGE_MS, new_async_consumer
from streams.records import headers, originals
from streams.records.outcomes import Dead, Derived, Outcome
from streams.settings import Settings
from streams.stage import Stage
from streams.worker.delivery import Delivery
from streams.worker.engine import HEARTBEAT_S, SESSION_TIMEOUT_S, Engine
from streams.worker.metrics import StageMetrics
from streams.worker.record_reader import RecordReader
from streams.worker.stored_record import StoredRecord
from streams.worker.table_analysis import TableAnalysis

logger = logging.getLogger(__name__)

# The most records of a batch. Their articles have up to a mebibyte each.
BATCH = 32
# Milliseconds between two turns while there is nothing new.
TURN_MS = 1000
# Seconds between two measurements of the lag.
MEASURE_INTERVAL_S = 1.0
_NOTHING = Derived([], 0.0)


class SecondPass:
    """Follows the topic that says more about the articles of a stage.

    Args:
        settings: of the worker.
        stage: a stage with such a topic.
        analysis: of the stage.
        delivery: of the stage.
        metrics: of the stage.
    """

    def __init__(
        self, settings: Settings, stage: Stage, analysis: TableAnalysis, delivery: Delivery, metrics: StageMetrics
    ) -> None:
        assert stage.second
        self._name, self._topic, self._source = stage.name, settings.topic(stage.second), settings.topic(stage.source)
        self._analysis, self._delivery, self._metrics = analysis, delivery, metrics
        self._articles = RecordReader(settings, self._source)
        self._consumer = new_async_consumer(
            settings,
            self._topic,
            group_id=settings.group(f"{stage.name}.second"),
            session_timeout_ms=round(SESSION_TIMEOUT_S * 1000),
            heartbeat_interval_ms=round(HEARTBEAT_S * 1000),
            fetch_max_wait_ms=LONG_WAIT_MS,
            consumer_timeout_ms=round(FETCHER_INTERVAL_S * 1000),
            metadata_max_age_ms=METADATA_AGE_MS,
        )
        self._ending = False
        self._measured = 0.0
        self._running: asyncio.Task[None] | None = None

    async def run(self, engine: Engine) -> None:
        """Run until `stop`. Raises what stopped it. A cancellation does not interrupt a delivery."""
        self._running = asyncio.create_task(self._run(engine))
        await asyncio.shield(self._running)

    async def stop(self, limit_s: float) -> None:
        """Finish the batch that is under way, within `limit_s` seconds, and leave the group."""
        self._ending = True
        if self._running:
            with suppress(TimeoutError, Exception):
                await asyncio.wait_for(self._running, limit_s)

    async def _run(self, engine: Engine) -> None:
        try:
            await self._consumer.start()
            # Until then there is no producer.
            await engine.until_joined()
            while not self._ending:
                fetched: dict[TopicPartition, list[Any]] = await self._consumer.getmany(
                    timeout_ms=TURN_MS, max_records=BATCH
                )
                for tp, records in fetched.items():
                    await self._finish(tp, [StoredRecord.of(record) for record in records])
                await self._measure()
        except KafkaError as error:
            raise TelexError(
                f"The {self._name} worker cannot follow {self._topic} ({error!r}): check that the topic is there, and that Telex may read it."
            ) from error
        finally:
            await self._articles.stop()
            await self._consumer.stop()

    async def _finish(self, tp: TopicPartition, records: Sequence[StoredRecord]) -> None:
        outcomes = await self._outcomes(records)
        self._metrics.second_pass(await self._delivery.deliver(records, outcomes))
        try:
            await self._consumer.commit({tp: records[-1].offset + 1})
        except (CommitFailedError, IllegalStateError) as error:
            # A rebalance came. Who has the partition now takes the records again.
            logger.info("%d records of %s come again: %s", len(records), self._topic, error)

    async def _outcomes(self, records: Sequence[StoredRecord]) -> list[Outcome]:
        index = self._analysis.index
        if not self._analysis.has_second_pass(index):
            return [_NOTHING for _ in records]
        offsets = [headers.article_offset(record.headers) for record in records]
        wanted = sorted({offset for offset in offsets if offset is not None})
        values = await self._articles.values(records[0].partition, wanted)
        if len(values) < len(wanted):
            self._metrics.lost(self._source, records[0].partition, len(wanted) - len(values))
        return await asyncio.to_thread(
            lambda: [self._outcome(record, at, values, index) for record, at in zip(records, offsets, strict=True)]
        )

    def _outcome(
        self, record: StoredRecord, offset: int | None, values: Mapping[int, bytes | None], index: Any
    ) -> Outcome:
        if unreadable := originals.dead_if_unreadable(record.original):
            return unreadable
        if offset is None:
            return Dead.of(Reason.INVALID_FIELD, ValueError(f"The header {headers.ARTICLE_OFFSET} is no offset."))
        # A missing article was deleted by Kafka before it was read, and is counted as lost.
        return self._analysis.analyse_again(values[offset], record.value, index) if offset in values else _NOTHING

    async def _measure(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._measured > MEASURE_INTERVAL_S:
            self._measured = now
            lags = {}
            for tp in self._consumer.assignment():
                end = self._consumer.highwater(tp)
                if end is not None:
                    lags[tp.partition] = max(0, end - await self._consumer.position(tp))
            self._metrics.lag(self._topic, lags)
