"""Measures one system on topics of its own: its speed, its cost, and what it loses when its workers are killed."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from peers.account import Account, account, select
from peers.offsets import Offsets
from peers.workers import Workers
from streams.bench.driver import with_ids
from streams.errors import TelexError
from streams.settings import Settings
from streams.stages import ENRICHED, RAW, STAGE_NAMES, STAGES
from tests.support.article_publisher import ArticlePublisher
from tests.support.evidence import gather
from tests.support.independent_reader import read

# Articles that are sent, again and again, until so many are out and every stage has committed in every partition.
WARM_UP_ARTICLES, WARM_UP_INTERVAL_S, WARM_UP_LIMIT_S = 32, 8.0, 240.0
# Seconds without any change after which a pipeline counts as quiet: when everything is committed, and when it is not.
# The longest session of a killed worker is Faust's, 60 s.
QUIET_S, STUCK_S = 2.0, 120.0
# Seconds until a further article has to come out. A worker that was killed may have to wait for the end of its session.
OUTPUT_LIMIT_S = 240.0
# Seconds between the first output of a stage after the last kill, and the kill of its worker: up to twice the usual
# interval of the automatic commits, 5 s.
KILL_AFTER_S = (1.0, 10.0)
POLL_S = 0.1


class Round(Struct, frozen=True):
    """All articles sent at once: articles a second until the last one is out, and processor time of the workers."""

    articles_per_s: float
    cpu_s: float


class Kills(Struct, frozen=True):
    """The killed workers: what became of the articles, and seconds from the last kill to the last enriched record."""

    account: Account
    quiet_after_s: float


def schedule(kills: int, seed: int) -> list[tuple[str, float]]:
    """The stage of each kill, and the seconds to wait, the same for every system. All stages have their turn."""
    chance = random.Random(seed)
    stages = list(itertools.islice(itertools.cycle(STAGE_NAMES), kills))
    chance.shuffle(stages)
    return [(stage, chance.uniform(*KILL_AFTER_S)) for stage in stages]


class Measurement:
    """Measures the workers of one system. The methods are called in the order in which they stand here.

    Args:
        settings: where Kafka is; nobody else uses the topics.
        workers: of the system, started.
        delay_s: seconds that the analysis of an article takes longer.
    """

    def __init__(self, settings: Settings, workers: Workers, delay_s: float = 0.0) -> None:
        self._settings, self._workers, self._offsets, self._delay_s = settings, workers, Offsets(settings), delay_s
        self._rounds = itertools.count()

    def warm_up(self, articles: Sequence[bytes]) -> None:
        """Send articles until some are out and every stage has committed in every partition, then until all is quiet.

        A consumer that begins at the end of its topic (`auto_offset_reset="latest"`, the default of several clients)
        loses what comes before its first commit. That is no matter of a worker that runs for long.

        Raises:
            TelexError: a worker ends, or a stage does not get there.
        """
        some, deadline = articles[:WARM_UP_ARTICLES], time.monotonic() + WARM_UP_LIMIT_S
        for number in itertools.count():
            self._publish(some, f"w{number}")
            again = time.monotonic() + WARM_UP_INTERVAL_S + self._delay_s * len(some) * len(STAGES)
            while time.monotonic() < again:
                self._sleep(0.5)
                if self._offsets.written(ENRICHED) >= len(some) and self._is_committed_everywhere():
                    self.wait_until_quiet()
                    return
            if again > deadline:
                raise TelexError(f"Not every stage worked and committed within {WARM_UP_LIMIT_S:g} s.")

    def _is_committed_everywhere(self) -> bool:
        everywhere = set(range(self._settings.partitions))
        try:
            return all(offsets.keys() == everywhere for offsets in self._offsets.committed().values())
        except TelexError:  # the first group makes the broker create the topic of the offsets
            return False

    def round(self, articles: Sequence[bytes]) -> Round:
        """Send all articles at once, and measure until the last one is out. Raises TelexError when one is missing."""
        prefix, written = f"r{next(self._rounds)}", self._offsets.written(ENRICHED)
        cpu_s, begin = self._workers.cpu_s(), time.time()
        self._publish(articles, prefix)
        self._wait_for_output(ENRICHED, written + len(articles))
        cpu_s = self._workers.cpu_s() - cpu_s
        ends = {
            record.key: record.timestamp / 1000
            for record in read(self._settings, ENRICHED)
            if record.key.startswith(f"{prefix}-".encode())
        }
        if len(ends) < len(articles):
            raise TelexError(f"{len(articles) - len(ends)} of {len(articles)} articles did not come out.")
        self.wait_until_quiet()
        return Round(len(articles) / (max(ends.values()) - begin), cpu_s / len(articles))

    def results(self) -> dict[bytes, list[Any]]:
        """The analyses of each article of the first round, by its id."""
        enriched = {record.key: json.loads(record.value) for record in read(self._settings, ENRICHED)}
        return {
            key: [article[stage] for stage in STAGE_NAMES]
            for key, article in enriched.items()
            if key.startswith(b"r0-")
        }

    def kill(self, kills: Sequence[tuple[str, float]], rate: float, advance: Callable[[], None]) -> Kills:
        """Kill workers while `rate` articles a second arrive, and account for every article when all is quiet."""
        publisher = ArticlePublisher(self._settings, RAW).start_load(rate)
        last_kill = time.time()
        for stage, seconds in kills:
            target = STAGES[stage].target
            self._wait_for_output(target, self._offsets.written(target) + 1)
            self._sleep(seconds)
            self._workers.replace(stage)
            last_kill = time.time()
            advance()
        publisher.end_load()
        self.wait_until_quiet()
        evidence = select(gather(self._settings, list(STAGES.values())), lambda record: _is_load(record.key))
        ends = [record.timestamp / 1000 for record in read(self._settings, ENRICHED) if _is_load(record.key)]
        return Kills(account(evidence), max(ends, default=last_kill) - last_kill)

    def wait_until_quiet(self) -> None:
        """Wait until everything is committed and nothing moves, or until nothing has moved for STUCK_S."""
        last, since = self._offsets.snapshot(), time.monotonic()
        while True:
            self._sleep(0.5)
            now = self._offsets.snapshot()
            if now != last:
                last, since = now, time.monotonic()
            limit_s = QUIET_S if all(ends == offsets for ends, offsets in now.values()) else STUCK_S
            if time.monotonic() - since > limit_s:
                return

    def _publish(self, articles: Sequence[bytes], prefix: str) -> None:
        publisher = ArticlePublisher(self._settings, RAW)
        for number, value in enumerate(with_ids(articles, prefix)):
            publisher.publish(value, f"{prefix}-{number}".encode())
        publisher.close_producer()

    def _wait_for_output(self, topic: str, records: int) -> None:
        """Wait until the topic has so many records. Raises TelexError when no further one comes, or a worker ends."""
        written, since = self._offsets.written(topic), time.monotonic()
        while written < records:
            self._sleep(POLL_S)
            before, written = written, self._offsets.written(topic)
            if written != before:
                since = time.monotonic()
            if time.monotonic() - since > OUTPUT_LIMIT_S:
                raise TelexError(f"{topic} has {written} of {records} records, and got none for {OUTPUT_LIMIT_S:g} s.")

    def _sleep(self, seconds: float) -> None:
        self._workers.check()
        time.sleep(seconds)

    def close(self) -> None:
        """Disconnect from Kafka."""
        self._offsets.close()


def _is_load(key: bytes | None) -> bool:
    """Whether the record is one of the steady load of `ArticlePublisher`, whose ids begin with `a`."""
    return (key or b"").startswith(b"a")
