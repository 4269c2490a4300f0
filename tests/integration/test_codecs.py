"""Every codec of Kafka, written by librdkafka and by Java's producer, through all that reads, and back to both."""

import json
import uuid
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from random import Random

import pytest
from confluent_kafka import Consumer, Producer
from kafka.record.default_records import DefaultRecordBatch

from streams import Publisher, Subscriber
from streams.dead_letters import reader
from streams.dead_letters.redrive import pending, redrive
from streams.errors import Reason
from streams.kafka.topics import COMPRESSION
from streams.settings import Settings
from streams.stages import DEAD, ENRICHED, RAW
from tests.support.changes import configure
from tests.support.java_tools import java_tool
from tests.support.processes import WorkerProcess, telex, wait_for
from tests.support.reading import read

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
FRENCH = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres, numéro {}. "
# Articles that travel in one batch. One of them is large, in a field that no stage analyses: Java's Snappy takes blocks
# of 32 KiB, its LZ4 of 64 KiB, and blocks that gain nothing are stored as they are.
TOGETHER = 20
NOTES = b64encode(Random(0).randbytes(150_000)).decode() + "mot " * 100_000

Pipeline = tuple[Settings, dict[str, WorkerProcess]]
Send = Callable[[Settings, str, Sequence[tuple[str, bytes]]], None]


def librdkafka(
    settings: Settings, codec: str, records: Sequence[tuple[str, bytes]], topic: str = RAW, **headers: bytes
) -> None:
    producer = Producer({"bootstrap.servers": settings.bootstrap_servers, "compression.type": codec, "linger.ms": 100})
    for key, value in records:
        producer.produce(settings.topic_prefix + topic, value, key, partition=0, headers=list(headers.items()))
    assert producer.flush(20) == 0


def java(settings: Settings, codec: str, records: Sequence[tuple[str, bytes]]) -> None:
    options = [
        "--reader-property",
        "parse.key=true",
        "--compression-codec",
        codec,
        "--timeout",
        "100",
        "--batch-size",
        "1000000",
    ]
    lines = b"".join(key.encode() + b"\t" + value + b"\n" for key, value in records)
    java_tool(settings, "ConsoleProducer", "--topic", settings.topic_prefix + RAW, *options, given=lines)


