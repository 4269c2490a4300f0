"""Workers whose topics change: they get partitions, are recreated, or lose records and offsets."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from streams.client.pipeline_status import StatusReader
from streams.dead_letters import reader
from streams.settings import Settings
from streams.stages import DEAD, RAW, TOPICS
from tests.support.broker_changes import add_partitions, delete_records, recreate_topic, set_offset
from tests.support.independent_reader import committed, read
from tests.support.partition_publisher import PartitionPublisher
from tests.support.processes import WorkerProcess, environment, wait_for

LANGUAGE = "articles.language"
GROUP = "telex.language"

Start = Callable[[str], WorkerProcess]


@pytest.fixture
def start(pipeline: Settings) -> Iterator[Start]:
    """Starts a worker of the language stage with an instance id. It ends with the test."""
    with ExitStack() as stack:

        def start_worker(instance: str) -> WorkerProcess:
            return stack.enter_context(WorkerProcess(pipeline, "language", environment(pipeline), instance))

        yield start_worker


@pytest.fixture
def raw(pipeline: Settings) -> Iterator[PartitionPublisher]:
    """Publishes to the raw topic."""
    with closing(PartitionPublisher(pipeline)) as publisher:
        yield publisher


def output_ids(settings: Settings) -> set[str]:
    """The ids of the articles in the output topic."""
    return {record.key.decode() for record in read(settings, LANGUAGE)}


def wait_for_outputs(settings: Settings, ids: list[str], *workers: WorkerProcess, limit_s: float = 30) -> None:
    wait_for(
        lambda: output_ids(settings) >= set(ids),
        limit_s,
        lambda: f"{output_ids(settings)}\n" + "\n".join(state(worker) for worker in workers),
    )


def state(worker: WorkerProcess) -> str:
    return f"{worker.get('/readyz')} {worker.log.read_text()}"


def lag(worker: WorkerProcess, partition: int) -> float:
    lines = worker.get("/metrics")[1].splitlines()
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in lines
        if line.startswith("telex_consumer_lag{") and f'partition="{partition}"' in line
    )


def logged(worker: WorkerProcess, words: str) -> int:
    """How many lines of its log contain these words."""
    return sum(words in line for line in worker.log.read_text().splitlines())


def test_workers_that_were_killed_and_rejoined_within_their_sessions_read_new_partitions(
    pipeline: Settings, start: Start, raw: PartitionPublisher
) -> None:
    """The group's leader, which assigned the partitions, is killed too: no member would notice new ones by itself."""
    workers = [start("one").wait_ready(), start("two").wait_ready()]
    wait_for_outputs(pipeline, raw.publish(0, 1, 2, 3), *workers)
    for worker in workers:
        worker.kill()
        worker.start()
        worker.wait_ready()
    wait_for_outputs(pipeline, raw.publish(0, 1, 2, 3), *workers)
    for partitions in (6, 9):
        raw.publish(*range(partitions - 3))
        add_partitions(pipeline, partitions)
        wait_for_outputs(pipeline, raw.publish(*range(partitions)), *workers)
        wait_for_outputs(pipeline, sorted(raw.published))
    wait_for(
        lambda: all(worker.get("/readyz")[0] == 200 for worker in workers), 10, lambda: "\n".join(map(state, workers))
    )
    wait_for(lambda: sum(worker.get("/metrics")[1].count("telex_consumer_lag{") for worker in workers) == 9, 10)
    wait_for(lambda: sum(worker.metric("telex_consumer_lag{") for worker in workers) == 0, 10)
    assert all(worker.process.poll() is None for worker in workers)
    assert not any(logged(worker, "stops") for worker in workers)


