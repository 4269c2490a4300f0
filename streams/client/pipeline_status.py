"""The status of each stage as the cluster reports it: lag, rate, dead letters, workers and last progress."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.protocol.consumer import IsolationLevel

from streams.dead_letters import reader
from streams.kafka import consumer_groups, topics
from streams.kafka.connections import admin
from streams.kafka.consumer_groups import Offsets
from streams.records import rfc3339
from streams.settings import Settings
from streams.stage import Stage
from streams.stages import ALL_TOPICS, TABLES, WORKERS
from streams.task import SequentialTask

# Seconds between the two readings of the committed offsets that give the first rate. Workers commit every 0.5 s.
RATE_INTERVAL_S = 1.0


@dataclass(frozen=True)
class StageStatus:
    """The status of one stage.

    Attributes:
        lag: records in the source topic that are not acknowledged.
        rate: records acknowledged a second.
        dead_letters: dead letters of this stage in the topic of the dead letters, redriven ones included.
        workers: members of the stage's consumer group; None where the broker does not say.
        last_progress: the time of the newest record in the stage's target topic, as RFC 3339; None where there is none,
            and for webhooks, whose results leave the cluster.
    """

    stage: str
    lag: int
    rate: float
    dead_letters: int
    workers: int | None
    last_progress: str | None


class StatusReader:
    """Reads the status of all stages, as often as asked.

    It remembers the committed offsets of the reading before, for the rate, and the dead letters that it has counted.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._previous: tuple[float, dict[str, Offsets]] | None = None
        self._counted_to: Offsets = {}
        self._dead_letters: Counter[str | None] = Counter()

    def read(self) -> list[StageStatus]:
        """The status of each stage, in the order of the pipeline. The first reading takes RATE_INTERVAL_S longer.

        Raises:
            TelexError: the cluster does not answer, or the topics do not exist.
        """
        partitions = topics.check(self._settings, others=ALL_TOPICS)
        self._count_dead_letters()
        with admin(self._settings) as client:
            if self._previous is None:
                self._previous = time.monotonic(), self._committed(client)
                time.sleep(RATE_INTERVAL_S)
            now, committed = time.monotonic(), self._committed(client)
            workers = consumer_groups.members(client, committed)
            stages = []
            for stage in WORKERS.values():
                if not {self._settings.topic(stage.source), self._settings.topic(stage.target)} <= partitions.keys():
                    continue  # `telex topics` was last run before this stage existed
                group = self._group(stage)
                source, target = (
                    [TopicPartition(topic, number) for number in range(partitions[topic])]
                    for topic in (self._settings.topic(stage.source), self._settings.topic(stage.target))
                )
                begin, end = _offsets(client, source, OffsetSpec.EARLIEST), _offsets(client, source, OffsetSpec.LATEST)
                done = _done(committed[group], begin, end)
                done_before = _done(self._previous[1].get(group, {}), begin, end)
                done_since = sum(max(0, done[tp] - done_before[tp]) for tp in source)
                stages.append(
                    StageStatus(
                        stage=stage.name,
                        lag=sum(max(0, end[tp] - done[tp]) for tp in source),
                        rate=round(done_since / (now - self._previous[0]), 1),
                        dead_letters=self._dead_letters[stage.name],
                        workers=workers[group],
                        last_progress=None if stage.target in TABLES else _newest(client, target),
                    )
                )
        self._previous = now, committed
        return stages

    def _committed(self, client: KafkaAdminClient) -> dict[str, Offsets]:
        return consumer_groups.committed(client, [self._group(stage) for stage in WORKERS.values()])

    def _group(self, stage: Stage | SequentialTask) -> str:
        return self._settings.group(stage.name)

    def _count_dead_letters(self) -> None:
        """Count the new dead letters. This reads them whole, because Kafka sends no headers without the values."""
        end = reader.ends(self._settings)
        if any(end.get(tp, 0) < offset for tp, offset in self._counted_to.items()):  # the topic was created again
            self._counted_to = {}
            self._dead_letters.clear()
        if end != self._counted_to:
            self._dead_letters.update(
                dead_letter.stage for dead_letter in reader.read(self._settings, self._counted_to, end)
            )
            self._counted_to = end


def _done(committed: Offsets, begin: Offsets, end: Offsets) -> Offsets:
    """The offset before which every record is acknowledged or deleted, for each partition in `begin`.

    A committed offset beyond the end means that the topic was created again, or that somebody set the offset there.
    Then no record counts as acknowledged: the workers read the partition from its beginning.
    """
    done = {tp: committed.get(tp, 0) for tp in begin}
    return {tp: max(done[tp], first) if done[tp] <= end[tp] else first for tp, first in begin.items()}


def _newest(client: KafkaAdminClient, partitions: list[TopicPartition]) -> str | None:
    """The time of the newest record."""
    newest = client.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.MAX_TIMESTAMP)).values()
    return rfc3339.of_timestamp(max(record.timestamp for record in newest))


def _offsets(client: KafkaAdminClient, partitions: list[TopicPartition], which: OffsetSpec) -> Offsets:
    # Read committed, like the workers: a record of an open transaction does not wait for them yet.
    listed = client.list_partition_offsets(dict.fromkeys(partitions, which), IsolationLevel.READ_COMMITTED)
    return {tp: answer.offset for tp, answer in listed.items()}
