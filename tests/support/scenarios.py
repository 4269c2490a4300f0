"""Faults that are caused to a worker of the language stage, so that the exam can find a worker that breaks a rule.

Each scenario ends with a running worker. None depends on chance: a process is frozen first, so that it certainly has a
batch when the fault comes.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable

import psutil

from streams.kafka import topics
from streams.kafka.connections import admin
from streams.stages import DEAD
from tests.support.broker_changes import limit_record_size
from tests.support.independent_reader import committed
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import WorkerProcess, analysis_processes, wait_for

# The keys of records that are no articles. They have to become dead letters, and no other record may.
POISON = b"poison"
NO_ARTICLES = (None, b"", b"{", b"[1]", b'{"text": 7}')
# Time limit of a step of a scenario in seconds, on a busy machine.
LIMIT_S = 45.0
# Several commit intervals, in seconds.
COMMITS_S = 2.0
# The position of ten large records in a burst: after five batches of 32, so that a full batch contains three of them
# and is divided.
LARGE_AT = 200


def backlog(run: PipelineRun) -> None:
    """The analysis pauses for a moment, so that batches wait.

    The worker takes the first five as they arrive; the later ones are full.
    """
    _freeze_with_a_batch(run, LARGE_AT + 60).resume()


def killed(run: PipelineRun) -> None:
    """`kill -9` of the worker while delivered outputs are not committed yet, so that they come out again."""
    repeated = False
    while not repeated:
        before = run.end_offset_sum(run.target)
        _burst(run, 600)
        _wait_for_more_output(run, before)
        _worker(run).kill()
        repeated = run.end_offset_sum(run.target) + run.end_offset_sum(DEAD) > _committed(run)
        _worker(run).start()


def killed_halfway(run: PipelineRun) -> None:
    """`kill -9` of the worker while an article waits for its analysis, and the article before it is committed.

    Needs a worker with two analysis processes.
    """
    worker, halfway = _worker(run), False
    first, second = analysis_processes(worker.process.pid)
    while not halfway:
        first.suspend()
        second.suspend()
        before = run.end_offset_sum(run.target)
        for waiting in (1, 2):
            run.publish_article()
            run.close_producer()
            _wait_for_lag(run, waiting)
        first.resume()
        time.sleep(COMMITS_S)
        # Otherwise the second process has the first article: the processes take turns.
        halfway = run.end_offset_sum(run.target) == before + 1
        if not halfway:
            second.resume()
            wait_for(lambda: _committed(run) == run.published, LIMIT_S, run.logs)
    worker.kill()
    worker.start()


def stopped(run: PipelineRun) -> None:
    """SIGTERM to the worker while a batch is analysed, which takes one more second."""
    worker, process = _worker(run), _freeze_with_a_batch(run)
    worker.process.send_signal(signal.SIGTERM)
    time.sleep(1)
    process.resume()
    assert worker.process.wait(LIMIT_S) == 0
    worker.start()


def analysis_process_killed(run: PipelineRun) -> None:
    """`kill -9` of the analysis process while it has a batch."""
    _freeze_with_a_batch(run).kill()


def analysis_process_killed_with_one_article(run: PipelineRun) -> None:
    """`kill -9` of the analysis process while it has a single article."""
    _freeze_with_a_batch(run, 1).kill()


def output_refused(run: PipelineRun) -> None:
    """The broker refuses every output until the topic is mended."""
    worker = _worker(run)
    limit_record_size(run.settings, run.target, 100)
    _burst(run, 40)
    wait_for(lambda: worker.process.poll() is not None or _committed(run) == run.published, LIMIT_S, run.logs)
    limit_record_size(run.settings, run.target, 2**22)
    if worker.process.poll() is not None:
        worker.start()


def output_topic_deleted(run: PipelineRun) -> None:
    """The output topic is deleted, the worker is killed, and the topic is created again."""
    worker = _worker(run)
    with admin(run.settings) as client:
        client.delete_topics([run.settings.topic_prefix + run.target])
    _burst(run, 40)
    wait_for(lambda: worker.metric("telex_consumer_lag{") or _committed(run), LIMIT_S, run.logs)
    time.sleep(COMMITS_S)
    worker.kill()
    topics.create(run.settings)
    worker.start()


def _worker(run: PipelineRun) -> WorkerProcess:
    (worker,) = run.workers
    return worker


def _analysis_process(run: PipelineRun) -> psutil.Process:
    (process,) = analysis_processes(_worker(run).process.pid)
    return process


def _burst(run: PipelineRun, count: int) -> None:
    """Publish records all at once. One in ten is no article, and one in ten has no key.

    Some are so large that their batch is divided.
    """
    for number in range(count):
        partition = number % run.settings.partitions
        if number % 10 == 3:
            run.publish(NO_ARTICLES[number // 10 % len(NO_ARTICLES)], POISON + b"-%d" % number, partition)
        elif number % 10 == 6:
            run.publish(
                json.dumps({"id": f"k{run.published}", "text": "Le maire de Paris a parlé mardi soir."}).encode(),
                None,
                partition,
            )
        elif LARGE_AT <= number < LARGE_AT + 10:
            run.publish_article(scan="x" * 100_000)
        else:
            run.publish_article()
    run.close_producer()


def _freeze_with_a_batch(run: PipelineRun, count: int = 100) -> psutil.Process:
    process = _analysis_process(run)
    process.suspend()
    _burst(run, count)
    _wait_for_lag(run, count)
    return process


def _wait_for_more_output(run: PipelineRun, before: int) -> None:
    wait_for(lambda: run.end_offset_sum(run.target) > before, LIMIT_S, run.logs)


def _wait_for_lag(run: PipelineRun, records: int) -> None:
    wait_for(lambda: _worker(run).metric("telex_consumer_lag{") == records, LIMIT_S, run.logs)
    time.sleep(0.5)  # until the fetched records form a batch


def _committed(run: PipelineRun) -> int:
    return sum(committed(run.settings, _worker(run).stage).values())


# Settings that the worker of a scenario needs.
SETTINGS: dict[Callable[[PipelineRun], None], dict[str, str]] = {killed_halfway: {"TELEX_PROCESSES": "2"}}
