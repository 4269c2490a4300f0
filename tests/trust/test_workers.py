"""Workers that are killed, stopped and frozen under load, and that lose their partitions: no record is lost."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from streams.settings import Settings
from streams.stages import STAGE_NAMES
from tests.support.checker import check
from tests.support.exam import NER_MODELS, Part, pick
from tests.support.independent_reader import committed
from tests.support.mutations import copy
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import WorkerProcess, environment, wait_for

KILLS, RESTARTS, FREEZES = pick(12, 1000), pick(6, 100), pick(1, 20)
# Articles a second.
RATE = 20.0
# Time limit for a worker to end after SIGTERM, in seconds.
DRAIN_LIMIT_S = 10.0


@pytest.mark.part(1, f"`kill -9` of random workers, two of each stage, at {RATE:.0f} articles a second")
def test_no_record_is_lost_when_workers_are_killed(pipeline: Settings, part: Part) -> None:
    part.extent = f"{KILLS:,} times"
    chance = random.Random(1)
    with PipelineRun(pipeline, supervised=True).wait_ready().start_load(RATE) as run:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, pick(2.0, 1.2)))
            run.pick_worker(chance).kill()
        verdict = run.verdict(part)
    part.add_figure("copies per kill", verdict.copies / KILLS)
    assert verdict.records > 10 * KILLS


@pytest.mark.part(2, f"SIGTERM to a random worker every 1 to 2 s, at {RATE:.0f} articles a second")
def test_no_record_is_lost_when_workers_are_stopped(pipeline: Settings, part: Part) -> None:
    part.extent = f"{RESTARTS} times"
    seconds = []
    chance = random.Random(2)
    workers = pick({"language": 2, "entities": 2}, dict.fromkeys(STAGE_NAMES, 2))
    with (
        PipelineRun(pipeline, workers, supervised=True, TELEX_NER_MODELS=NER_MODELS)
        .wait_ready()
        .start_load(RATE) as run
    ):
        for _ in range(RESTARTS):
            time.sleep(chance.uniform(1.0, 2.0))
            worker = run.pick_worker(chance)
            begin = time.monotonic()
            # The signal itself ends a worker that has just started.
            assert worker.terminate(DRAIN_LIMIT_S) in (0, -signal.SIGTERM), worker.log.read_text()
            seconds.append(time.monotonic() - begin)
        run.verdict(part)
    part.add_figure("from SIGTERM to the end of the worker", seconds, "s", f"under {DRAIN_LIMIT_S:.0f} s")


def wait_until_healthy(worker: WorkerProcess, run: PipelineRun) -> None:
    wait_for(lambda: worker.get("/readyz")[0] == 200, 90, run.logs)


@pytest.mark.part(10, "a worker is frozen for 9 s, longer than its session, and thawed")
def test_a_frozen_worker_does_no_harm_when_it_thaws(pipeline: Settings, part: Part) -> None:
    part.extent = f"{FREEZES} times"
    chance = random.Random(3)
    # One worker freezes in the short form, so it has one stage.
    workers = pick({"language": 2}, dict.fromkeys(STAGE_NAMES, 2))
    with PipelineRun(pipeline, workers, supervised=True).wait_ready().start_load(RATE) as run:
        for _ in range(FREEZES):
            worker = run.pick_worker(chance)
            worker.process.send_signal(signal.SIGSTOP)
            time.sleep(9)  # the session ends after 6 s, and the other worker gets the partitions
            worker.process.send_signal(signal.SIGCONT)
            wait_until_healthy(worker, run)
        run.verdict(part)


def test_a_partition_without_a_commit_is_read_from_the_beginning(pipeline: Settings, tmp_path: Path) -> None:
    """Faust drops records that a worker reads after it gets partitions and before it seeks to the committed offsets.

    In a copy of Telex a worker always reads in this moment. If the group has committed nothing, there is nothing to
    drop: aiokafka has no offset to read from before the worker seeks to the beginning.
    """
    seek = "        await super().perform_seek()\n"
    fetch = """        thread = self._thread
        await asyncio.sleep(1)
        try:
            dropped = await thread.call_thread(thread._ensure_consumer()._fetcher.fetched_records, (), 0)
            print("dropped", sum(map(len, dropped.values())), flush=True)
        except NoOffsetForPartitionError:
            print("nothing to drop", flush=True)
"""
    late = copy(
        tmp_path / "telex",
        ("worker/faust_adapter/consumer", seek, fetch + seek),
        ("worker/faust_adapter/consumer", "import logging\n", "import asyncio\nimport logging\n"),
    )
    with PipelineRun(pipeline, {"language": 1}, folder=late) as run:
        for _ in range(40):
            run.publish_article()
        verdict = check(run.wait_ready().settle())
        (worker,) = run.workers
        assert "nothing to drop\n" in worker.log.read_text()
    assert verdict.holds, verdict.breaches


def test_a_commit_that_fails_after_a_rebalance_is_made_again(pipeline: Settings, tmp_path: Path) -> None:
    """In a copy of Telex the first commit waits until another worker has joined and the partitions were read again.

    Then it fails.
    """
    leave = "    async def leave(self) -> None:\n"
    commit = """    async def _commit(self, offsets: Any) -> bool:
        if self.app.rebalancing_count > 1:
            return await super()._commit(offsets)
        while self.app.rebalancing_count < 2:
            await asyncio.sleep(0.1)
        await asyncio.sleep(2)
        print("failed", flush=True)
        return False

"""
    late = copy(
        tmp_path / "telex",
        ("worker/faust_adapter/consumer", leave, commit + leave),
        ("worker/faust_adapter/consumer", "import logging\n", "import asyncio\nimport logging\n"),
    )
    with PipelineRun(pipeline, {"language": 1}, folder=late).wait_ready() as run:
        for _ in range(40):
            run.publish_article()
        run.wait_until_out()
        (worker,) = run.workers
        assert not committed(pipeline, "language")
        with WorkerProcess(pipeline, "language", environment(pipeline), "language-1"):
            wait_for(lambda: sum(committed(pipeline, "language").values()) == 40, 60, run.logs)
        assert "failed\n" in worker.log.read_text()
