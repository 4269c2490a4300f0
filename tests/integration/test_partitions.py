"""Topics that change while workers run: more partitions, a topic that is created again, offsets that are gone or set by
somebody.
"""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count

import pytest
from kafka import KafkaProducer

from streams import Subscriber
from streams.client.pipeline_status import StatusReader
from streams.dead_letters import reader
from streams.settings import Settings
from streams.stages import DEAD, ENRICHED, RAW, TOPICS
from tests.support.changes import add_partitions, create_again, delete_records, set_offset
from tests.support.processes import WorkerProcess, environment, wait_for
from tests.support.reading import committed, read

TEXT = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres."
LANGUAGE = "articles.language"
GROUP = "telex.language"

Start = Callable[[str], WorkerProcess]


@pytest.fixture
def start(pipeline: Settings) -> Iterator[Start]:
    """Starts a worker of the language stage with an instance id, which ends with the test."""
    with ExitStack() as stack:

        def start_worker(instance: str) -> WorkerProcess:
            return stack.enter_context(WorkerProcess(pipeline, "language", environment(pipeline), instance))

        yield start_worker


class Feed:
    """Publishes articles to partitions of its choice; none of Telex."""

    def __init__(self, settings: Settings, topic: str = RAW) -> None:
        self._topic, self._numbers = settings.topic_prefix + topic, count()
        self.producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers, metadata_max_age_ms=200)
        self.sent: set[str] = set()

    def __call__(self, *partitions: int) -> list[str]:
        """One article for each partition; returns their ids when the broker has them."""
        ids = [f"a{next(self._numbers)}-{partition}" for partition in partitions]
        for identifier, partition in zip(ids, partitions, strict=True):
            wait_for(lambda number=partition: number in self.producer.partitions_for(self._topic), 10)
            value = json.dumps({"id": identifier, "text": TEXT}).encode()
            self.producer.send(self._topic, value, identifier.encode(), partition=partition)
        self.producer.flush(10)
        self.sent |= set(ids)
        return ids


@pytest.fixture
def feed(pipeline: Settings) -> Iterator[Feed]:
    published = Feed(pipeline)
    yield published
    published.producer.close(timeout=5)


@pytest.fixture
def enriched(pipeline: Settings) -> Iterator[Feed]:
    """Publishes to the topic that is subscribed to, without workers in between."""
    published = Feed(pipeline, ENRICHED)
    yield published
    published.producer.close(timeout=5)


def out(settings: Settings) -> set[str]:
    return {record.key.decode() for record in read(settings, LANGUAGE)}


def come(settings: Settings, ids: list[str], *workers: WorkerProcess, limit_s: float = 30) -> None:
    wait_for(
        lambda: out(settings) >= set(ids),
        limit_s,
        lambda: f"{out(settings)}\n" + "\n".join(said(worker) for worker in workers),
    )


def said(worker: WorkerProcess) -> str:
    return f"{worker.get('/readyz')} {worker.log.read_text()}"


def lag(worker: WorkerProcess, partition: int) -> float:
    lines = worker.get("/metrics")[1].splitlines()
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in lines
        if line.startswith("telex_consumer_lag{") and f'partition="{partition}"' in line
    )


def told(worker: WorkerProcess, words: str) -> int:
    """How many lines of its log have these words in them."""
    return sum(words in line for line in worker.log.read_text().splitlines())


def test_new_partitions_are_read_by_workers_that_were_killed_and_came_back_within_their_session(
    pipeline: Settings, start: Start, feed: Feed
) -> None:
    """Whoever shared the partitions out is among the killed: then nobody in the group would notice by itself."""
    workers = [start("one").wait_ready(), start("two").wait_ready()]
    come(pipeline, feed(0, 1, 2, 3), *workers)
    for worker in workers:
        worker.kill()
        worker.start()
        worker.wait_ready()
    come(pipeline, feed(0, 1, 2, 3), *workers)
    for partitions in (6, 9):
        feed(*range(partitions - 3))
        add_partitions(pipeline, partitions)
        come(pipeline, feed(*range(partitions)), *workers)
        come(pipeline, sorted(feed.sent))
    wait_for(
        lambda: all(worker.get("/readyz")[0] == 200 for worker in workers), 10, lambda: "\n".join(map(said, workers))
    )
    wait_for(lambda: sum(worker.get("/metrics")[1].count("telex_consumer_lag{") for worker in workers) == 9, 10)
    wait_for(lambda: sum(worker.metric("telex_consumer_lag{") for worker in workers) == 0, 10)
    assert all(worker.process.poll() is None for worker in workers)
    assert not any(told(worker, "stops") for worker in workers)


