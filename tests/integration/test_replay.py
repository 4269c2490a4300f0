"""`telex replay` on a real Kafka: the records of a span go through the pipeline again, byte for byte."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from streams.client.replay import HEADER, Span, replay
from streams.errors import TelexError
from streams.kafka import topics
from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stages import RAW
from tests.support.broker_changes import limit_record_size, recreate_topic
from tests.support.commands import RunTelex, StartTelex
from tests.support.independent_reader import end_offset_sum, read

NOON_MS = 1_774_526_400_000  # 2026-03-26T12:00Z
HOUR_MS = 3_600_000
SPAN = Span(NOON_MS, NOON_MS + HOUR_MS)


def moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()


# Runs `telex replay` with these settings and arguments.
Run = Callable[..., dict[str, Any]]
OPTIONS = ("--from", moment(SPAN.begin_ms), "--to", moment(SPAN.end_ms))


def write(settings: Settings, *records: dict[str, Any]) -> None:
    """Write records to the raw topic, in order."""

    async def send() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers)
        await producer.start()
        for record in records:
            await producer.send(settings.topic(RAW), **record)
        await producer.stop()

    asyncio.run(send())


def record(name: str, minutes: float, partition: int = 1, **more: Any) -> dict[str, Any]:
    """A record `minutes` after noon."""
    timestamp = NOON_MS + int(minutes * 60_000)
    return {"key": name.encode(), "value": b"{", "timestamp_ms": timestamp, "partition": partition, **more}


def keys(records: Iterable[ConsumerRecord]) -> list[str]:
    return [found.key.decode() for found in records]


def content(found: ConsumerRecord, *without: str) -> tuple[Any, ...]:
    headers = [each for each in found.headers if each[0] not in without]
    return found.partition, found.key, found.value, found.timestamp, headers


@pytest.fixture
def run(run_telex: RunTelex) -> Run:
    """Runs `telex replay` on the span. Returns the JSON that it prints."""

    def replayed(settings: Settings, *arguments: str) -> dict[str, Any]:
        code, printed, errors = run_telex(settings, "replay", *OPTIONS, *arguments)
        assert code == 0, errors
        result: dict[str, Any] = json.loads(printed[0])
        return result

    return replayed


def into(settings: Settings) -> tuple[str, Settings]:
    """A prefix of other topics, and the settings with it."""
    prefix = f"{settings.topic_prefix}again."
    return prefix, settings.model_copy(update={"topic_prefix": prefix})


def test_the_records_of_the_span_are_copied_byte_for_byte_into_topics_that_are_created(
    pipeline: Settings, run: Run
) -> None:
    headers = [("tag", b"1"), ("tag", b"2"), ("nothing", None)]
    write(
        pipeline,
        record("before", -0.001),
        record("first", 0, headers=headers),
        record("bytes", 30, partition=2, key=b"\xff", value=b"\x00"),
        record("late", 90),
        record("out of order", 59.9),
        record("after", 60),
    )
    prefix, again = into(pipeline)
    assert run(pipeline, "--into", prefix) == {
        "sent": 3,
        "in_span": 3,
        "bytes": 3,
        "copies_left_out": 0,
        "unreadable": 0,
        "resumed": False,
    }
    originals = [each for each in read(pipeline, RAW) if SPAN.begin_ms <= each.timestamp < SPAN.end_ms]
    copies = read(again, RAW)
    assert [content(each) for each in copies] == [content(each) for each in originals]
    assert len(copies) == 3
    assert set(topics.check(again).values()) == {pipeline.partitions}
    assert len(read(pipeline, RAW)) == 6


def test_a_replay_in_place_marks_its_records_and_a_second_one_sends_only_the_originals(
    pipeline: Settings, run: Run
) -> None:
    write(pipeline, record("a", 1, headers=[("tag", b"1")]), record("b", 2, partition=3), record("c", 90))
    assert run(pipeline, "--in-place")["sent"] == 2
    second = run(pipeline, "--in-place")
    assert (second["sent"], second["copies_left_out"], second["resumed"]) == (2, 2, False)
    found = read(pipeline, RAW)
    assert Counter(keys(found)) == {"a": 3, "b": 3, "c": 1}
    first, *copies = [each for each in found if each.key == b"a"]
    assert [content(copy, HEADER) for copy in copies] == [content(first)] * 2
    assert [dict(copy.headers)[HEADER] for copy in copies] == [b"1:0"] * 2


def test_a_copy_is_replayed_when_its_original_was_deleted(pipeline: Settings, run: Run) -> None:
    write(pipeline, record("a", 1), record("b", 2, headers=[(HEADER, b"nonsense")]))
    assert run(pipeline, "--in-place")["sent"] == 2
    with admin(pipeline) as client:
        client.delete_records({TopicPartition(pipeline.topic(RAW), 1): 1})
    assert run(pipeline, "--in-place")["sent"] == 2
    assert [(each.key, dict(each.headers)[HEADER]) for each in read(pipeline, RAW)] == [
        (b"b", b"nonsense"),
        (b"a", b"1:0"),
        (b"b", b"1:1"),
        (b"b", b"1:1"),
        (b"a", b"1:2"),
    ]


def test_a_dry_run_counts_and_sends_nothing(pipeline: Settings, run: Run) -> None:
    write(pipeline, *(record(str(number), number) for number in range(60)), record("later", 600))
    prefix, again = into(pipeline)
    assert run(pipeline, "--dry-run")["in_span"] == 60
    assert run(pipeline, "--into", prefix, "--dry-run") == {
        "sent": 0,
        "in_span": 60,
        "bytes": 60,
        "copies_left_out": 0,
        "unreadable": 0,
        "resumed": False,
    }
    with pytest.raises(TelexError, match="Topics are missing"):
        topics.check(again)
    assert len(read(pipeline, RAW)) == 61


def test_an_interrupted_replay_goes_on_where_it_stopped_and_a_finished_one_begins_anew(
    pipeline: Settings, run: Run
) -> None:
    write(pipeline, *(record(str(number), 1, number % 4) for number in range(3000)))
    prefix, again = into(pipeline)
    stopped = replay(pipeline, SPAN, prefix)
    sent = next(stopped).sent
    assert 0 < sent < 3000
    stopped.close()
    rest = run(pipeline, "--into", prefix)
    assert (rest["sent"], rest["resumed"]) == (3000 - sent, True)
    assert Counter(keys(read(again, RAW))) == {str(number): 1 for number in range(3000)}
    anew = run(pipeline, "--into", prefix)
    assert (anew["sent"], anew["resumed"]) == (3000, False)


def test_an_interrupted_replay_begins_anew_when_its_target_was_created_again(pipeline: Settings, run: Run) -> None:
    write(pipeline, *(record(str(number), 1, number % 4) for number in range(2000)))
    prefix, again = into(pipeline)
    stopped = replay(pipeline, SPAN, prefix)
    next(stopped)
    stopped.close()
    recreate_topic(again, RAW)
    result = run(pipeline, "--into", prefix)
    assert (result["sent"], result["resumed"]) == (2000, False)
    assert len(read(again, RAW)) == 2000


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
def test_after_kill_9_and_ctrl_c_every_record_comes_out(
    pipeline: Settings, run: Run, start_telex: StartTelex, kill: signal.Signals
) -> None:
    count = 20_000
    write(pipeline, *(record(str(number), 1, number % 4, value=b"x" * 300) for number in range(count)))
    prefix, again = into(pipeline)
    topics.create(again)
    replaying = start_telex("replay", *OPTIONS, "--into", prefix)
    while not end_offset_sum(again, RAW):  # `wait_for` looks too seldom: the replay would be over
        assert replaying.poll() is None
    replaying.send_signal(kill)
    code = replaying.wait(30)
    if kill == signal.SIGINT and code:
        assert code == 130
        assert b"the same command goes on where it stopped." in replaying.stderr.read()
    run(pipeline, "--into", prefix)
    copies = Counter(keys(read(again, RAW)))
    assert set(copies) == {str(number) for number in range(count)}
    # A replay that was over before the signal came begins anew.
    assert sum(copies.values()) <= count + (500 if code else count)


def test_a_delivery_that_fails_is_named_and_nothing_counts_as_sent(
    pipeline: Settings, run: Run, run_telex: RunTelex
) -> None:
    write(pipeline, record("a", 1, value=bytes(range(256)) * 8))
    prefix, again = into(pipeline)
    topics.create(again)
    limit_record_size(again, RAW, 200)
    code, printed, errors = run_telex(pipeline, "replay", *OPTIONS, "--into", prefix)
    assert (code, printed) == (1, [])
    assert errors[0].startswith("telex: The replay stopped after 0 records (")
    limit_record_size(again, RAW, 1_000_000)
    assert run(pipeline, "--into", prefix)["sent"] == 1


def test_records_that_are_published_meanwhile_are_not_replayed(pipeline: Settings) -> None:
    """A replay in place has an end, although it writes to the topic that it reads."""
    write(pipeline, *(record(str(number), 1) for number in range(1200)))
    running = replay(pipeline, SPAN, None)
    next(running)
    write(pipeline, record("new", 1))
    assert list(running)[-1].sent == 1200
    assert Counter(keys(read(pipeline, RAW)))["new"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "choose one of --into PREFIX and --in-place"),
        (["--into", "x.", "--in-place"], 2, "choose one of --into PREFIX and --in-place"),
        (["--in-place", "--to", "2020-01-01"], 2, "--from has to be before --to"),
        (["--in-place", "--to", "noon"], 2, "'noon' is not an ISO 8601 time"),
        (["--into", "not a prefix"], 1, "TELEX_TOPIC_PREFIX"),
    ],
)
def test_wrong_usage_is_named(
    pipeline: Settings, run_telex: RunTelex, arguments: list[str], code: int, message: str
) -> None:
    ended, printed, errors = run_telex(pipeline, "replay", *OPTIONS, *arguments)
    assert (ended, printed) == (code, [])
    assert message in errors[0]


def test_its_own_prefix_and_topics_with_other_partitions_are_refused(pipeline: Settings, run_telex: RunTelex) -> None:
    code, _, errors = run_telex(pipeline, "replay", *OPTIONS, "--into", pipeline.topic_prefix)
    assert (code, "use another one, or --in-place" in errors[0]) == (1, True)
    prefix, again = into(pipeline)
    topics.create(again.model_copy(update={"partitions": 1}))
    code, _, errors = run_telex(pipeline, "replay", *OPTIONS, "--into", prefix)
    assert (code, "use a prefix that has no topics yet" in errors[0]) == (1, True)