def test_a_partition_that_the_output_topic_lacks_waits_and_the_others_continue(
    pipeline: Settings, start: Start, raw: PartitionPublisher
) -> None:
    worker = start("one").wait_ready()
    wait_for_outputs(pipeline, raw.publish(0), worker)
    add_partitions(pipeline, 6, [RAW])
    waiting = raw.publish(4, 5)
    # Until the group has rebalanced, the partitions are assigned to nobody.
    wait_for(lambda: "are not read yet" in worker.get("/readyz")[1], 20, lambda: state(worker))
    assert worker.get("/readyz")[0] == 503
    wait_for_outputs(pipeline, raw.publish(0, 1, 2, 3), worker)
    wait_for(lambda: lag(worker, 4) == 1, 10, lambda: worker.get("/metrics")[1])
    assert "Partitions 4, 5 of" in worker.get("/readyz")[1]
    assert not output_ids(pipeline) & set(waiting)
    worker.terminate()  # a worker that starts meanwhile behaves alike
    worker.start()
    wait_for(lambda: "are not read yet" in worker.get("/readyz")[1], 30, lambda: state(worker))
    wait_for_outputs(pipeline, raw.publish(3), worker)
    add_partitions(pipeline, 6, set(TOPICS) - {RAW})
    wait_for_outputs(pipeline, waiting, worker)
    wait_for(lambda: worker.get("/readyz")[0] == 200, 10, lambda: state(worker))
    assert logged(worker, "are not read yet") == 2  # once by each process
    assert not read(pipeline, DEAD)


def test_a_worker_reads_a_recreated_topic_from_its_beginning(
    pipeline: Settings, start: Start, raw: PartitionPublisher
) -> None:
    """The new topic has as many records as the worker had read before it notices: only the topic's id differs."""
    worker = start("one").wait_ready()
    wait_for_outputs(pipeline, raw.publish(0, 0, 0, 1), worker)
    wait_for(lambda: committed(pipeline, "language").get(0) == 3, 10)
    worker.process.send_signal(signal.SIGSTOP)
    recreate_topic(pipeline, RAW)
    republished = raw.publish(0, 0, 0, 0, 0, 1)
    worker.process.send_signal(signal.SIGCONT)
    wait_for_outputs(pipeline, republished, worker)
    wait_for_outputs(pipeline, raw.publish(0, 2), worker)
    wait_for(lambda: committed(pipeline, "language").get(0) == 6, 10, lambda: state(worker))
    assert logged(worker, "was deleted and created again") == 1
    assert worker.process.poll() is None


def test_a_worker_logs_offsets_that_the_topic_does_not_have_and_counts_lost_records(
    pipeline: Settings, start: Start, raw: PartitionPublisher
) -> None:
    worker = start("one").wait_ready()
    wait_for_outputs(pipeline, raw.publish(0, 0, 0, 1, 1), worker)
    wait_for(lambda: (committed(pipeline, "language").get(0), committed(pipeline, "language").get(1)) == (3, 2), 10)
    worker.terminate()
    raw.publish(0, 0, 0, 2)
    delete_records(pipeline, RAW, 0, 5)  # the worker has not read two of these
    set_offset(pipeline, GROUP, RAW, 1, 1000)
    worker.start()
    worker.wait_ready()
    wait_for_outputs(
        pipeline,
        [*raw.publish(0, 1), *(identifier for identifier in raw.published if identifier not in ("a5-0", "a6-0"))],
        worker,
    )
    assert worker.metric("telex_records_lost_total{") == 2
    assert logged(worker, "2 records of") == logged(worker, "the reader's position was 1000") == 1
    assert worker.process.poll() is None
    # Back to offset zero, which Faust did not treat as the beginning.
    wait_for(lambda: committed(pipeline, "language").get(1) == 3, 10)
    worker.terminate()
    before = len(read(pipeline, LANGUAGE))
    set_offset(pipeline, GROUP, RAW, 1, 0)
    worker.start()
    wait_for(lambda: len(read(pipeline, LANGUAGE)) == before + 3, 30, lambda: state(worker))


def test_the_dead_letter_reader_and_the_status_include_partitions_that_other_topics_lack(
    pipeline: Settings, raw: PartitionPublisher
) -> None:
    add_partitions(pipeline, 6, [DEAD, RAW])
    with closing(PartitionPublisher(pipeline, DEAD)) as dead:
        dead.publish(5)
    raw.publish(4, 5)
    raw.publish(0)
    assert [dead_letter.partition for dead_letter in reader.read(pipeline)] == [5]
    status = StatusReader(pipeline)
    assert [stage.lag for stage in status.read()] == [3, 0, 0, 0, 0, 0]
    set_offset(pipeline, GROUP, RAW, 0, 1000)
    # records that a worker reads again count as lag
    assert [stage.lag for stage in status.read()] == [3, 0, 0, 0, 0, 0]
    recreate_topic(pipeline, DEAD)
    with closing(PartitionPublisher(pipeline, DEAD)) as dead:
        dead.publish(0)
    assert [dead_letter.partition for dead_letter in reader.read(pipeline)] == [0]
    status.read()
