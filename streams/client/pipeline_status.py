"""How the stages are doing, as the cluster tells it: what waits, how fast it goes, what died, who works."""

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
from streams.stages import STAGES, Stage

# Seconds between the two looks at the committed offsets that the first rate comes from; workers commit every 0.5 s.
RATE_INTERVAL_S = 1.0


@dataclass(frozen=True)
class StageStatus:
    """How one stage is doing.

    Attributes:
        lag: records that are not acknowledged.
        rate: records acknowledged in a second.
        dead_letters: of this stage, in the topic of the dead letters, redriven ones included.
        workers: members of the stage's consumer group; None where the broker does not say.
        last_progress: when the newest record was written to the stage's target topic, as RFC 3339; None before the first.
    """

    stage: str
    lag: int
    rate: float
    dead_letters: int
    workers: int | None
    last_progress: str | None


class Watch:
    """Looks at the stages, again and again; remembers the look before, for the rate, and the dead letters already counted."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._before: tuple[float, dict[str, Offsets]] | None = None
        self._counted: Offsets = {}
        self._dead: Counter[str | None] = Counter()

    def look(self) -> list[StageStatus]:
        """Each stage in the order of the pipeline. The first look takes RATE_INTERVAL_S longer.

        Raises:
            TelexError: the cluster cannot be used, or there are no topics.
        """
        partitions = topics.check(self._settings)
        self._count_dead()
        with admin(self._settings) as client:
            if self._before is None:
                self._before = time.monotonic(), self._committed(client)
                time.sleep(RATE_INTERVAL_S)
            now, committed = time.monotonic(), self._committed(client)
            workers = consumer_groups.members(client, committed)
            found = []
            for stage in STAGES.values():
                group = self._group(stage)
                source, target = (
                    [TopicPartition(topic, number) for number in range(partitions[topic])]
                    for topic in (
                        self._settings.topic(stage.source),
                        self._settings.topic(stage.target),
                    )
                )
                begin, end = _offsets(client, source, OffsetSpec.EARLIEST), _offsets(client, source, OffsetSpec.LATEST)
                done = _done(committed[group], begin, end)
                before = _done(self._before[1].get(group, {}), begin, end)
                newest = client.list_partition_offsets(dict.fromkeys(target, OffsetSpec.MAX_TIMESTAMP)).values()
                found.append(
                    StageStatus(
                        stage=stage.name,
                        lag=sum(max(0, end[tp] - done[tp]) for tp in source),
                        rate=round(sum(max(0, done[tp] - before[tp]) for tp in source) / (now - self._before[0]), 1),
                        dead_letters=self._dead[stage.name],
                        workers=workers[group],
                        last_progress=rfc3339.of_timestamp(max(record.timestamp for record in newest)),
                    )
                )
        self._before = now, committed
        return found

    def _committed(self, client: KafkaAdminClient) -> dict[str, Offsets]:
        return consumer_groups.committed(client, [self._group(stage) for stage in STAGES.values()])

    def _group(self, stage: Stage) -> str:
        return self._settings.group(stage.name)

    def _count_dead(self) -> None:
        """Count the dead letters that came since the look before. Kafka gives no headers without values: this reads them."""
        end = reader.ends(self._settings)
        if any(end.get(tp, 0) < counted for tp, counted in self._counted.items()):  # the topic was made anew
            self._counted = {}
            self._dead.clear()
        if end != self._counted:
            self._dead.update(letter.stage for letter in reader.read(self._settings, self._counted, end))
            self._counted = end


def _done(committed: Offsets, begin: Offsets, end: Offsets) -> Offsets:
    """Before which offset everything is acknowledged or deleted, for each partition in `begin`.

    Of a topic that was made anew, or where the offset was set beyond the end, nothing is: workers read it from its beginning.
    """
    done = {tp: committed.get(tp, 0) for tp in begin}
    return {tp: max(done[tp], first) if done[tp] <= end[tp] else first for tp, first in begin.items()}


def _offsets(client: KafkaAdminClient, partitions: list[TopicPartition], which: OffsetSpec) -> Offsets:
    # Read committed, like the workers: what a transaction has not committed does not wait for them yet.
    found = client.list_partition_offsets(dict.fromkeys(partitions, which), IsolationLevel.READ_COMMITTED)
    return {tp: said.offset for tp, said in found.items()}
