"""Topics that refuse records for their size: a large record becomes a dead letter, unless the limit is far too low."""

from __future__ import annotations

import base64
import json
import random
from hashlib import sha256

from kafka import KafkaProducer

from streams.settings import Settings
from streams.stages import DEAD, RAW
from tests.support.broker_changes import limit_record_size
from tests.support.commands import RunTelex
from tests.support.dead_letter_records import lines
from tests.support.independent_reader import committed, read
from tests.support.processes import WorkerProcess, environment, wait_for


def noise(size: int) -> str:
    """`size` characters, of which every codec leaves at least three quarters."""
    return base64.b64encode(random.Random(size).randbytes(size)).decode()[:size]


TEXT = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway. "


def test_a_record_too_large_for_a_topic_becomes_a_dead_letter_and_stops_no_worker(
    pipeline: Settings, run_telex: RunTelex
) -> None:
    """The raw topic accepts larger records than the next topic, and that larger ones than the dead-letter topic."""
    limit_record_size(pipeline, "articles.language", 150_000)
    limit_record_size(pipeline, DEAD, 100_000)
    large = json.dumps({"id": "large", "text": TEXT, "scan": noise(450_000)}).encode()
    long_key = noise(150_000).encode()
    records = [
        (b"small-0", json.dumps({"id": "small-0", "text": TEXT}).encode(), []),
        (b"large", large, []),
        (b"small-1", json.dumps({"id": "small-1", "text": TEXT}).encode(), []),
        (b"headers", json.dumps({"id": "headers", "text": TEXT}).encode(), [("baggage", noise(250_000).encode())]),
        (long_key, b"no json", []),
        (b"poison", b"{" * 90_000, []),
        (b"small-2", json.dumps({"id": "small-2", "text": TEXT}).encode(), []),
    ]
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
    for key, value, headers in records:
        producer.send(pipeline.topic_prefix + RAW, key=key, value=value, headers=headers, partition=1).get(30)
    producer.close()
    with WorkerProcess(pipeline, "language", environment(pipeline)) as worker:
        worker.wait_ready()
        wait_for(lambda: committed(pipeline, "language").get(1) == len(records), 60, worker.log.read_text)
        assert [record.key for record in read(pipeline, "articles.language")] == [b"small-0", b"small-1", b"small-2"]
        dead_letters = {record.key: record for record in read(pipeline, DEAD)}
        assert worker.metric('telex_dead_letters_total{reason="too_large"') == 2
        assert worker.process.poll() is None
    headers_of = {
        key: {name: (value or b"").decode() for name, value in record.headers} for key, record in dead_letters.items()
    }
    assert {key: headers["telex.error.reason"] for key, headers in headers_of.items()} == {
        b"large": "too_large",
        b"headers": "too_large",
        long_key[:1024]: "invalid_json",
        b"poison": "too_deep",
    }
    assert headers_of[b"large"]["telex.error.original.sha256"] == sha256(large).hexdigest()
    assert dead_letters[b"large"].value == large[:4096]
    assert headers_of[b"large"]["__connect.errors.offset"] == "1"
    assert headers_of[b"headers"]["telex.error.original.headers_bytes"] == "250007"
    assert "baggage" not in headers_of[b"headers"]
    assert headers_of[long_key[:1024]]["telex.error.original.key_bytes"] == "150000"
    # The last record is small enough to be included unchanged.
    assert dead_letters[b"poison"].value == b"{" * 90_000
    assert "telex.error.original.sha256" not in headers_of[b"poison"]

    [shown] = lines(run_telex(pipeline, "dead", "show", "large", "--format", "json"))
    assert shown["original"]["state"] == "it was read from its topic"
    assert shown["original"]["bytes"]["value"] == len(large)
    lines(run_telex(pipeline, "dead", "redrive", "large", "headers"))
    added = read(pipeline, RAW)[len(records) :]
    assert sorted((record.key, record.value, record.headers) for record in added) == sorted(
        [records[3], records[1]], key=lambda record: record[0]
    )
    lines(run_telex(pipeline, "dead", "redrive", long_key[:1024].decode()))


def test_a_topic_whose_limit_is_far_too_low_stops_the_worker_and_makes_no_dead_letter(pipeline: Settings) -> None:
    """This holds even if the first article is a large one."""
    limit_record_size(pipeline, "articles.language", 10_000)
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
    value = json.dumps({"id": "large", "text": TEXT, "scan": noise(100_000)}).encode()
    producer.send(pipeline.topic_prefix + RAW, key=b"large", value=value, partition=1).get(30)
    producer.close()
    with WorkerProcess(pipeline, "language", environment(pipeline)) as worker:
        assert worker.process.wait(60) == 1
        assert "MessageSizeTooLargeError" in worker.log.read_text()
        assert not read(pipeline, DEAD)
        limit_record_size(pipeline, "articles.language", 4_000_000)
        worker.start()
        worker.wait_ready()
        wait_for(
            lambda: [record.key for record in read(pipeline, "articles.language")] == [b"large"],
            30,
            worker.log.read_text,
        )
