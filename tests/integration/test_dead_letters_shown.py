"""`telex dead list` and `telex dead show` on a real Kafka."""

import base64

from kafka import KafkaProducer

from streams.dead_letters import reader
from streams.errors import Reason
from streams.settings import Settings
from streams.stages import DEAD, RAW
from tests.support.commands import RunTelex
from tests.support.dead_letter_records import dead_letter, keys, lines, write


def test_the_list_gives_the_record_the_place_and_the_reason_with_the_newest_last(
    pipeline: Settings, run_telex: RunTelex
) -> None:
    write(
        pipeline,
        dead_letter(pipeline, b"new", after_s=9, partition=0),
        dead_letter(pipeline, b"old"),
        dead_letter(pipeline, b"\xff", Reason.EMPTY, None, after_s=3),
    )
    listed = lines(run_telex(pipeline, "dead", "list"))
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


def test_the_list_is_limited_by_reason_stage_and_number(pipeline: Settings, run_telex: RunTelex) -> None:
    write(
        pipeline,
        *(dead_letter(pipeline, f"j{number}".encode(), after_s=number) for number in range(4)),
        dead_letter(
            pipeline, b"slow", Reason.ANALYSIS_TIMED_OUT, topic="articles.language", stage="entities", after_s=9
        ),
    )
    assert keys(run_telex(pipeline, "dead", "list", "--limit", "2")) == ["j3", "slow"]
    assert keys(run_telex(pipeline, "dead", "list", "--reason", "invalid_json", "--limit", "2")) == ["j2", "j3"]
    assert keys(run_telex(pipeline, "dead", "list", "--stage", "entities")) == ["slow"]
    _, table, _ = run_telex(pipeline, "dead", "list", "--format", "table")
    assert any("5 dead letters, invalid_json 4, analysis_timed_out 1" in line for line in table)


def test_one_dead_letter_is_shown_in_full_by_its_id_and_by_its_key(pipeline: Settings, run_telex: RunTelex) -> None:
    tagged = dead_letter(pipeline, b"a", value=b"first", headers=[("tag", b"1"), ("nothing", None)])
    write(pipeline, tagged, dead_letter(pipeline, b"a", value=b"\xffsecond", after_s=1))
    shown = lines(run_telex(pipeline, "dead", "show", "1:0"))[0]
    assert base64.b64decode(str(shown["value"])) == b"first"
    assert shown["headers"] == [{"name": "tag", "value": "1"}, {"name": "nothing", "value": None}]
    assert shown["exception"] == "RecordError"
    latest = lines(run_telex(pipeline, "dead", "show", "a"))[0]
    assert base64.b64decode(str(latest["value"])) == b"\xffsecond"
    for unknown in ("1:9", "9:0", "nobody"):
        code, printed, [error] = run_telex(pipeline, "dead", "show", unknown)
        assert (code, printed) == (1, [])
        assert unknown in error


def test_a_shown_value_contains_no_control_characters(pipeline: Settings, run_telex: RunTelex) -> None:
    write(
        pipeline,
        dead_letter(pipeline, b"esc", value=b"one\x1b[2Jtwo"),
        dead_letter(pipeline, b"bytes", value=b"\xff\x1b[2J" * 100),
    )
    text = "\n".join(run_telex(pipeline, "dead", "show", "esc", "--format", "table")[1])
    assert "one�[2Jtwo" in text
    dump = "\n".join(run_telex(pipeline, "dead", "show", "bytes", "--format", "table")[1])
    assert "00000000  ff 1b 5b 32 4a ff" in dump
    assert "244 bytes more" in dump
    assert "\x1b" not in text + dump


def test_without_a_broker_the_command_fails_and_names_the_remedy(kafka: Settings, run_telex: RunTelex) -> None:
    nowhere = kafka.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})
    code, printed, [error] = run_telex(nowhere, "dead", "list")
    assert (code, printed) == (1, [])
    assert "telex broker" in error


def test_the_reader_ends_although_the_last_record_is_of_an_aborted_transaction(pipeline: Settings) -> None:
    write(pipeline, dead_letter(pipeline, b"a"))
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers, transactional_id=pipeline.topic_prefix)
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(pipeline.topic_prefix + DEAD, key=b"never", value=b"{", partition=1).get(10)
    producer.abort_transaction()
    producer.close()
    assert [dead_letter.key for dead_letter in reader.read(pipeline)] == [b"a"]
