"""`telex dead` on a real Kafka: what it shows, and that what it sends back is what had failed."""

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
from processes import WorkerProcess, environment, telex, wait_for
from reading import read

from streams.dead_letters import error_headers, reader
from streams.errors import Reason
from streams.records.headers import Headers
from streams.records.outcomes import Dead
from streams.settings import Settings
from streams.stages import DEAD, RAW

PUBLISHED_MS = 1_700_000_000_000


@dataclass(frozen=True)
class Origin:
    topic: str
    partition: int
    offset: int


async def bury(settings: Settings, letters_to_be: Iterable[dict[str, object]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    await producer.start()
    for letter in letters_to_be:
        await producer.send_and_wait(settings.topic_prefix + DEAD, **letter)
    await producer.stop()


def letter(
    settings: Settings,
    key: bytes | None,
    reason: Reason = Reason.INVALID_JSON,
    value: bytes | None = b"{",
    *,
    topic: str = RAW,
    stage: str = "language",
    headers: Headers = (),
    at: int = 0,
    partition: int = 1,
) -> dict[str, object]:
    """A dead letter as a stage writes it, `at` seconds after the first."""
    said = error_headers.headers(
        stage, Origin(settings.topic_prefix + topic, partition, 7), Dead(reason, f"why {key!r}", "RecordError", 3)
    )
    return {
        "key": key,
        "value": value,
        "headers": [*headers, *said],
        "partition": partition,
        "timestamp_ms": PUBLISHED_MS + at * 1000,
    }


def made(settings: Settings, *wanted: dict[str, object]) -> None:
    import asyncio

    asyncio.run(bury(settings, wanted))


def lines(result: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def keys(result: subprocess.CompletedProcess[str]) -> list[object]:
    return [line["key"] for line in lines(result)]


def on_raw(settings: Settings) -> list[ConsumerRecord]:
    return read(settings, RAW)


def test_the_list_has_what_was_wrong_and_where_with_the_newest_last(pipeline: Settings) -> None:
    made(
        pipeline,
        letter(pipeline, b"new", at=9, partition=0),
        letter(pipeline, b"old"),
        letter(pipeline, b"\xff", Reason.EMPTY, None, at=3),
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
    made(
        pipeline,
        *(letter(pipeline, f"j{number}".encode(), at=number) for number in range(4)),
        letter(pipeline, b"slow", Reason.ANALYSIS_TIMED_OUT, topic="articles.language", stage="entities", at=9),
    )
    assert keys(telex(pipeline, "dead", "list", "--limit", "2")) == ["j3", "slow"]
    assert keys(telex(pipeline, "dead", "list", "--reason", "invalid_json", "--limit", "2")) == ["j2", "j3"]
    assert keys(telex(pipeline, "dead", "list", "--stage", "entities")) == ["slow"]
    table = telex(pipeline, "dead", "list", "--format", "table").stdout
    assert "5 dead letters, invalid_json 4, analysis_timed_out 1" in table


def test_one_letter_is_shown_in_full_by_its_place_and_by_its_key(pipeline: Settings) -> None:
    tagged = letter(pipeline, b"a", value=b"first", headers=[("tag", b"1"), ("nothing", None)])
    made(pipeline, tagged, letter(pipeline, b"a", value=b"\xffsecond", at=1))
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


def test_what_a_value_holds_cannot_move_the_terminals_cursor(pipeline: Settings) -> None:
    made(
        pipeline,
        letter(pipeline, b"esc", value=b"one\x1b[2Jtwo"),
        letter(pipeline, b"bytes", value=b"\xff\x1b[2J" * 100),
    )
    text = telex(pipeline, "dead", "show", "esc", "--format", "table").stdout
    assert "one�[2Jtwo" in text
    dump = telex(pipeline, "dead", "show", "bytes", "--format", "table").stdout
    assert "00000000  ff 1b 5b 32 4a ff" in dump
    assert "244 bytes more" in dump
    assert "\x1b" not in text + dump


def test_a_redriven_record_is_the_record_that_failed(pipeline: Settings) -> None:
    theirs = [
        ("tag", b"1"),
        ("tag", b"2"),
        ("nothing", None),
        (error_headers.REASON, b"a publisher's own"),
        (error_headers.TOPIC, b"evil"),
    ]
    made(pipeline, letter(pipeline, b"k\xff", value=b"\x00{", headers=theirs, partition=2))
    sent = lines(telex(pipeline, "dead", "redrive", "2:0"))
    assert sent[0]["redriven"] is True
    record = on_raw(pipeline)[0]
    assert (record.partition, record.offset) == (2, sent[0]["offset"])
    assert (record.key, record.value, record.timestamp) == (b"k\xff", b"\x00{", PUBLISHED_MS)
    assert record.headers == theirs


def test_a_record_redriven_behind_the_first_stage_is_as_new_as_the_stages_outputs(pipeline: Settings) -> None:
    """Kafka deletes by timestamp there, and would delete an old record before it is read."""
    made(pipeline, letter(pipeline, b"k", topic="articles.entities", stage="sentiment"))
    lines(telex(pipeline, "dead", "redrive", "k"))
    assert abs(read(pipeline, "articles.entities")[0].timestamp / 1000 - time.time()) < 60


def test_a_dry_run_says_what_would_go_and_sends_nothing(pipeline: Settings) -> None:
    made(pipeline, letter(pipeline, b"a"), letter(pipeline, b"b", Reason.EMPTY))
    would_go = lines(telex(pipeline, "dead", "redrive", "--all", "--dry-run"))
    assert [(line["key"], line["redriven"], line["offset"]) for line in would_go] == [
        ("a", False, None),
        ("b", False, None),
    ]
    assert not on_raw(pipeline)
    assert keys(telex(pipeline, "dead", "redrive", "--all")) == ["a", "b"]


def test_a_letter_goes_once_by_its_reason_or_with_all_and_again_by_its_id(pipeline: Settings) -> None:
    made(pipeline, letter(pipeline, b"a"), letter(pipeline, b"b", Reason.EMPTY))
    assert keys(telex(pipeline, "dead", "redrive", "--reason", "invalid_json")) == ["a"]
    assert keys(telex(pipeline, "dead", "redrive", "--reason", "invalid_json")) == []
    made(pipeline, letter(pipeline, b"c", partition=3))
    assert set(keys(telex(pipeline, "dead", "redrive", "--all"))) == {"b", "c"}  # two partitions have no order
    assert keys(telex(pipeline, "dead", "redrive", "--all")) == []
    assert keys(telex(pipeline, "dead", "redrive", "a", "1:0", "3:0")) == ["a", "c"]
    assert [record.key for record in on_raw(pipeline)] == [b"a", b"b", b"a", b"c", b"c"]


def test_what_cannot_go_back_is_named_and_keeps_nothing_else(pipeline: Settings) -> None:
    made(pipeline, letter(pipeline, b"lost", topic="elsewhere"), letter(pipeline, b"good"))
    result = telex(pipeline, "dead", "redrive", "--all")
    assert result.returncode == 1
    assert "1:0 cannot go back: it failed on" in result.stderr
    assert [record.key for record in on_raw(pipeline)] == [b"good"]


def test_a_delivery_that_fails_marks_nothing(pipeline: Settings) -> None:
    from test_stage_runtime import limit_record

    made(pipeline, letter(pipeline, b"a"), letter(pipeline, b"b", value=random.Random(1).randbytes(1000)))
    limit_record(pipeline, RAW, 300)
    result = telex(pipeline, "dead", "redrive", "--all")
    assert result.returncode == 1
    assert "Redriving stopped after 0 letters" in result.stderr
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


def test_reading_ends_also_behind_records_that_were_never_committed(pipeline: Settings) -> None:
    made(pipeline, letter(pipeline, b"a"))
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers, transactional_id=pipeline.topic_prefix)
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(pipeline.topic_prefix + DEAD, key=b"never", value=b"{", partition=1).get(10)
    producer.abort_transaction()
    producer.close()
    assert [found.key for found in reader.read(pipeline)] == [b"a"]


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
    assert [found.number(error_headers.OFFSET) for found in (first, second)] == [0, 1]
    assert [found.reason for found in (first, second)] == ["invalid_json"] * 2
    assert keys(telex(pipeline, "dead", "redrive", "--all")) == ["bad"]