def test_a_partition_without_a_counterpart_waits_and_the_others_go_on(
    pipeline: Settings, start: Start, feed: Feed
) -> None:
    worker = start("one").wait_ready()
    come(pipeline, feed(0), worker)
    add_partitions(pipeline, 6, [RAW])
    waiting = feed(4, 5)
    wait_for(lambda: worker.get("/readyz")[0] == 503, 20, lambda: said(worker))
    come(pipeline, feed(0, 1, 2, 3), worker)
    wait_for(lambda: lag(worker, 4) == 1, 10, lambda: worker.get("/metrics")[1])
    assert "Partitions 4, 5 of" in worker.get("/readyz")[1]
    assert not out(pipeline) & set(waiting)
    worker.terminate()  # one that starts meanwhile does the same
    worker.start()
    wait_for(lambda: "Partitions 4, 5 of" in worker.get("/readyz")[1], 30, lambda: said(worker))
    come(pipeline, feed(3), worker)
    add_partitions(pipeline, 6, set(TOPICS) - {RAW})
    come(pipeline, waiting, worker)
    wait_for(lambda: worker.get("/readyz")[0] == 200, 10, lambda: said(worker))
    assert told(worker, "are not read yet") == 2  # once by each process
    assert not read(pipeline, DEAD)


def test_a_topic_that_is_deleted_and_created_again_is_read_from_its_beginning(
    pipeline: Settings, start: Start, feed: Feed
) -> None:
    """As many records as the worker had read are in the new topic before it looks: only the topic's id tells."""
    worker = start("one").wait_ready()
    come(pipeline, feed(0, 0, 0, 1), worker)
    wait_for(lambda: committed(pipeline, "language").get(0) == 3, 10)
    worker.process.send_signal(signal.SIGSTOP)
    create_again(pipeline, RAW)
    again = feed(0, 0, 0, 0, 0, 1)
    worker.process.send_signal(signal.SIGCONT)
    come(pipeline, again, worker)
    come(pipeline, feed(0, 2), worker)
    wait_for(lambda: committed(pipeline, "language").get(0) == 6, 10, lambda: said(worker))
    assert told(worker, "was deleted and created again") == 1
    assert worker.process.poll() is None


def test_offsets_that_the_topic_does_not_have_are_said_and_lost_records_counted(
    pipeline: Settings, start: Start, feed: Feed
) -> None:
    worker = start("one").wait_ready()
    come(pipeline, feed(0, 0, 0, 1, 1), worker)
    wait_for(lambda: (committed(pipeline, "language").get(0), committed(pipeline, "language").get(1)) == (3, 2), 10)
    worker.terminate()
    feed(0, 0, 0, 2)
    delete_records(pipeline, RAW, 0, 5)  # two that it has not read
    set_offset(pipeline, GROUP, RAW, 1, 1000)
    worker.start()
    worker.wait_ready()
    come(
        pipeline, [*feed(0, 1), *(identifier for identifier in feed.sent if identifier not in ("a5-0", "a6-0"))], worker
    )
    assert worker.metric("telex_records_lost_total{") == 2
    assert told(worker, "2 records of") == told(worker, "the reader's position was 1000") == 1
    assert worker.process.poll() is None
    # Backward, to an offset that was not the beginning for Faust: zero.
    wait_for(lambda: committed(pipeline, "language").get(1) == 3, 10)
    worker.terminate()
    before = len(read(pipeline, LANGUAGE))
    set_offset(pipeline, GROUP, RAW, 1, 0)
    worker.start()
    wait_for(lambda: len(read(pipeline, LANGUAGE)) == before + 3, 30, lambda: said(worker))


