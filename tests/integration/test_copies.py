"""Workers that join and leave a group in order make no copies, whatever they have in hand at that moment."""

from __future__ import annotations

import pytest

from streams.settings import Settings
from tests.support.checker import Verdict, check
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import HOSTILE_MODEL, WorkerProcess, environment, wait_for

# Articles a second, and how many of them each step of a test waits for.
RATE, SOME = 40.0, 40
# With this model a full batch is not done in the second for which a rebalance waits, nor are all those in flight in the
# time that a worker has to stop.
SLOW_MODEL, ARTICLES = {"TELEX_NER_MODELS": HOSTILE_MODEL, "HOSTILE_SLEEP_S": "0.05"}, 400


def wait_for_more(run: PipelineRun) -> None:
    """Wait until more articles are out."""
    before = run.end_offset_sum(run.target)
    wait_for(lambda: run.end_offset_sum(run.target) >= before + SOME, 120, run.logs)


def join_and_leave(run: PipelineRun, stage: str) -> None:
    """A further worker joins the group of a stage, finishes some articles, and leaves the group."""
    with WorkerProcess(run.settings, stage, environment(run.settings), f"{stage}-more") as worker:
        worker.wait_ready(120)
        wait_for(lambda: worker.metric("telex_articles_total{") > SOME / 4, 120, run.logs)
        assert worker.terminate() == 0
    wait_for_more(run)


def verdict_without_copies(run: PipelineRun) -> Verdict:
    verdict = check(run.settle())
    assert verdict.holds, verdict.breaches
    assert verdict.copies == 0
    return verdict


@pytest.mark.long
def test_a_worker_that_joins_a_group_and_leaves_it_makes_no_copy(pipeline: Settings) -> None:
    with PipelineRun(pipeline, {"language": 1}).wait_ready().start_load(RATE) as run:
        wait_for_more(run)
        for _ in range(2):
            join_and_leave(run, "language")
        assert verdict_without_copies(run).records > 4 * SOME


def test_a_worker_that_is_stopped_and_started_makes_no_copy(pipeline: Settings) -> None:
    with PipelineRun(pipeline, {"language": 2}).wait_ready().start_load(RATE) as run:
        for worker in run.workers:
            wait_for_more(run)
            assert worker.terminate() == 0
            worker.start()
            run.wait_ready()
        wait_for_more(run)
        assert verdict_without_copies(run).records > 4 * SOME


@pytest.mark.long
def test_batches_that_a_rebalance_does_not_wait_for_are_analysed_again_and_not_delivered_twice(
    pipeline: Settings,
) -> None:
    with PipelineRun(pipeline, {"language": 1, "entities": 2}, each=[SLOW_MODEL, SLOW_MODEL]).wait_ready() as run:
        for _ in range(ARTICLES):
            run.publish_article()
        wait_for_more(run)
        assert run.workers[1].terminate() == 0
        run.workers[1].start()
        assert verdict_without_copies(run).records == ARTICLES
