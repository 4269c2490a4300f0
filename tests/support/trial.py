"""A trial: a whole pipeline under load, what is done to it, and the evidence of what became of every article."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from streams.settings import Settings
from streams.stage import Stage
from streams.stages import DEAD, STAGES
from tests.support.checker import Evidence, Record, Verdict, check
from tests.support.exam import Part
from tests.support.processes import WorkerProcess, environment, wait_for
from tests.support.reading import committed, read

SEEDS = Path(__file__).parents[2] / "seeds"
# What the load consists of: real sentences, short, so that it is the pipeline that works and not the models alone.
TEXTS = [
    paragraph
    for name in (
        "notre-dame-reouverture",
        "mayotte-chido",
        "lagarde-rates",
        "baltimore-bridge",
        "siku-ya-kiswahili",
        "tusk-premier",
    )
    for paragraph in (SEEDS / f"{name}.txt").read_text().split("\n\n")
    if len(paragraph) > 100
]
# Seconds within which something has to come out, once nobody interferes any more, until all is out.
QUIET_LIMIT_S = 120.0


class Trial:
    """Real workers on topics of their own, and a publisher that is none of Telex.

    Args:
        settings: where the brokers are; the topics exist.
        workers: how many of each stage; or for some stages how many, and then the pipeline has only these.
        supervised: start a worker that ended again, as `telex up`, systemd or Kubernetes does.
        folder: the Telex that stands in it runs, and not this one.
        each: settings of the first worker of each stage, of the second, and so on, beside `more`.
        more: settings of all workers.
    """

    def __init__(
        self,
        settings: Settings,
        workers: int | Mapping[str, int] = 2,
        *,
        supervised: bool = False,
        folder: Path | None = None,
        each: Sequence[Mapping[str, str]] = (),
        **more: str,
    ) -> None:
        self.settings = settings
        self._stack = ExitStack()
        counts = dict.fromkeys(STAGES, workers) if isinstance(workers, int) else workers
        self._stages = [stage for name, stage in STAGES.items() if name in counts]
        self.source, self.target = self._stages[0].source, self._stages[-1].target
        own = dict(enumerate(each))
        self.workers = [
            self._stack.enter_context(
                WorkerProcess(
                    settings,
                    stage.name,
                    environment(settings, **more, **own.get(number, {})),
                    f"{stage.name}-{number}",
                    folder,
                )
            )
            for stage in self._stages
            for number in range(counts[stage.name])
        ]
        self._producer: KafkaProducer | None = None
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self._load: threading.Thread | None = None
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._end = threading.Event()
        self.published = 0
        if supervised:
            self._supervisor.start()

    def _supervise(self) -> None:
        while not self._end.wait(0.5):
            for worker in self.workers:
                if worker.process.poll() is not None and not self._end.is_set():
                    worker.start()

    def ready(self) -> Self:
        """Wait until every worker is."""
        for worker in self.workers:
            worker.wait_ready(120)
        return self

    def send(
        self,
        value: bytes | None,
        key: bytes | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> None:
        """Publish any bytes."""
        if not self._producer:
            servers = self.settings.bootstrap_servers
            self._producer = KafkaProducer(
                bootstrap_servers=servers, acks="all", linger_ms=5, max_request_size=8 * 2**20
            )
        self._producer.send(
            self.settings.topic_prefix + self.source,
            key=key,
            value=value,
            partition=partition,
            timestamp_ms=timestamp_ms,
        )
        self.published += 1

    def article(self, text: str | None = None, **fields: object) -> bytes:
        """Publish an article, with an id of its own, to the partitions in turn; returns the id."""
        number = next(self._numbers)
        identifier = f"a{number:06}"
        record = {"id": identifier, "text": text or TEXTS[number % len(TEXTS)], **fields}
        self.send(json.dumps(record).encode(), identifier.encode(), number % self.settings.partitions)
        return identifier.encode()

    def load(self, rate: float) -> Self:
        """Publish so many articles a second from now on."""

        def run() -> None:
            due = time.monotonic()
            while not self._stop.is_set():
                self.article()
                due += 1 / rate
                time.sleep(max(0.0, due - time.monotonic()))

        self._load = threading.Thread(target=run, daemon=True)
        self._load.start()
        return self

    def hang_up(self) -> None:
        """Let what was published arrive, and go without the broker until the next record."""
        producer, self._producer = self._producer, None
        if producer:
            producer.flush(120)  # kafka-python takes a tenth of a second for a megabyte
            producer.close(timeout=5)

    def pick(self, random: random.Random) -> WorkerProcess:
        """Any worker that runs."""
        return random.choice([worker for worker in self.workers if worker.process.poll() is None])

    def settle(self) -> Evidence:
        """End the load, wait until all is out and committed, and gather the evidence."""
        self._end_load()
        self.wait_until_out()
        # A worker whose consumer is stuck ends by itself after half a minute, and is started again.
        wait_for(lambda: all(map(_is_done, self.workers)), QUIET_LIMIT_S, self.logs)
        # A worker that is about to join its group again, and to do again what it could not commit, does not say so.
        wait_for(lambda: all(map(self._is_passed, self._stages)), QUIET_LIMIT_S, self.logs)
        time.sleep(1.5)  # a late copy
        return self.evidence()

    def rest(self, limit_s: float) -> Evidence:
        """End the load, wait until all of it is committed, whatever became of it, and gather the evidence."""
        self._end_load()
        wait_for(lambda: all(map(self._is_committed, self._stages)), limit_s, self.logs)
        return self.evidence()

    def _end_load(self) -> None:
        self._stop.set()
        if self._load:
            self._load.join()
        self.hang_up()

    def catch_up(self, limit_s: float) -> float:
        """Wait until so many articles are out as were published by now, while the load goes on.

        Returns the seconds that it took.
        """
        published, begin = self.published, time.monotonic()

        def is_out() -> bool:
            try:
                return len({record.key for record in read(self.settings, self.target)}) >= published
            except KafkaError:  # the reader asked a broker that is away, which the others have not noticed yet
                return False

        wait_for(is_out, limit_s, self.logs)
        return time.monotonic() - begin

    def _is_passed(self, stage: Stage) -> bool:
        """Whether every record is committed, not counting the markers of transactions."""
        offsets = committed(self.settings, stage.name)
        return all(offsets.get(record.partition, 0) > record.offset for record in read(self.settings, stage.source))

    def _is_committed(self, stage: Stage) -> bool:
        return sum(committed(self.settings, stage.name).values()) >= self.ends(stage.source)

    def wait_until_out(self) -> None:
        """Until as many different records have come to an end as went in; fails when nothing comes any more before
        that.
        """
        ended, came = 0, time.monotonic()
        while not (ended >= self.published and self._is_out()):
            time.sleep(0.5)
            before, ended = ended, sum(self.ends(topic) for topic in (self.target, DEAD))
            if ended != before:
                came = time.monotonic()
            assert time.monotonic() - came < QUIET_LIMIT_S, f"{ended} of {self.published} came out. {self.logs()}"

    def _is_out(self) -> bool:
        out = {record.key for record in read(self.settings, self.target)}
        dead = {
            (letter["topic"], letter["partition"], letter["offset"])
            for letter in map(_origin, read(self.settings, DEAD))
        }
        return len(out) + len(dead) >= self.published

    def ends(self, topic: str) -> int:
        """How many records a topic was given, over its partitions."""
        consumer = KafkaConsumer(bootstrap_servers=self.settings.bootstrap_servers)
        name = self.settings.topic_prefix + topic
        try:
            return sum(
                consumer.end_offsets(
                    [TopicPartition(name, number) for number in consumer.partitions_for_topic(name) or ()]
                ).values()
            )
        finally:
            consumer.close()

    def evidence(self) -> Evidence:
        """What an independent consumer reads now."""
        prefix = self.settings.topic_prefix
        topics = [self.source, *(stage.target for stage in self._stages)]
        pipeline = {
            prefix + topic: [
                Record(r.partition, r.offset, r.key, r.value, r.headers) for r in read(self.settings, topic)
            ]
            for topic in topics
        }
        dead = [Record(r.partition, r.offset, r.key, r.value, r.headers) for r in read(self.settings, DEAD)]
        return Evidence(
            pipeline, dead, {prefix + stage.source: committed(self.settings, stage.name) for stage in self._stages}
        )

    def verdict(self, part: Part) -> Verdict:
        """Settle and check; takes the verdict down, and fails with every breach when the invariant does not hold."""
        verdict = check(self.settle())
        if verdict.records != self.published:
            verdict.faults.append(
                f"{self.published} records were published, and {verdict.records} are in the raw topic"
            )
        if not verdict.holds:
            print(self.logs())
        return part.holds(verdict)

    def logs(self) -> str:
        """The ends of what the workers said."""

        def said(worker: WorkerProcess) -> str:
            lag = [line for line in worker.get("/metrics")[1].splitlines() if line.startswith("telex_consumer_lag{")]
            return f"--- {worker.stage}, {worker.get('/readyz')}, {lag}:\n{worker.log.read_text()[-2000:]}"

        return "\n".join(map(said, self.workers))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._end.set()
        if self._supervisor.is_alive():
            self._supervisor.join()
        self._stack.close()
        self.hang_up()


def _is_done(worker: WorkerProcess) -> bool:
    return worker.get("/readyz")[0] == 200 and worker.metric("telex_consumer_lag{") == 0


def reasons(evidence: Evidence) -> dict[bytes | None, str]:
    """The dead letters: key and reason, copies once."""
    return {letter.key: (dict(letter.headers)["telex.error.reason"] or b"").decode() for letter in evidence.dead}


def _origin(record: object) -> dict[str, bytes]:
    return {name.removeprefix("__connect.errors."): value for name, value in record.headers}  # type: ignore[attr-defined]
