"""Measures what each of Kafka's codecs costs and saves on articles. Run it on an idle machine.

    python -m tests.support.measure_codecs [articles.jsonl]

Each client sends the articles repeatedly to an embedded broker and reads them back: once in full batches, and once one
by one, as in a quiet pipeline. No batch of 16 KiB contains an article twice, as long as the articles together are
larger than that. Each line gives the processor time of the client (producer and consumer), the processor time of Kafka,
and the size of the topic's log.
"""

import asyncio
import itertools
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from streams.client import article_files
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings

CODECS = (None, "gzip", "snappy", "lz4", "zstd")
ARTICLES_IN_BATCHES, ARTICLES_ONE_BY_ONE, ROUNDS = 4000, 400, 5


def kafka_python(servers: str, topic: str, codec: str | None, values: Sequence[bytes], one_by_one: bool) -> None:
    producer = KafkaProducer(
        bootstrap_servers=servers, acks="all", enable_idempotence=True, linger_ms=5, compression_type=codec
    )
    for value in values:
        sent = producer.send(topic, value, b"key")
        if one_by_one:
            sent.get(10)
    producer.close()
    consumer = KafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest")
    read = 0
    while read < len(values):
        read += sum(map(len, consumer.poll(1000).values()))
    consumer.close()


def aiokafka(servers: str, topic: str, codec: str | None, values: Sequence[bytes], one_by_one: bool) -> None:
    async def run() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=servers, acks="all", enable_idempotence=True, compression_type=codec
        )
        await producer.start()
        for value in values:
            sent = await producer.send(topic, value, b"key")
            if one_by_one:
                await sent
        await producer.stop()
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest")
        await consumer.start()
        read = 0
        while read < len(values):
            read += sum(map(len, (await consumer.getmany(timeout_ms=1000)).values()))
        await consumer.stop()

    asyncio.run(run())


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    paths = [Path(argument) for argument in sys.argv[1:]] or [Path("seeds")]
    articles = [value for path in article_files.expand(paths) for _, value in article_files.read(path)]
    print(
        f"{len(articles)} articles, {sum(map(len, articles)) / len(articles):,.0f} bytes on average; processor time in ms for 1,000 articles"
    )
    clients: dict[str, Callable[..., None]] = {"kafka-python": kafka_python, "aiokafka": aiokafka}
    spent: dict[tuple[str, str, str], list[tuple[float, float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder, EmbeddedBroker(Path(folder), Settings().cache_dir, 0) as broker:
        assert broker.pid
        kafka, own = psutil.Process(broker.pid), psutil.Process()
        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap_servers)
        # The first round only warms Java up and does not count.
        for number, (name, how), codec in itertools.product(
            range(ROUNDS + 1), itertools.product(clients, ("batches", "one by one")), CODECS
        ):
            one_by_one = how == "one by one"
            count = ARTICLES_ONE_BY_ONE if one_by_one else ARTICLES_IN_BATCHES
            values = list(itertools.islice(itertools.cycle(articles), count))
            topic = f"{name}-{codec}-{number}-{how.replace(' ', '-')}"
            admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)
            before = cpu_s(own), cpu_s(kafka)
            clients[name](broker.bootstrap_servers, topic, codec, values, one_by_one)
            client_ms, kafka_ms = (
                (cpu_s(process) - since) * 1e6 / len(values)
                for process, since in zip((own, kafka), before, strict=True)
            )
            log = Path(folder) / "broker" / "data" / f"{topic}-0"
            size = sum(segment.stat().st_size for segment in log.glob("*.log"))
            if number:
                spent.setdefault((name, how, codec or "none"), []).append((client_ms, kafka_ms, size / len(values)))
            admin.delete_topics([topic])
        admin.close()
    print(f"{'client':13}{'sent':12}{'codec':8}{'client':>8}{'Kafka':>8}{'both':>8}{'bytes per article':>18}")
    for (name, how, codec), rounds in spent.items():
        client_ms, kafka_ms, size = (sorted(column)[len(rounds) // 2] for column in zip(*rounds, strict=True))
        print(f"{name:13}{how:12}{codec:8}{client_ms:8.0f}{kafka_ms:8.0f}{client_ms + kafka_ms:8.0f}{size:18,.0f}")


if __name__ == "__main__":
    main()
