"""What is done to a worker of the language stage, so that one that breaks a rule is found out.

Each ends with a worker that runs. Nothing is left to chance: a process is frozen while it has a batch in hand, not hit
in passing.
"""

from __future__ import annotations

import json
import signal
import time

import psutil

from streams.kafka import topics
from streams.kafka.connections import admin
from streams.stages import DEAD
from tests.support.changes import limit_record
from tests.support.processes import WorkerProcess, wait_for
from tests.support.reading import committed
from tests.support.trial import Trial

# The keys of records that are no articles: they have to die, and nothing else may.
POISON = b"poison"
NO_ARTICLES = (None, b"", b"{", b"[1]", b'{"text": 7}')
# Seconds for a step of a scenario, on a machine that has other things to do.
LIMIT_S = 45.0
# Several commit intervals.
COMMITS_S = 2.0
# Where ten large records begin in a burst: behind five batches of 32, so that a full batch has three of them and is cut
# into parts.
LARGE_AT = 200


def backlog(trial: Trial) -> None:
    """The analysis stands still for a moment, so that batches wait.

    The first five are taken as they come; those behind are full.
    """
    _freeze_with_a_batch(trial, LARGE_AT + 60).resume()


def killed(trial: Trial) -> None:
    """`kill -9` while outputs are delivered that are not committed yet: they come again."""
    repeated = False
    while not repeated:
        before = trial.ends(trial.target)
        _burst(trial, 600)
        wait_for(lambda before=before: trial.ends(trial.target) > before, LIMIT_S, trial.logs)
        _worker(trial).kill()
        repeated = trial.ends(trial.target) + trial.ends(DEAD) > _committed(trial)
        _worker(trial).start()


def killed_halfway(trial: Trial) -> None:
    """`kill -9` while an article waits for its analysis, and the one before it is committed.

    Takes a worker of two processes.
    """
    worker, halfway = _worker(trial), False
    first, second = psutil.Process(worker.process.pid).children()
    while not halfway:
        first.suspend()
        second.suspend()
        before = trial.ends(trial.target)
        for waiting in (1, 2):
            trial.article()
            trial.hang_up()
            _wait_for_lag(trial, waiting)
        first.resume()
        time.sleep(COMMITS_S)
        # Else it was the other that had the first article; they take turns.
        halfway = trial.ends(trial.target) == before + 1
        if not halfway:
            second.resume()
            wait_for(lambda: _committed(trial) == trial.published, LIMIT_S, trial.logs)
    worker.kill()
    worker.start()


def stopped(trial: Trial) -> None:
    """SIGTERM while a batch is analysed, which takes a second more."""
    worker, child = _worker(trial), _freeze_with_a_batch(trial)
    worker.process.send_signal(signal.SIGTERM)
    time.sleep(1)
    child.resume()
    assert worker.process.wait(LIMIT_S) == 0
    worker.start()


def child_killed(trial: Trial) -> None:
    """`kill -9` of the analysis process while it has a batch in hand."""
    _freeze_with_a_batch(trial).kill()


def child_killed_alone(trial: Trial) -> None:
    """The same while it has a single article in hand."""
    _freeze_with_a_batch(trial, 1).kill()


def output_refused(trial: Trial) -> None:
    """The broker refuses every output, until the topic is mended."""
    worker = _worker(trial)
    limit_record(trial.settings, trial.target, 100)
    _burst(trial, 40)
    wait_for(lambda: worker.process.poll() is not None or _committed(trial) == trial.published, LIMIT_S, trial.logs)
    limit_record(trial.settings, trial.target, 2**22)
    if worker.process.poll() is not None:
        worker.start()


def output_gone(trial: Trial) -> None:
    """The output topic is gone, then the worker is killed, then the topic is there again."""
    worker = _worker(trial)
    with admin(trial.settings) as client:
        client.delete_topics([trial.settings.topic_prefix + trial.target])
    _burst(trial, 40)
    wait_for(lambda: worker.metric("telex_consumer_lag{") or _committed(trial), LIMIT_S, trial.logs)
    time.sleep(COMMITS_S)
    worker.kill()
    topics.create(trial.settings)
    worker.start()


def _worker(trial: Trial) -> WorkerProcess:
    (worker,) = trial.workers
    return worker


def _child(trial: Trial) -> psutil.Process:
    (child,) = psutil.Process(_worker(trial).process.pid).children()
    return child


def _burst(trial: Trial, count: int) -> None:
    """Articles all at once, one in ten no article, one in ten without a key; some so large that a batch is cut into
    parts.
    """
    for number in range(count):
        partition = number % trial.settings.partitions
        if number % 10 == 3:
            trial.send(NO_ARTICLES[number // 10 % len(NO_ARTICLES)], POISON + b"-%d" % number, partition)
        elif number % 10 == 6:
            trial.send(
                json.dumps({"id": f"k{trial.published}", "text": "Le maire de Paris a parlé mardi soir."}).encode(),
                None,
                partition,
            )
        elif LARGE_AT <= number < LARGE_AT + 10:
            trial.article(scan="x" * 100_000)
        else:
            trial.article()
    trial.hang_up()


def _freeze_with_a_batch(trial: Trial, count: int = 100) -> psutil.Process:
    child = _child(trial)
    child.suspend()
    _burst(trial, count)
    _wait_for_lag(trial, count)
    return child


def _wait_for_lag(trial: Trial, records: int) -> None:
    wait_for(lambda: _worker(trial).metric("telex_consumer_lag{") == records, LIMIT_S, trial.logs)
    time.sleep(0.5)  # from the fetched records to a batch


def _committed(trial: Trial) -> int:
    return sum(committed(trial.settings, _worker(trial).stage).values())


# What a scenario needs of its worker.
SETTINGS = {killed_halfway: {"TELEX_PROCESSES": "2"}}
