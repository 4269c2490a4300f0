"""A run of a whole pipeline under load: its workers, what is published to it, and what becomes of every article."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from kafka.errors import KafkaError

from streams.settings import Settings
from streams.stage import Stage
from streams.stages import DEAD, STAGES
from tests.support.article_publisher import ArticlePublisher
from tests.support.checker import Evidence, Verdict, check
from tests.support.evidence import finished, gather
from tests.support.exam import Part
from tests.support.independent_reader import committed, end_offset_sum, read
from tests.support.processes import WorkerProcess, environment, wait_for

# Seconds in which at least one more record has to come out, after the faults, until all records are out.
QUIET_LIMIT_S = 120.0


class PipelineRun(ArticlePublisher):
    """Real workers on topics that no other test uses, and a publisher that shares no code with Telex.

    Args:
        settings: where the brokers are; the topics exist.
        workers: the number of workers of each stage; or a number for each of some stages, and the pipeline has only
            these stages.
        supervised: start a worker that ended again, as `telex up`, systemd or Kubernetes does.
        folder: run the copy of Telex in this folder instead of this one.
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
        counts = dict.fromkeys(STAGES, workers) if isinstance(workers, int) else workers
        self._stages = [stage for name, stage in STAGES.items() if name in counts]
        self.source, self.target = self._stages[0].source, self._stages[-1].target
        super().__init__(settings, self.source)
        self._stack = ExitStack()
        own_settings = dict(enumerate(each))
        self.workers = [
            self._stack.enter_context(
                WorkerProcess(
                    settings,
                    stage.name,
                    environment(settings, **more, **own_settings.get(number, {})),
                    f"{stage.name}-{number}",
                    folder,
                )
            )
            for stage in self._stages
            for number in range(counts[stage.name])
        ]
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._end = threading.Event()
        if supervised:
            self._supervisor.start()

    def _supervise(self) -> None:
        while not self._end.wait(0.5):
            for worker in self.workers:
                if worker.process.poll() is not None and not self._end.is_set():
                    worker.start()

    def wait_ready(self) -> Self:
        """Wait until every worker is ready."""
        for worker in self.workers:
            worker.wait_ready(120)
        return self

    def pick_worker(self, chance: random.Random) -> WorkerProcess:
        """Choose one of the workers that run."""
        return chance.choice([worker for worker in self.workers if worker.process.poll() is None])

    def start_another(self, worker: WorkerProcess) -> WorkerProcess:
        """Start another worker with the settings and the instance id of `worker`."""
        another = WorkerProcess(self.settings, worker.stage, worker.environment, worker.instance)
        self.workers.append(self._stack.enter_context(another))
        return another

    def settle(self) -> Evidence:
        """End the load, wait until everything is out and committed, and gather the evidence."""
        self.end_load()
        self.wait_until_out()
        # A worker whose consumer is stuck ends by itself after half a minute, and is started again.
        wait_for(lambda: all(map(_is_idle, self.workers)), QUIET_LIMIT_S, self.logs)
        # A worker that is about to rejoin its group, and to repeat what it could not commit, also seems idle.
        wait_for(lambda: all(map(self._is_passed, self._stages)), QUIET_LIMIT_S, self.logs)
        time.sleep(1.5)  # a late copy
        return self.evidence()

    def settle_commits(self, limit_s: float) -> Evidence:
        """End the load, wait until every record is committed, finished or not, and gather the evidence."""
        self.end_load()
        wait_for(lambda: all(map(self._is_committed, self._stages)), limit_s, self.logs)
        return self.evidence()

    def catch_up(self, limit_s: float) -> float:
        """Wait until as many articles are out as are published now, while the load goes on.

        Returns the seconds that it took.
        """
        published, begin = self.published, time.monotonic()

        def is_out() -> bool:
            try:
                return len({record.key for record in read(self.settings, self.target)}) >= published
            except KafkaError:  # the reader asked a broker that has ended, which the other brokers do not know yet
                return False

        wait_for(is_out, limit_s, self.logs)
        return time.monotonic() - begin

    def _is_passed(self, stage: Stage) -> bool:
        """Whether every record is committed, not counting the markers of transactions."""
        offsets = committed(self.settings, stage.name)
        return all(offsets.get(record.partition, 0) > record.offset for record in read(self.settings, stage.source))

    def _is_committed(self, stage: Stage) -> bool:
        return sum(committed(self.settings, stage.name).values()) >= self.end_offset_sum(stage.source)

    def wait_until_out(self) -> None:
        """Wait until as many different records have an end as were published.

        Fails when no further record comes out before that.
        """
        ended, last_change = 0, time.monotonic()
        while not (ended >= self.published and finished(self.settings, self.target) >= self.published):
            time.sleep(0.5)
            before, ended = ended, sum(map(self.end_offset_sum, (self.target, DEAD)))
            if ended != before:
                last_change = time.monotonic()
            assert time.monotonic() - last_change < QUIET_LIMIT_S, (
                f"{ended} of {self.published} came out. {self.logs()}"
            )

    def end_offset_sum(self, topic: str) -> int:
        """How many records were ever written to a topic of the pipeline."""
        return end_offset_sum(self.settings, topic)

    def evidence(self) -> Evidence:
        """Gather the evidence of this moment."""
        return gather(self.settings, self._stages)

    def verdict(self, part: Part) -> Verdict:
        """Settle and check. The part notes the verdict, and fails with every breach if the invariant does not hold."""
        verdict = check(self.settle())
        if verdict.records != self.published:
            verdict.breaches.append(
                f"{self.published} records were published, and {verdict.records} are in the raw topic"
            )
        if not verdict.holds:
            print(self.logs())
        return part.add(verdict)

    def logs(self) -> str:
        """The state of every worker and the end of its log."""

        def state(worker: WorkerProcess) -> str:
            lag = [line for line in worker.get("/metrics")[1].splitlines() if line.startswith("telex_consumer_lag{")]
            return f"--- {worker.stage}, {worker.get('/readyz')}, {lag}:\n{worker.log.read_text()[-2000:]}"

        return "\n".join(map(state, self.workers))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._load.stop()
        self._end.set()
        if self._supervisor.is_alive():
            self._supervisor.join()
        self._stack.close()
        self.close_producer()


def _is_idle(worker: WorkerProcess) -> bool:
    return worker.get("/readyz")[0] == 200 and worker.metric("telex_consumer_lag{") == 0
