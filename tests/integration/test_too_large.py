"""Records that a topic does not take for their size: each is its own matter, and a topic that takes next to nothing is
no article's.
"""

from __future__ import annotations

import base64
import json
import random
from hashlib import sha256

from kafka import KafkaProducer

from streams.settings import Settings
from streams.stages import DEAD, RAW
from tests.support.changes import limit_record
from tests.support.processes import WorkerProcess, environment, telex, wait_for
from tests.support.reading import committed, read


def noise(size: int) -> str:
    """So many characters that no codec makes less than three quarters of."""
    return base64.b64encode(random.Random(size).randbytes(size)).decode()[:size]


TEXT = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway. "


def test_what_a_topic_does_not_take_stops_nothing(pipeline: Settings) -> None:
    """The raw topic takes more than the next one, and that more than the one for dead letters."""
    limit_record(pipeline, "articles.language", 150_000)
    limit_record(pipeline, DEAD, 100_000)
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
        letters = {record.key: record for record in read(pipeline, DEAD)}
        assert worker.metric('telex_dead_letters_total{reason="too_large"') == 2
        assert worker.process.poll() is None
    said = {key: {name: (value or b"").decode() for name, value in record.headers} for key, record in letters.items()}
    assert {key: each["telex.error.reason"] for key, each in said.items()} == {
        b"large": "too_large",
        b"headers": "too_large",
        long_key[:1024]: "invalid_json",
        b"poison": "too_deep",
    }
    assert said[b"large"]["telex.error.original.sha256"] == sha256(large).hexdigest()
    assert letters[b"large"].value == large[:4096]
    assert said[b"large"]["__connect.errors.offset"] == "1"
    assert (said[b"headers"]["telex.error.original.headers_bytes"], "baggage" in said[b"headers"]) == ("250007", False)
    assert said[long_key[:1024]]["telex.error.original.key_bytes"] == "150000"
    # The last one is small enough to be there as it was.
    assert letters[b"poison"].value == b"{" * 90_000
    assert "telex.error.original.sha256" not in said[b"poison"]

    shown = json.loads(telex(pipeline, "dead", "show", "large", "--format", "json").stdout)
    assert shown["original"]["state"] == "it was read from its topic"
    assert shown["original"]["bytes"]["value"] == len(large)
    back = telex(pipeline, "dead", "redrive", "large", "headers")
    assert back.returncode == 0, back.stderr
    again = read(pipeline, RAW)[len(records) :]
    assert sorted((record.key, record.value, record.headers) for record in again) == sorted(
        [records[3], records[1]], key=lambda record: record[0]
    )
    with_fault = telex(pipeline, "dead", "redrive", long_key[:1024].decode())
    assert with_fault.returncode == 0, with_fault.stderr


def test_a_topic_that_takes_next_to_nothing_is_no_articles_fault(pipeline: Settings) -> None:
    """Also where the article that comes first is a large one."""
    limit_record(pipeline, "articles.language", 10_000)
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
    value = json.dumps({"id": "large", "text": TEXT, "scan": noise(100_000)}).encode()
    producer.send(pipeline.topic_prefix + RAW, key=b"large", value=value, partition=1).get(30)
    producer.close()
    with WorkerProcess(pipeline, "language", environment(pipeline)) as worker:
        assert worker.process.wait(60) == 1
        assert "MessageSizeTooLargeError" in worker.log.read_text()
        assert not read(pipeline, DEAD)
        limit_record(pipeline, "articles.language", 4_000_000)
        worker.start()
        worker.wait_ready()
        wait_for(
            lambda: [record.key for record in read(pipeline, "articles.language")] == [b"large"],
            30,
            worker.log.read_text,
        )
