"""`telex dead redrive` on a real Kafka: it sends back exactly the records that failed."""

import random
import time

from kafka import KafkaProducer
from kafka.consumer.fetcher import ConsumerRecord

from streams.dead_letters import error_headers, reader
from streams.errors import Reason
from streams.settings import Settings
from streams.stages import DEAD, RAW
from tests.support.broker_changes import limit_record_size
from tests.support.commands import RunTelex
from tests.support.dead_letter_records import PUBLISHED_MS, dead_letter, keys, lines, write
from tests.support.independent_reader import read
from tests.support.processes import WorkerProcess, environment, wait_for


def raw_records(settings: Settings) -> list[ConsumerRecord]:
    return read(settings, RAW)


def test_a_redriven_record_equals_the_record_that_failed(pipeline: Settings, run_telex: RunTelex) -> None:
    own_headers = [
        ("tag", b"1"),
        ("tag", b"2"),
        ("nothing", None),
        (error_headers.REASON, b"a publisher's own"),
        (error_headers.TOPIC, b"evil"),
    ]
    write(pipeline, dead_letter(pipeline, b"k\xff", value=b"\x00{", headers=own_headers, partition=2))
    sent = lines(run_telex(pipeline, "dead", "redrive", "2:0"))
    assert sent[0]["redriven"] is True
    record = raw_records(pipeline)[0]
    assert (record.partition, record.offset) == (2, sent[0]["offset"])
    assert (record.key, record.value, record.timestamp) == (b"k\xff", b"\x00{", PUBLISHED_MS)
    assert record.headers == own_headers


def test_a_record_redriven_to_a_later_stage_gets_the_current_time(pipeline: Settings, run_telex: RunTelex) -> None:
    """Kafka deletes records there by their timestamps, and would delete an old record before it is read."""
    write(pipeline, dead_letter(pipeline, b"k", topic="articles.entities", stage="sentiment"))
    lines(run_telex(pipeline, "dead", "redrive", "k"))
    assert abs(read(pipeline, "articles.entities")[0].timestamp / 1000 - time.time()) < 60


def test_a_dry_run_lists_the_records_and_sends_none(pipeline: Settings, run_telex: RunTelex) -> None:
    write(pipeline, dead_letter(pipeline, b"a"), dead_letter(pipeline, b"b", Reason.EMPTY))
    listed = lines(run_telex(pipeline, "dead", "redrive", "--all", "--dry-run"))
    assert [(line["key"], line["redriven"], line["offset"]) for line in listed] == [
        ("a", False, None),
        ("b", False, None),
    ]
    assert not raw_records(pipeline)
    assert keys(run_telex(pipeline, "dead", "redrive", "--all")) == ["a", "b"]


def test_a_reason_or_all_sends_a_dead_letter_once_and_its_id_sends_it_each_time(
    pipeline: Settings, run_telex: RunTelex
) -> None:
    write(pipeline, dead_letter(pipeline, b"a"), dead_letter(pipeline, b"b", Reason.EMPTY))
    assert keys(run_telex(pipeline, "dead", "redrive", "--reason", "invalid_json")) == ["a"]
    assert keys(run_telex(pipeline, "dead", "redrive", "--reason", "invalid_json")) == []
    write(pipeline, dead_letter(pipeline, b"c", partition=3))
    assert set(keys(run_telex(pipeline, "dead", "redrive", "--all"))) == {"b", "c"}  # two partitions have no order
    assert keys(run_telex(pipeline, "dead", "redrive", "--all")) == []
    assert keys(run_telex(pipeline, "dead", "redrive", "a", "1:0", "3:0")) == ["a", "c"]
    assert [record.key for record in raw_records(pipeline)] == [b"a", b"b", b"a", b"c", b"c"]


def test_it_names_a_dead_letter_that_it_cannot_send_and_sends_the_others(
    pipeline: Settings, run_telex: RunTelex
) -> None:
    write(pipeline, dead_letter(pipeline, b"lost", topic="elsewhere"), dead_letter(pipeline, b"good"))
    code, _, errors = run_telex(pipeline, "dead", "redrive", "--all")
    assert code == 1
    assert any("1:0 cannot go back: it failed on" in line for line in errors)
    assert [record.key for record in raw_records(pipeline)] == [b"good"]


def test_a_failed_delivery_marks_no_dead_letter_as_redriven(pipeline: Settings, run_telex: RunTelex) -> None:
    write(pipeline, dead_letter(pipeline, b"a"), dead_letter(pipeline, b"b", value=random.Random(1).randbytes(1000)))
    limit_record_size(pipeline, RAW, 300)
    code, _, errors = run_telex(pipeline, "dead", "redrive", "--all")
    assert code == 1
    assert any("Redriving stopped after 0 dead letters" in line for line in errors)
    limit_record_size(pipeline, RAW, 1_000_000)
    assert keys(run_telex(pipeline, "dead", "redrive", "--all")) == ["a", "b"]


def test_it_accepts_either_ids_or_a_reason_or_all(pipeline: Settings, run_telex: RunTelex) -> None:
    for arguments in ([], ["--all", "--reason", "empty"], ["1:0", "--all"], ["--reason", "no_reason"]):
        assert run_telex(pipeline, "dead", "redrive", *arguments)[0] == 2
    assert run_telex(pipeline, "dead", "list", "--stage", "nowhere")[0] == 2


def test_a_record_that_fails_again_becomes_an_equal_dead_letter(pipeline: Settings, run_telex: RunTelex) -> None:
    with WorkerProcess(pipeline, "language", environment(pipeline)).wait_ready() as worker:
        producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
        producer.send(
            pipeline.topic_prefix + RAW, key=b"bad", value=b"{", headers=[("tag", b"1")], timestamp_ms=PUBLISHED_MS
        ).get(10)
        producer.close()
        wait_for(lambda: len(read(pipeline, DEAD)) == 1, 30, lambda: worker.log.read_text())
        assert keys(run_telex(pipeline, "dead", "redrive", "--all")) == ["bad"]
        wait_for(lambda: len(read(pipeline, DEAD)) == 2, 30, lambda: worker.log.read_text())
    first, second = reader.read(pipeline)
    assert (first.key, first.value, first.headers, first.time) == (
        second.key,
        second.value,
        second.headers,
        second.time,
    )
    assert first.headers == (("tag", b"1"),)
    assert [dead.number(error_headers.OFFSET) for dead in (first, second)] == [0, 1]
    assert [dead.reason for dead in (first, second)] == ["invalid_json"] * 2
    assert keys(run_telex(pipeline, "dead", "redrive", "--all")) == ["bad"]
