"""The analysis processes: articles that make them die or hang, somebody who kills them, and more articles than they can
do.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import defaultdict
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil
import pytest
from hostile_model import ALLOCATE, HANG, RAISE, SEGFAULT

from streams.settings import Settings
from tests.support.exam import Part, pick
from tests.support.processes import HOSTILE_MODEL, wait_for
from tests.support.trial import Trial, reasons

FRENCH = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres. "
# What an article does to the process, and the reason that its dead letter has to give. Memory runs out as an exception.
CULPRITS = {
    RAISE: "analysis_failed",
    SEGFAULT: "analysis_crashed",
    HANG: "analysis_timed_out",
    ALLOCATE: "analysis_failed",
}
KILLS, EACH, NEIGHBOURS = pick(3, 50), pick(1, 25), pick(60, 900)
RATE = 40.0

# Seconds that the model sleeps for an article, hence what one process can do in a second.
SLEEP_S = 0.05
CAPACITY = 1 / SLEEP_S
BURST_S, TIMES = pick(1.0, 60.0), 10
LARGE = pick(2, 60)
WARM_UP = 20
MB = 10**6
# What may wait in a worker are 256 records, and up to 4 MiB of each of the four partitions: as they were fetched, as
# records, and fetched once more ahead. In a minute of burst with a record of 1 MB in two hundred that came to 89 MB,
# and without those to 46.
LIMIT_MB = 128


@pytest.mark.part(3, "analysis processes: `kill -9` from outside; articles that raise, crash, hang or take all memory")
def test_whatever_happens_to_an_analysis_process_happens_to_no_other_article(pipeline: Settings, part: Part) -> None:
    part.extent = f"{KILLS} kills, {EACH} of each kind of article among {NEIGHBOURS}"
    chance = random.Random(3)
    with Trial(
        pipeline,
        {"language": 1, "entities": 2, "sentiment": 1},
        supervised=True,
        TELEX_NER_MODELS=HOSTILE_MODEL,
        TELEX_ANALYSIS_TIMEOUT_S="2",
    ).ready() as trial:
        trial.article()
        trial.load(RATE)
        for number in range(KILLS):
            time.sleep(chance.uniform(0.5, 2.0))
            _kill_a_child(trial, chance, holding=number % 3 != 2)
        words = [word for word in CULPRITS for _ in range(EACH)] + [""] * NEIGHBOURS
        chance.shuffle(words)
        sent = {trial.article(f"{FRENCH}{word}"): word for word in words}
        trial.verdict(part)
        evidence = trial.evidence()
    assert reasons(evidence) == {identifier: CULPRITS[word] for identifier, word in sent.items() if word}
    enriched = {record.key: json.loads(record.value or b"") for record in list(evidence.pipeline.values())[-1]}
    neighbours = [identifier for identifier, word in sent.items() if not word]
    assert all(enriched[identifier]["entities"]["items"][0]["name"] == "Paris" for identifier in neighbours)


def _kill_a_child(trial: Trial, chance: random.Random, *, holding: bool) -> None:
    """`kill -9` of an analysis process of the entities stage; `holding`: after a moment in which it does nothing and
    gets a batch.
    """
    children: list[psutil.Process] = []
    while True:
        wait_for(lambda: children.extend(_children(trial)) or children, 60, trial.logs)
        child = chance.choice(children)
        with suppress(psutil.NoSuchProcess):  # its worker has ended meanwhile
            if holding:
                child.suspend()
                time.sleep(0.5)
            child.kill()
            return
        children.clear()


def _children(trial: Trial) -> list[psutil.Process]:
    """None of a worker that ends because it could not replace one, which was killed while it started."""
    found = []
    for worker in trial.workers:
        with suppress(psutil.NoSuchProcess):
            found += psutil.Process(worker.process.pid).children() if worker.stage == "entities" else []
    return found


class Watch:
    """Looks at a pipeline as long as the `with` lasts: the memory of its processes in bytes, and what the entities
    worker says of itself.

    Attributes:
        rest: the memory of each worker and of its analysis processes when the watch began.
        peak: the most that they had since.
        ready: each answer of the entities worker, and how many records it said were waiting.
    """

    def __init__(self, trial: Trial) -> None:
        self._workers = {worker.stage: worker for worker in trial.workers}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.rest = self._memory()
        self.peak: dict[str, int] = defaultdict(int)
        self.ready: list[tuple[int, int]] = []

    def _memory(self) -> dict[str, int]:
        found = {}
        for stage, worker in self._workers.items():
            process = psutil.Process(worker.process.pid)
            found[f"the {stage} worker"] = process.memory_info().rss
            found[f"the analysis process of {stage}"] = sum(child.memory_info().rss for child in process.children())
        return found

    def _watch(self) -> None:
        while not self._end.wait(0.2):
            for name, size in self._memory().items():
                self.peak[name] = max(self.peak[name], size)
            status, text = self._workers["entities"].get("/readyz")
            waiting = re.search(r"(\d+) records wait", text)
            self.ready.append((status, int(waiting[1]) if waiting else -1))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()


@pytest.mark.part(
    9, f"a burst of {TIMES} times what the entities stage can do, with records of 2 to 10 KB and some of 1 MB"
)
def test_a_burst_waits_in_kafka_and_not_in_memory(pipeline: Settings, part: Part) -> None:
    count = int(BURST_S * CAPACITY * TIMES)
    part.extent = f"{count:,} articles in {BURST_S:g} s where {CAPACITY:.0f} a second can be done"
    chance = random.Random(9)
    with Trial(pipeline, 1, TELEX_NER_MODELS=HOSTILE_MODEL, HOSTILE_SLEEP_S=str(SLEEP_S)).ready() as trial:
        for _ in range(WARM_UP):
            trial.article(FRENCH, page="x" * 6_000)
        trial.settle()
        with Watch(trial) as watch:
            begin = time.monotonic()
            for number in range(count):
                size = MB if number % (count // LARGE) == 0 else chance.randrange(2_000, 10_000)
                trial.article(FRENCH, page="x" * size)
                time.sleep(max(0.0, begin + number / CAPACITY / TIMES - time.monotonic()))
            verdict = trial.verdict(part)
            took = time.monotonic() - begin
    assert verdict.enriched == WARM_UP + count
    part.figure("articles a second while the burst is worked off", count / took, goal=f"near {CAPACITY:.0f}")
    for name, peak in watch.peak.items():
        part.figure(
            f"memory of {name} in the burst, over what it was at rest",
            (peak - watch.rest[name]) / MB,
            "MB",
            f"under {LIMIT_MB}",
        )
    waiting = [said for _, said in watch.ready]
    part.figure("records that the entities worker says are waiting", max(waiting))
    assert {status for status, _ in watch.ready} == {200}
    assert max(waiting) > count / 4
    assert waiting[-1] == 0
    assert max(figure.values[0] for figure in part.figures if figure.unit == "MB") < LIMIT_MB
