"""The analysis processes: articles that crash or hang them, `kill -9`, and more articles than they can analyse."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import defaultdict
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self

import psutil
import pytest
from hostile_model import ALLOCATE, HANG, RAISE, SEGFAULT

from streams.settings import Settings
from tests.support.evidence import dead_letter_reasons
from tests.support.exam import NER_MODELS, Part, pick
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import HOSTILE_MODEL, analysis_processes, template_process, wait_for

FRENCH = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres. "
# The word that makes an article harmful, and the reason that its dead letter has to give. Python raises an exception
# when memory runs out.
HARMFUL = {
    RAISE: "analysis_failed",
    SEGFAULT: "analysis_crashed",
    HANG: "analysis_timed_out",
    ALLOCATE: "analysis_failed",
}
KILLS, EACH, NEIGHBOURS = pick(3, 50), pick(1, 25), pick(60, 900)
TEMPLATE_KILLS = pick(4, 100)
# Articles a second.
RATE = 40.0

# Seconds that the model sleeps for an article, and the articles a second that one process can analyse therefore.
SLEEP_S = 0.05
CAPACITY = 1 / SLEEP_S
# The length of the burst in seconds, and its rate as a multiple of the capacity.
BURST_S, TIMES = pick(1.0, 60.0), 10
LARGE = pick(2, 60)
WARM_UP = 20
MB = 10**6
# A worker may hold 256 waiting records, and up to 4 MiB of each of the four partitions three times: as fetched bytes,
# as records, and fetched once more ahead. In a minute of burst, with a record of 1 MB in every two hundred, that came
# to 89 MB, and without large records to 46 MB.
LIMIT_MB = 128


@pytest.mark.part(
    3, "`kill -9` of analysis processes; articles whose analysis raises, crashes, hangs or takes all memory"
)
def test_an_article_that_breaks_its_analysis_process_harms_no_other_article(pipeline: Settings, part: Part) -> None:
    part.extent = f"{KILLS} kills, {EACH} of each kind of article among {NEIGHBOURS} good ones"
    chance = random.Random(3)
    with PipelineRun(
        pipeline,
        {"language": 1, "entities": 2},
        supervised=True,
        TELEX_NER_MODELS=HOSTILE_MODEL,
        TELEX_ANALYSIS_TIMEOUT_S="2",
    ).wait_ready() as run:
        run.publish_article()
        run.start_load(RATE)
        for number in range(KILLS):
            time.sleep(chance.uniform(0.5, 2.0))
            _kill_an_analysis_process(run, chance, with_a_batch=number % 3 != 2)
        words = [word for word in HARMFUL for _ in range(EACH)] + [""] * NEIGHBOURS
        chance.shuffle(words)
        sent = {run.publish_article(f"{FRENCH}{word}"): word for word in words}
        run.verdict(part)
        evidence = run.evidence()
    assert dead_letter_reasons(evidence) == {identifier: HARMFUL[word] for identifier, word in sent.items() if word}
    enriched = {record.key: json.loads(record.value or b"") for record in list(evidence.pipeline.values())[-1]}
    neighbours = [identifier for identifier, word in sent.items() if not word]
    assert all(enriched[identifier]["entities"]["items"][0]["name"] == "Paris" for identifier in neighbours)


def _kill_an_analysis_process(run: PipelineRun, chance: random.Random, *, with_a_batch: bool) -> None:
    """`kill -9` an analysis process of the entities stage.

    Args:
        with_a_batch: freeze the process for a moment before, so that it gets a batch.
    """
    processes: list[psutil.Process] = []

    def found() -> bool:
        processes.extend(_analysis_processes(run))
        return bool(processes)

    while True:
        wait_for(found, 60, run.logs)
        process = chance.choice(processes)
        with suppress(psutil.NoSuchProcess):  # its worker has ended meanwhile
            if with_a_batch:
                process.suspend()
                time.sleep(0.5)
            process.kill()
            return
        processes.clear()


def _analysis_processes(run: PipelineRun) -> list[psutil.Process]:
    """The analysis processes of the entities stage.

    A worker has none while it ends: it ends if it cannot replace a process, such as one that was killed as it started.
    """
    found = []
    for worker in run.workers:
        with suppress(psutil.NoSuchProcess):
            found += analysis_processes(worker.process.pid) if worker.stage == "entities" else []
    return found


@pytest.mark.long
@pytest.mark.part(16, "`kill -9` of the template whose copies analyse, and with it of its copies")
def test_no_article_is_lost_when_a_template_dies(pipeline: Settings, part: Part) -> None:
    part.extent = f"{TEMPLATE_KILLS} times"
    chance = random.Random(16)
    workers = {"language": 1, "entities": 2, "sentiment": 1}
    with PipelineRun(pipeline, workers, TELEX_NER_MODELS=NER_MODELS).wait_ready().start_load(RATE) as run:
        for number in range(TEMPLATE_KILLS):
            time.sleep(chance.uniform(0.5, 2.0))
            worker = run.workers[number % len(run.workers)]
            # The worker may be about to start its template again.
            wait_for(partial(_kill_template, worker.process.pid), 60, run.logs)
        verdict = run.verdict(part)
        assert all(worker.process.poll() is None for worker in run.workers), run.logs()
    assert verdict.dead == 0
    assert verdict.copies == 0


def _kill_template(worker: int) -> bool:
    try:
        template_process(worker).kill()
    except psutil.NoSuchProcess:
        return False
    return True


class LoadMonitor:
    """Samples a pipeline until the end of the `with`: the memory of its processes, and the entities worker's state.

    Attributes:
        memory_at_rest: the memory of each worker and of its analysis processes at the beginning, in bytes.
        peak_memory: their highest memory since, in bytes.
        readiness: the status of each answer of the entities worker, and the number of waiting records that it reports.
    """

    def __init__(self, run: PipelineRun) -> None:
        self._workers = {worker.stage: worker for worker in run.workers}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.memory_at_rest = self._memory()
        self.peak_memory: dict[str, int] = defaultdict(int)
        self.readiness: list[tuple[int, int]] = []

    def _memory(self) -> dict[str, int]:
        found = {}
        for stage, worker in self._workers.items():
            process = psutil.Process(worker.process.pid)
            found[f"the {stage} worker"] = process.memory_info().rss
            found[f"the analysis process of {stage}"] = sum(
                child.memory_info().rss for child in analysis_processes(process.pid)
            )
        return found

    def _sample(self) -> None:
        while not self._end.wait(0.2):
            for name, size in self._memory().items():
                self.peak_memory[name] = max(self.peak_memory[name], size)
            status, text = self._workers["entities"].get("/readyz")
            waiting = re.search(r"(\d+) records wait", text)
            self.readiness.append((status, int(waiting[1]) if waiting else -1))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()


@pytest.mark.part(
    9, f"a burst of {TIMES} times the entities stage's capacity, with records of 2 to 10 KB and some of 1 MB"
)
@pytest.mark.long
def test_a_burst_waits_in_kafka_and_not_in_memory(pipeline: Settings, part: Part) -> None:
    count = int(BURST_S * CAPACITY * TIMES)
    part.extent = f"{count:,} articles in {BURST_S:g} s, at a capacity of {CAPACITY:.0f} a second"
    chance = random.Random(9)
    with PipelineRun(pipeline, 1, TELEX_NER_MODELS=HOSTILE_MODEL, HOSTILE_SLEEP_S=str(SLEEP_S)).wait_ready() as run:
        for _ in range(WARM_UP):
            run.publish_article(FRENCH, page="x" * 6_000)
        run.settle()
        with LoadMonitor(run) as monitor:
            begin = time.monotonic()
            for number in range(count):
                size = MB if number % (count // LARGE) == 0 else chance.randrange(2_000, 10_000)
                run.publish_article(FRENCH, page="x" * size)
                time.sleep(max(0.0, begin + number / CAPACITY / TIMES - time.monotonic()))
            verdict = run.verdict(part)
            took = time.monotonic() - begin
    assert verdict.enriched == WARM_UP + count
    part.add_figure("articles a second while the burst is worked off", count / took, goal=f"near {CAPACITY:.0f}")
    for name, peak in monitor.peak_memory.items():
        part.add_figure(
            f"memory of {name} in the burst, above its memory at rest",
            (peak - monitor.memory_at_rest[name]) / MB,
            "MB",
            f"under {LIMIT_MB}",
        )
    waiting = [count for _, count in monitor.readiness]
    part.add_figure("waiting records that the entities worker reports", max(waiting))
    assert {status for status, _ in monitor.readiness} == {200}
    assert max(waiting) > count / 4
    assert waiting[-1] == 0
    assert max(figure.values[0] for figure in part.figures if figure.unit == "MB") < LIMIT_MB
