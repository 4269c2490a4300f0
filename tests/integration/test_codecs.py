"""Every codec of Kafka: every part of Telex reads what librdkafka and Java's producer write, and they read Telex."""

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
from tests.support.articles import FRENCH
from tests.support.broker_changes import configure_topic
from tests.support.independent_reader import read
from tests.support.java_tools import java_tool
from tests.support.processes import telex, wait_for
from tests.support.whole_pipeline import WholePipeline, logs

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
# The articles in one batch. One of them has a large field that no stage analyses: Java's Snappy has blocks of 32 KiB,
# its LZ4 blocks of 64 KiB, and both store blocks uncompressed that do not become smaller.
BATCH_SIZE = 20
NOTES = b64encode(Random(0).randbytes(150_000)).decode() + "mot " * 100_000

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
    java_tool(settings, "ConsoleProducer", "--topic", settings.topic_prefix + RAW, *options, stdin=lines)


@pytest.fixture
def codecs_seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """The codecs of the batches that kafka-python reads in this test, by the keys of their records."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    iterate = DefaultRecordBatch.__next__

    def spy(batch: DefaultRecordBatch) -> object:
        record = iterate(batch)
        seen[(record.key or b"").decode()].add(CODECS[batch.compression_type])
        return record

    monkeypatch.setattr(DefaultRecordBatch, "__next__", spy)
    return seen


@pytest.mark.parametrize("send", [librdkafka, java])
def test_articles_come_out_whatever_codec_their_producer_uses(
    whole_pipeline: WholePipeline, send: Send, codecs_seen: dict[str, set[str]]
) -> None:
    settings, _ = whole_pipeline
    run = uuid.uuid4().hex
    expected: dict[str, str] = {}
    for codec in CODECS:
        keys = [f"{run}-{codec}-{number}" for number in range(BATCH_SIZE)]
        expected |= dict.fromkeys(keys, codec)
        articles = [
            {"id": key, "text": FRENCH.format(key), "notes": "" if number else NOTES} for number, key in enumerate(keys)
        ]
        send(settings, codec, [(article["id"], json.dumps(article).encode()) for article in articles])

    with Subscriber(settings, start="beginning", timeout_s=100) as subscriber:
        left = set(expected)
        for received in subscriber:
            left.discard((received.key or b"").decode())
            if not left:
                break
    assert not left, logs(whole_pipeline)
    codecs_seen.clear()
    read(settings, RAW)
    # A producer sends a batch uncompressed if compression does not make it smaller. It makes these smaller.
    assert {key: codecs_seen[key] for key in expected} == {key: {codec} for key, codec in expected.items()}
    codecs_seen.clear()
    read(settings, ENRICHED)
    assert all(codecs_seen[key] == {COMPRESSION} for key in expected)


@pytest.mark.long
@pytest.mark.parametrize("codec", CODECS)
def test_every_reader_reads_topics_that_the_broker_recompresses(
    pipeline: Settings, codec: str, codecs_seen: dict[str, set[str]]
) -> None:
    """In topics with a codec of their own, the broker recompresses the batches of Telex and others, in Java."""
    for topic in (RAW, ENRICHED, DEAD):
        configure_topic(pipeline, topic, {"compression.type": "uncompressed" if codec == "none" else codec})
    headers = {
        "telex.error.stage": b"language",
        "telex.error.reason": b"invalid_json",
        "__connect.errors.partition": b"0",
    }
    raw = (pipeline.topic_prefix + RAW).encode()
    librdkafka(
        pipeline,
        codec,
        [(f"dead-{number}", b"{" * 1000) for number in range(9)],
        DEAD,
        **headers,
        **{"__connect.errors.topic": raw},
    )
    librdkafka(pipeline, codec, [("large", b'{"text":"' + b"mot " * 200_000 + b'"}')], ENRICHED)
    with Publisher(pipeline) as publisher:
        identifier = publisher.publish({"text": f"{FRENCH} " * 20})
    assert {dead_letter.key for dead_letter in reader.read(pipeline)} == {
        f"dead-{number}".encode() for number in range(9)
    }
    assert telex(pipeline, "dead", "list", "--format", "json").stdout.count('"invalid_json"') == 9
    redriven = list(redrive(pipeline, pending(pipeline, [Reason.INVALID_JSON], reader.ends(pipeline))))
    assert len(redriven) == 9
    with Subscriber(pipeline, topic=RAW, start="beginning", timeout_s=20) as articles:
        found = [next(iter(articles)) for _ in range(10)]
    assert {received.value for received in found if received.key != identifier.encode()} == {b"{" * 1000}
    with Subscriber(pipeline, start="beginning", timeout_s=20) as articles:
        assert len(next(iter(articles)).article["text"]) == 800_000
    status = telex(pipeline, "status")
    assert json.loads(status.stdout.splitlines()[0])["lag"] == 10
    # Telex's own readers decompress batches before kafka-python sees them. Another client shows their codecs.
    codecs_seen.clear()
    for topic in (RAW, ENRICHED, DEAD):
        read(pipeline, topic)
    assert codecs_seen[identifier] == codecs_seen["dead-0"] == codecs_seen["large"] == {codec}


def test_other_clients_read_the_records_of_telex(whole_pipeline: WholePipeline) -> None:
    settings, _ = whole_pipeline
    keys = {uuid.uuid4().hex for _ in range(BATCH_SIZE)}
    with Publisher(settings) as publisher:
        for key in keys:
            publisher.publish({"id": key, "text": f"{FRENCH.format(key)} " * 20})
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
            partition = message.partition()
            assert partition is not None
            ended.add(partition)
        else:
            yield (message.key() or b"").decode()
    consumer.close()
