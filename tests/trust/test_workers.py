"""Workers that are killed, stopped and frozen under load: nothing is lost, whatever happens to them."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from streams.settings import Settings
from tests.support.checker import check
from tests.support.exam import Part, pick
from tests.support.mutations import copy
from tests.support.processes import WorkerProcess, environment, wait_for
from tests.support.reading import committed
from tests.support.trial import Trial

KILLS, RESTARTS, FREEZES = pick(25, 1000), pick(10, 100), pick(1, 20)
RATE = pick(40.0, 20.0)
# A worker has to be gone so many seconds after SIGTERM.
DRAIN_LIMIT_S = 10.0


@pytest.mark.part(1, f"`kill -9` of any worker, two of each stage, under {RATE:.0f} articles a second")
def test_workers_that_are_killed(pipeline: Settings, part: Part) -> None:
    part.extent = f"{KILLS:,} times"
    chance = random.Random(1)
    with Trial(pipeline, supervised=True).ready().load(RATE) as trial:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, pick(2.0, 1.2)))
            trial.pick(chance).kill()
        verdict = trial.verdict(part)
    part.figure("copies for each kill", verdict.duplicates / KILLS)
    assert verdict.records > 10 * KILLS


@pytest.mark.part(2, f"SIGTERM to any worker every second or two, under {RATE:.0f} articles a second")
def test_workers_that_leave_and_come_back(pipeline: Settings, part: Part) -> None:
    part.extent = f"{RESTARTS} times"
    took = []
    chance = random.Random(2)
    with Trial(pipeline, supervised=True).ready().load(RATE) as trial:
        for _ in range(RESTARTS):
            time.sleep(chance.uniform(1.0, 2.0))
            worker = trial.pick(chance)
            begin = time.monotonic()
            # One that has not begun yet is ended by the signal itself.
            assert worker.terminate(DRAIN_LIMIT_S) in (0, -signal.SIGTERM), worker.log.read_text()
            took.append(time.monotonic() - begin)
        trial.verdict(part)
    part.figure("from SIGTERM to the end of the worker", took, "s", f"under {DRAIN_LIMIT_S:.0f} s")


@pytest.mark.part(10, "a worker frozen for 9 s, longer than its session, then thawed")
def test_a_worker_that_was_frozen_changes_nothing_when_it_thaws(pipeline: Settings, part: Part) -> None:
    part.extent = f"{FREEZES} times"
    chance = random.Random(3)
    with Trial(pipeline, supervised=True).ready().load(RATE) as trial:
        for _ in range(FREEZES):
            worker = trial.pick(chance)
            worker.process.send_signal(signal.SIGSTOP)
            time.sleep(9)  # its session ends after 6 s, and the other worker gets its partitions
            worker.process.send_signal(signal.SIGCONT)
            wait_for(lambda worker=worker: worker.get("/readyz")[0] == 200, 90, trial.logs)
        trial.verdict(part)


def test_what_was_never_committed_is_read_again_from_the_beginning(pipeline: Settings, tmp_path: Path) -> None:
    """Between a worker's getting partitions and its going to where the group is, Faust drops what a worker reads from
    them.

    In a copy of Telex a worker always reads in this moment. Where the group has committed nothing, there is nothing to
    drop: aiokafka has no offset to read from before the worker goes to the beginning.
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
    with Trial(pipeline, {"language": 1}, folder=late, PYTHONDONTWRITEBYTECODE="") as trial:
        for _ in range(40):
            trial.article()
        verdict = check(trial.ready().settle())
        (worker,) = trial.workers
        assert "nothing to drop\n" in worker.log.read_text()
    assert verdict.holds, verdict.faults


def test_a_commit_that_a_rebalance_overtakes_is_not_taken_for_done(pipeline: Settings, tmp_path: Path) -> None:
    """In a copy of Telex the first commit lasts until another worker has joined and the partitions were read again, and
    fails then.
    """
    ack = "    def ack(self, message: Any) -> bool:\n"
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
        ("worker/faust_adapter/consumer", ack, commit + ack),
        ("worker/faust_adapter/consumer", "import logging\n", "import asyncio\nimport logging\n"),
    )
    with Trial(pipeline, {"language": 1}, folder=late, PYTHONDONTWRITEBYTECODE="").ready() as trial:
        for _ in range(40):
            trial.article()
        trial.wait_until_out()
        (worker,) = trial.workers
        assert not committed(pipeline, "language")
        with WorkerProcess(pipeline, "language", environment(pipeline), "language-1"):
            wait_for(lambda: sum(committed(pipeline, "language").values()) == 40, 60, trial.logs)
        assert "failed\n" in worker.log.read_text()