def received(subscriber: Subscriber, ids: list[str], limit_s: float = 20) -> list[str]:
    """What comes until all of these have come, with copies; fails when they do not."""
    found: list[str] = []

    def come() -> bool:
        found.extend(each.article["id"] for each in subscriber)
        return set(found) >= set(ids)

    wait_for(come, limit_s, lambda: f"{ids} are not in {found}")
    return found


@pytest.mark.parametrize("group", [None, "desk"])
def test_a_subscriber_gets_what_lies_in_new_partitions_from_their_beginning(
    pipeline: Settings, enriched: Feed, caplog: pytest.LogCaptureFixture, group: str | None
) -> None:
    enriched(0)  # before it listens
    with Subscriber(pipeline, group=group, timeout_s=0.5) as subscriber:
        received(subscriber, [])
        for partitions in (6, 7):
            add_partitions(pipeline, partitions)
            ids = enriched(*range(partitions))
            assert sorted(received(subscriber, ids)) == sorted(ids)
        create_again(pipeline, ENRICHED)
        ids = enriched(0, 0, 0, 0, 5)
        assert sorted(received(subscriber, ids)) == sorted(ids)
        last = enriched(0, 1)
        assert sorted(received(subscriber, last)) == sorted(last)
    assert caplog.text.count("was deleted and created again: it is read from its beginning") == 1
    if group:
        ids = enriched(0)
        add_partitions(pipeline, 9, [ENRICHED])
        ids += enriched(7, 8)
        with Subscriber(pipeline, group=group, timeout_s=0.5) as subscriber:
            assert sorted(received(subscriber, ids)) == sorted(ids)


def test_a_subscriber_says_which_records_it_lost_and_goes_on(
    pipeline: Settings, enriched: Feed, caplog: pytest.LogCaptureFixture
) -> None:
    group = {"group": "desk", "timeout_s": 0.5, "once": False}
    ids = enriched(0, 0, 1, 1)
    with Subscriber(pipeline, start="beginning", **group) as subscriber:
        received(subscriber, ids)
    lost = enriched(0, 0)
    kept = enriched(0)
    delete_records(pipeline, ENRICHED, 0, 4)
    set_offset(pipeline, "desk", ENRICHED, 1, 1000)
    with Subscriber(pipeline, **group) as subscriber:
        assert sorted(received(subscriber, [*kept, *ids[2:]])) == sorted([*kept, *ids[2:]])
        assert subscriber.lost == len(lost)
    assert "2 records of" in caplog.text
    assert "the reader's position was 1000" in caplog.text
    set_offset(pipeline, "desk", ENRICHED, 1, 1)  # back by one
    with Subscriber(pipeline, **group) as subscriber:
        assert received(subscriber, ids[3:]) == ids[3:]


def test_a_group_whose_topic_was_created_again_between_two_runs_begins_at_its_beginning(
    pipeline: Settings, enriched: Feed
) -> None:
    ids = enriched(0, 1)
    with Subscriber(pipeline, start="beginning", group="desk", timeout_s=0.5) as subscriber:
        received(subscriber, ids)
    create_again(pipeline, ENRICHED)
    ids = enriched(0, 0, 0, 1)
    with Subscriber(pipeline, group="desk", timeout_s=0.5) as subscriber:
        assert sorted(received(subscriber, ids)) == sorted(ids)


def test_dead_letters_and_status_see_new_partitions_whatever_the_other_topics_have(pipeline: Settings) -> None:
    add_partitions(pipeline, 6, [DEAD, RAW])
    dead, raw = Feed(pipeline, DEAD), Feed(pipeline)
    dead(5)
    raw(4, 5)
    raw(0)
    for feed in (dead, raw):
        feed.producer.close(timeout=5)
    assert [letter.partition for letter in reader.read(pipeline)] == [5]
    status = StatusReader(pipeline)
    assert [stage.lag for stage in status.read()] == [3, 0, 0]
    set_offset(pipeline, GROUP, RAW, 0, 1000)
    assert [stage.lag for stage in status.read()] == [3, 0, 0]  # what a worker reads again waits
    create_again(pipeline, DEAD)
    dead = Feed(pipeline, DEAD)
    dead(0)
    dead.producer.close(timeout=5)
    assert [letter.partition for letter in reader.read(pipeline)] == [0]
    status.read()
