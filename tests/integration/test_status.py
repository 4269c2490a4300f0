"""`telex status`, `telex topics` and `telex models` with a real Kafka and real workers."""

import json
import time
from datetime import datetime
from typing import Any

import pytest
from kafka import KafkaProducer, TopicPartition

from streams import Publisher
from streams.client.pipeline_status import StageStatus, StatusReader
from streams.errors import TelexError
from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stages import ALL_TOPICS, RAW, STAGE_NAMES, WORKERS
from tests.support.articles import FRENCH
from tests.support.commands import RunTelex
from tests.support.independent_reader import read
from tests.support.processes import WorkerProcess, environment, wait_for


def publish(settings: Settings, count: int) -> None:
    with Publisher(settings) as publisher:
        for number in range(count):
            publisher.publish({"text": FRENCH.format(number)})


def language_status(reader: StatusReader) -> StageStatus:
    return reader.read()[0]


def test_records_that_no_worker_reads_count_as_lag(pipeline: Settings, run_telex: RunTelex) -> None:
    publish(pipeline, 12)
    code, printed, errors = run_telex(pipeline, "status")
    assert code == 0, errors
    stages: list[dict[str, Any]] = [json.loads(line) for line in printed]
    assert [stage["stage"] for stage in stages] == list(WORKERS)
    idle = {"rate": 0.0, "dead_letters": 0, "workers": 0, "last_progress": None}
    assert stages[0] == {"stage": "language", "lag": 12, **idle}
    assert stages[1] == {"stage": "entities", "lag": 0, **idle}


def test_the_status_counts_workers_progress_and_dead_letters(pipeline: Settings) -> None:
    reader = StatusReader(pipeline)
    with WorkerProcess(pipeline, "language", environment(pipeline)).wait_ready() as worker:
        assert language_status(reader).workers == 1
        begin = time.time()
        publish(pipeline, 20)
        producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
        producer.send(pipeline.topic_prefix + RAW, key=b"bad", value=b"{").get(10)
        producer.close()
        wait_for(lambda: len(read(pipeline, "articles.language")) == 20, 30, lambda: worker.log.read_text())
        time.sleep(2)  # several commit intervals
        first = language_status(reader)
        assert (first.lag, first.dead_letters) == (0, 1)
        assert first.rate > 1
        assert first.last_progress
        assert begin - 1 <= datetime.fromisoformat(first.last_progress).timestamp() <= time.time() + 1
        second = language_status(reader)
        assert (second.rate, second.dead_letters) == (0.0, 1)


def test_deleted_records_do_not_count_as_lag(pipeline: Settings) -> None:
    publish(pipeline, 12)
    records = [record for record in read(pipeline, RAW) if record.partition == 0]
    with admin(pipeline) as client:
        client.delete_records({TopicPartition(pipeline.topic_prefix + RAW, 0): len(records)})
    assert language_status(StatusReader(pipeline)).lag == 12 - len(records)


def test_the_error_for_missing_topics_names_the_command_that_creates_them(kafka: Settings) -> None:
    with pytest.raises(TelexError, match="telex topics"):
        StatusReader(kafka).read()


def test_the_exit_code_is_1_without_a_broker(kafka: Settings, run_telex: RunTelex) -> None:
    nowhere = kafka.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})
    code, printed, [_] = run_telex(nowhere, "status")
    assert (code, printed) == (1, [])


def test_telex_topics_creates_topics_once_and_then_checks_them(kafka: Settings, run_telex: RunTelex) -> None:
    def topics(*arguments: str) -> list[tuple[str, int, str]]:
        code, printed, errors = run_telex(kafka, "topics", *arguments)
        assert code == 0, errors
        return [tuple(json.loads(line).values()) for line in printed]

    counts = [(kafka.topic_prefix + topic, 1 if topic.startswith("telex.") else 3) for topic in ALL_TOPICS]
    assert topics("--partitions", "3") == [(*each, "created") for each in counts]
    assert topics() == [(*each, "exists") for each in counts]
    code, _, [error] = run_telex(kafka, "topics", "--partitions", "5")
    assert code == 1
    assert "have 3 partitions, not 5" in error


def test_telex_models_lists_the_languages_and_models_of_every_stage(kafka: Settings, run_telex: RunTelex) -> None:
    code, printed, errors = run_telex(kafka, "models")
    assert code == 0, errors
    rows = [json.loads(line) for line in printed]
    assert {row["stage"] for row in rows} == set(STAGE_NAMES)
    assert {("language", "fr"), ("entities", "fr"), ("entities", "en")} <= {
        (row["stage"], row["language"]) for row in rows
    }
    assert all(row["model"] for row in rows)
