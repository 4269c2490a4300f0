"""Workers that are killed, stopped and frozen under load: nothing is lost, whatever happens to them."""

from __future__ import annotations

import os
import random
import signal
import time

from processes import wait_for
from trial import Trial

from streams.settings import Settings

# `make trust FULL=1` runs the long exam.
FULL = bool(os.environ.get("TELEX_TRUST_FULL"))
KILLS = 1000 if FULL else 25
RESTARTS = 100 if FULL else 10
FREEZES = 20 if FULL else 2
RATE = 40.0
# A worker has to be gone so many seconds after SIGTERM.
DRAIN_LIMIT_S = 10.0


def test_workers_that_are_killed(road: Settings) -> None:
    chance = random.Random(1)
    with Trial(road).ready().load(RATE) as trial:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, 2.0))
            worker = trial.pick(chance)
            worker.kill()
            worker.start()
        verdict = trial.verdict()
    assert verdict.records > 10 * KILLS


def test_workers_that_leave_and_come_back(road: Settings) -> None:
    chance = random.Random(2)
    with Trial(road).ready().load(RATE) as trial:
        for _ in range(RESTARTS):
            time.sleep(chance.uniform(1.0, 2.0))
            worker = trial.pick(chance)
            # One that has not begun yet is ended by the signal itself.
            assert worker.terminate(DRAIN_LIMIT_S) in (0, -signal.SIGTERM), worker.log.read_text()
            worker.start()
        trial.verdict()


def test_a_worker_that_was_frozen_changes_nothing_when_it_thaws(road: Settings) -> None:
    chance = random.Random(3)
    with Trial(road, supervised=True).ready().load(RATE) as trial:
        for _ in range(FREEZES):
            worker = trial.pick(chance)
            worker.process.send_signal(signal.SIGSTOP)
            time.sleep(9)  # its session ends after 6 s, and the other worker gets its partitions
            worker.process.send_signal(signal.SIGCONT)
            wait_for(lambda worker=worker: worker.get("/readyz")[0] == 200, 90, trial.logs)
        trial.verdict()