@pytest.fixture
def codecs_seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """The codecs of the batches that kafka-python reads in this test, by the key of their records."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    iterate = DefaultRecordBatch.__next__

    def spy(batch: DefaultRecordBatch) -> object:
        record = iterate(batch)
        seen[(record.key or b"").decode()].add(CODECS[batch.compression_type])
        return record

    monkeypatch.setattr(DefaultRecordBatch, "__next__", spy)
    return seen


@pytest.mark.parametrize("send", [librdkafka, java])
def test_articles_of_a_producer_that_compresses_come_out(
    whole_pipeline: Pipeline, send: Send, codecs_seen: dict[str, set[str]]
) -> None:
    settings, workers = whole_pipeline
    run = uuid.uuid4().hex
    expected = {}
    for codec in CODECS:
        keys = [f"{run}-{codec}-{number}" for number in range(TOGETHER)]
        expected |= dict.fromkeys(keys, codec)
        articles = [
            {"id": key, "text": FRENCH.format(key), "notes": "" if number else NOTES} for number, key in enumerate(keys)
        ]
        send(settings, codec, [(article["id"], json.dumps(article).encode()) for article in articles])
    logs = lambda: "\n".join(worker.log.read_text() for worker in workers.values())  # noqa: E731
    with Subscriber(settings, start="beginning", timeout_s=100) as subscriber:
        left = set(expected)
        for received in subscriber:
            left.discard((received.key or b"").decode())
            if not left:
                break
    assert not left, logs()
    codecs_seen.clear()
    read(settings, RAW)
    # A producer that gains nothing sends a batch as it is; these gain.
    assert {key: codecs_seen[key] for key in expected} == {key: {codec} for key, codec in expected.items()}
    codecs_seen.clear()
    read(settings, ENRICHED)
    assert all(codecs_seen[key] == {COMPRESSION} for key in expected)


@pytest.mark.parametrize("codec", CODECS)
def test_whatever_the_broker_compresses_with_everything_reads(
    pipeline: Settings, codec: str, codecs_seen: dict[str, set[str]]
) -> None:
    """The broker recompresses, in Java, what Telex and others write to topics that name a codec."""
    for topic in (RAW, ENRICHED, DEAD):
        configure(pipeline, topic, {"compression.type": "uncompressed" if codec == "none" else codec})
    said = {"telex.error.stage": b"language", "telex.error.reason": b"invalid_json", "__connect.errors.partition": b"0"}
    raw = (pipeline.topic_prefix + RAW).encode()
    librdkafka(
        pipeline,
        codec,
        [(f"dead-{number}", b"{" * 1000) for number in range(9)],
        DEAD,
        **said,
        **{"__connect.errors.topic": raw},
    )
    librdkafka(pipeline, codec, [("large", b'{"text":"' + b"mot " * 200_000 + b'"}')], ENRICHED)
    with Publisher(pipeline) as publisher:
        ours = publisher.publish({"text": FRENCH * 20})
    assert {letter.key for letter in reader.read(pipeline)} == {f"dead-{number}".encode() for number in range(9)}
    assert telex(pipeline, "dead", "list", "--format", "json").stdout.count('"invalid_json"') == 9
    redriven = list(redrive(pipeline, pending(pipeline, [Reason.INVALID_JSON], reader.ends(pipeline))))
    assert len(redriven) == 9
    with Subscriber(pipeline, topic=RAW, start="beginning", timeout_s=20) as articles:
        found = [next(iter(articles)) for _ in range(10)]
    assert {received.value for received in found if received.key != ours.encode()} == {b"{" * 1000}
    with Subscriber(pipeline, start="beginning", timeout_s=20) as articles:
        assert len(next(iter(articles)).article["text"]) == 800_000
    status = telex(pipeline, "status")
    assert json.loads(status.stdout.splitlines()[0])["lag"] == 10
    # Telex's own readers unpack before kafka-python sees the batch: a client that is not Telex's tells what lies there.
    codecs_seen.clear()
    for topic in (RAW, ENRICHED, DEAD):
        read(pipeline, topic)
    assert codecs_seen[ours] == codecs_seen["dead-0"] == codecs_seen["large"] == {codec}


def test_other_clients_read_what_telex_writes(whole_pipeline: Pipeline) -> None:
    settings, _ = whole_pipeline
    keys = {uuid.uuid4().hex for _ in range(TOGETHER)}
    with Publisher(settings) as publisher:
        for key in keys:
            publisher.publish({"id": key, "text": FRENCH.format(key) * 20})
    wait_for(lambda: keys <= {(record.key or b"").decode() for record in read(settings, ENRICHED)}, 60)
    for topic in (RAW, ENRICHED):
        assert keys <= set(librdkafka_keys(settings, topic))
        options = [
            "--from-beginning",
            "--timeout-ms",
            "8000",
            "--formatter-property",
            "print.key=true",
            "--formatter-property",
            "print.value=false",
        ]
        assert keys <= set(
            java_tool(settings, "consumer.ConsoleConsumer", "--topic", settings.topic_prefix + topic, *options)
            .decode()
            .split()
        )


def librdkafka_keys(settings: Settings, topic: str) -> Iterator[str]:
    options = {"group.id": uuid.uuid4().hex, "auto.offset.reset": "earliest", "enable.partition.eof": True}
    consumer = Consumer({"bootstrap.servers": settings.bootstrap_servers, **options})
    consumer.subscribe([settings.topic_prefix + topic])
    ended: set[int] = set()
    while len(ended) < settings.partitions:
        message = consumer.poll(10)
        assert message is not None
        if message.error():
            ended.add(message.partition())
        else:
            yield (message.key() or b"").decode()
    consumer.close()
