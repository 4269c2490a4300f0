"""Two workers of a stage with one instance id: the one that joins last takes over, and no record is lost."""

from __future__ import annotations

import time

import pytest

from streams.settings import Settings
from streams.stages import STAGE_NAMES
from tests.support.exam import Part, pick
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import HOSTILE_MODEL, WorkerProcess, wait_for

ROUNDS, WORKERS, ENDS = pick(1, 10), pick(1, 2), pick(2, 20)
# Articles a second.
RATE = pick(10.0, 20.0)
# Time limits for the end of a worker that lost its place, and for all ENDS of each stage, in seconds.
END_LIMIT_S, CONTEST_LIMIT_S = 60.0, pick(240.0, 1200.0)
TAKEN = "took the place of this one: end one of the two, or give each a TELEX_INSTANCE_ID of its own."


@pytest.mark.long
@pytest.mark.part(17, "a second worker starts with the instance id of one that runs, which then ends")
def test_a_worker_ends_when_another_one_has_its_instance_id(pipeline: Settings, part: Part) -> None:
    part.extent = f"{ROUNDS} times in each stage, {WORKERS} workers of each, at {RATE:.0f} articles a second"
    seconds = []
    with PipelineRun(pipeline, WORKERS, TELEX_NER_MODELS=HOSTILE_MODEL).wait_ready().start_load(RATE) as run:
        for stage in ROUNDS * STAGE_NAMES:
            first = next(worker for worker in run.workers if worker.stage == stage)
            second = run.start_another(first).wait_ready(120)
            begin = time.monotonic()
            assert first.process.wait(END_LIMIT_S) == 1
            seconds.append(time.monotonic() - begin)
            assert f"under the instance id {first.instance} and {TAKEN}" in first.log.read_text()
            assert second.process.poll() is None
            run.workers.remove(first)
        verdict = run.verdict(part)
    part.add_figure("from the readiness of the second worker to the end of the first", seconds, "s")
    part.add_figure("copies for each second worker", verdict.copies / len(seconds))


@pytest.mark.long
@pytest.mark.part(17, "two workers of each stage with one instance id, each of which starts again whenever it ends")
def test_no_record_is_lost_while_two_workers_contend_for_an_instance_id(pipeline: Settings, part: Part) -> None:
    part.extent = f"until {ENDS} workers of each stage lost their place, at {RATE:.0f} articles a second"
    run = PipelineRun(pipeline, 1, supervised=True, TELEX_NER_MODELS=HOSTILE_MODEL)
    with run.wait_ready().start_load(RATE):
        pairs = [(worker, run.start_another(worker)) for worker in run.workers[:]]
        wait_for(lambda: all(ends(*pair) >= ENDS for pair in pairs), CONTEST_LIMIT_S, run.logs)
        for _, second in pairs:
            run.workers.remove(second)
        time.sleep(1)  # the supervisor may be about to start one of them
        for _, second in pairs:
            second.kill()
        verdict = run.verdict(part)
        part.add_figure("copies for each end", verdict.copies / sum(ends(*pair) for pair in pairs))


def ends(*workers: WorkerProcess) -> int:
    """How often one of the workers ended because another one had its instance id."""
    return sum(worker.log.read_text().count(TAKEN) for worker in workers)
