"""`telex dead` on a real Kafka: it shows the dead letters, and sends back exactly the records that failed."""

import asyncio
import base64
import json
import random
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from kafka import KafkaProducer
from kafka.consumer.fetcher import ConsumerRecord

from streams.dead_letters import error_headers, reader
from streams.errors import Reason
from streams.records.headers import Headers
from streams.records.outcomes import Dead
from streams.settings import Settings
from streams.stages import DEAD, RAW
from tests.support.changes import limit_record
from tests.support.processes import WorkerProcess, environment, telex, wait_for
from tests.support.reading import read

PUBLISHED_MS = 1_700_000_000_000


@dataclass(frozen=True)
class Origin:
    topic: str
    partition: int
    offset: int


async def produce(settings: Settings, records: Iterable[dict[str, object]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    await producer.start()
    for record in records:
        await producer.send_and_wait(settings.topic_prefix + DEAD, **record)
    await producer.stop()


def dead_letter(
    settings: Settings,
    key: bytes | None,
    reason: Reason = Reason.INVALID_JSON,
    value: bytes | None = b"{",
    *,
    topic: str = RAW,
    stage: str = "language",
    headers: Headers = (),
    after_s: int = 0,
    partition: int = 1,
) -> dict[str, object]:
    """A dead letter as a stage writes it. Its record is `after_s` seconds newer than the first."""
    added = error_headers.headers(
        stage, Origin(settings.topic_prefix + topic, partition, 7), Dead(reason, f"why {key!r}", "RecordError", 3)
    )
    return {
        "key": key,
        "value": value,
        "headers": [*headers, *added],
        "partition": partition,
        "timestamp_ms": PUBLISHED_MS + after_s * 1000,
    }


def write(settings: Settings, *records: dict[str, object]) -> None:
    asyncio.run(produce(settings, records))


def lines(result: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def keys(result: subprocess.CompletedProcess[str]) -> list[object]:
    return [line["key"] for line in lines(result)]


def on_raw(settings: Settings) -> list[ConsumerRecord]:
    return read(settings, RAW)


def test_the_list_says_what_failed_where_and_why_with_the_newest_last(pipeline: Settings) -> None:
    write(
        pipeline,
        dead_letter(pipeline, b"new", after_s=9, partition=0),
        dead_letter(pipeline, b"old"),
        dead_letter(pipeline, b"\xff", Reason.EMPTY, None, after_s=3),
    )
    listed = lines(telex(pipeline, "dead", "list"))
    assert [line["key"] for line in listed] == ["old", "\\xff", "new"]
    assert listed[0] == {
        "id": "1:0",
        "key": "old",
        "stage": "language",
        "reason": "invalid_json",
        "message": "why b'old'",
        "attempts": 3,
        "topic": pipeline.topic_prefix + RAW,
        "partition": 1,
        "offset": 7,
        "time": "2023-11-14T22:13:20.000Z",
    }


def test_the_list_is_narrowed_by_reason_stage_and_number(pipeline: Settings) -> None:
    write(
        pipeline,
        *(dead_letter(pipeline, f"j{number}".encode(), after_s=number) for number in range(4)),
        dead_letter(
            pipeline, b"slow", Reason.ANALYSIS_TIMED_OUT, topic="articles.language", stage="entities", after_s=9
        ),
    )
    assert keys(telex(pipeline, "dead", "list", "--limit", "2")) == ["j3", "slow"]
    assert keys(telex(pipeline, "dead", "list", "--reason", "invalid_json", "--limit", "2")) == ["j2", "j3"]
    assert keys(telex(pipeline, "dead", "list", "--stage", "entities")) == ["slow"]
    table = telex(pipeline, "dead", "list", "--format", "table").stdout
    assert "5 dead letters, invalid_json 4, analysis_timed_out 1" in table


def test_one_dead_letter_is_shown_in_full_by_its_id_and_by_its_key(pipeline: Settings) -> None:
    tagged = dead_letter(pipeline, b"a", value=b"first", headers=[("tag", b"1"), ("nothing", None)])
    write(pipeline, tagged, dead_letter(pipeline, b"a", value=b"\xffsecond", after_s=1))
    shown = lines(telex(pipeline, "dead", "show", "1:0"))[0]
    assert base64.b64decode(str(shown["value"])) == b"first"
    assert shown["headers"] == [{"name": "tag", "value": "1"}, {"name": "nothing", "value": None}]
    assert shown["exception"] == "RecordError"
    latest = lines(telex(pipeline, "dead", "show", "a"))[0]
    assert base64.b64decode(str(latest["value"])) == b"\xffsecond"
    for unknown in ("1:9", "9:0", "nobody"):
        result = telex(pipeline, "dead", "show", unknown)
        assert (result.returncode, result.stdout) == (1, "")
        assert unknown in result.stderr


def test_a_value_cannot_move_the_cursor_of_the_terminal(pipeline: Settings) -> None:
    write(
        pipeline,
        dead_letter(pipeline, b"esc", value=b"one\x1b[2Jtwo"),
        dead_letter(pipeline, b"bytes", value=b"\xff\x1b[2J" * 100),
    )
    text = telex(pipeline, "dead", "show", "esc", "--format", "table").stdout
    assert "one�[2Jtwo" in text
    dump = telex(pipeline, "dead", "show", "bytes", "--format", "table").stdout
    assert "00000000  ff 1b 5b 32 4a ff" in dump
    assert "244 bytes more" in dump
    assert "\x1b" not in text + dump


def test_a_redriven_record_is_the_record_that_failed(pipeline: Settings) -> None:
    own_headers = [
        ("tag", b"1"),
        ("tag", b"2"),
        ("nothing", None),
        (error_headers.REASON, b"a publisher's own"),
        (error_headers.TOPIC, b"evil"),
    ]
    write(pipeline, dead_letter(pipeline, b"k\xff", value=b"\x00{", headers=own_headers, partition=2))
    sent = lines(telex(pipeline, "dead", "redrive", "2:0"))
    assert sent[0]["redriven"] is True
    record = on_raw(pipeline)[0]
    assert (record.partition, record.offset) == (2, sent[0]["offset"])
    assert (record.key, record.value, record.timestamp) == (b"k\xff", b"\x00{", PUBLISHED_MS)
    assert record.headers == own_headers


def test_a_record_redriven_to_a_later_stage_gets_the_current_time(pipeline: Settings) -> None:
    """Kafka deletes by timestamp there, and would delete an old record before it is read."""
    write(pipeline, dead_letter(pipeline, b"k", topic="articles.entities", stage="sentiment"))
    lines(telex(pipeline, "dead", "redrive", "k"))
    assert abs(read(pipeline, "articles.entities")[0].timestamp / 1000 - time.time()) < 60


def test_a_dry_run_lists_what_would_be_sent_and_sends_nothing(pipeline: Settings) -> None:
    write(pipeline, dead_letter(pipeline, b"a"), dead_letter(pipeline, b"b", Reason.EMPTY))
    would_go = lines(telex(pipeline, "dead", "redrive", "--all", "--dry-run"))
    assert [(line["key"], line["redriven"], line["offset"]) for line in would_go] == [
        ("a", False, None),
        ("b", False, None),
    ]
    assert not on_raw(pipeline)
    assert keys(telex(pipeline, "dead", "redrive", "--all")) == ["a", "b"]


def test_a_dead_letter_is_sent_once_by_reason_or_with_all_and_each_time_by_its_id(pipeline: Settings) -> None:
    write(pipeline, dead_letter(pipeline, b"a"), dead_letter(pipeline, b"b", Reason.EMPTY))
    assert keys(telex(pipeline, "dead", "redrive", "--reason", "invalid_json")) == ["a"]
    assert keys(telex(pipeline, "dead", "redrive", "--reason", "invalid_json")) == []
    write(pipeline, dead_letter(pipeline, b"c", partition=3))
    assert set(keys(telex(pipeline, "dead", "redrive", "--all"))) == {"b", "c"}  # two partitions have no order
    assert keys(telex(pipeline, "dead", "redrive", "--all")) == []
    assert keys(telex(pipeline, "dead", "redrive", "a", "1:0", "3:0")) == ["a", "c"]
    assert [record.key for record in on_raw(pipeline)] == [b"a", b"b", b"a", b"c", b"c"]


def test_a_dead_letter_that_cannot_be_sent_is_named_and_stops_no_other(pipeline: Settings) -> None:
    write(pipeline, dead_letter(pipeline, b"lost", topic="elsewhere"), dead_letter(pipeline, b"good"))
    result = telex(pipeline, "dead", "redrive", "--all")
    assert result.returncode == 1
    assert "1:0 cannot go back: it failed on" in result.stderr
    assert [record.key for record in on_raw(pipeline)] == [b"good"]


def test_a_delivery_that_fails_marks_nothing(pipeline: Settings) -> None:
    write(pipeline, dead_letter(pipeline, b"a"), dead_letter(pipeline, b"b", value=random.Random(1).randbytes(1000)))
    limit_record(pipeline, RAW, 300)
    result = telex(pipeline, "dead", "redrive", "--all")
    assert result.returncode == 1
    assert "Redriving stopped after 0 dead letters" in result.stderr
    limit_record(pipeline, RAW, 1_000_000)
    assert keys(telex(pipeline, "dead", "redrive", "--all")) == ["a", "b"]


def test_it_takes_ids_or_a_reason_or_all(pipeline: Settings) -> None:
    for arguments in ([], ["--all", "--reason", "empty"], ["1:0", "--all"], ["--reason", "no_reason"]):
        assert telex(pipeline, "dead", "redrive", *arguments).returncode == 2
    assert telex(pipeline, "dead", "list", "--stage", "nowhere").returncode == 2


def test_without_a_broker_the_command_fails_and_says_what_to_do(kafka: Settings) -> None:
    result = telex(kafka, "dead", "list", TELEX_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert (result.returncode, result.stdout) == (1, "")
    assert "telex broker" in result.stderr


def test_reading_also_ends_after_records_that_were_never_committed(pipeline: Settings) -> None:
    write(pipeline, dead_letter(pipeline, b"a"))
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers, transactional_id=pipeline.topic_prefix)
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(pipeline.topic_prefix + DEAD, key=b"never", value=b"{", partition=1).get(10)
    producer.abort_transaction()
    producer.close()
    assert [dead_letter.key for dead_letter in reader.read(pipeline)] == [b"a"]


def test_a_record_that_fails_again_is_a_dead_letter_like_the_first(pipeline: Settings) -> None:
    with WorkerProcess(pipeline, "language", environment(pipeline)).wait_ready() as worker:
        producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
        producer.send(
            pipeline.topic_prefix + RAW, key=b"bad", value=b"{", headers=[("tag", b"1")], timestamp_ms=PUBLISHED_MS
        ).get(10)
        producer.close()
        wait_for(lambda: len(read(pipeline, DEAD)) == 1, 30, lambda: worker.log.read_text())
        assert keys(telex(pipeline, "dead", "redrive", "--all")) == ["bad"]
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
    assert keys(telex(pipeline, "dead", "redrive", "--all")) == ["bad"]
