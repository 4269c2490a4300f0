"""Lag counts unfinished records, and neither the records of aborted transactions nor the markers of transactions."""

import json

from confluent_kafka import Producer
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import OffsetSpec

from streams import Subscriber
from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stages import RAW
from tests.support.independent_reader import committed, read
from tests.support.java_tools import java_tool
from tests.support.processes import WorkerProcess, environment, telex, wait_for

ARTICLE = json.dumps({"text": "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway."})
ABORTED = 50


def transact(settings: Settings, partition: int, kept: int, aborted: int) -> None:
    """Make two transactions: one with `kept` articles that is committed, and one with `aborted` articles."""
    producer = Producer(
        {"bootstrap.servers": settings.bootstrap_servers, "transactional.id": f"{settings.topic_prefix}{partition}"}
    )
    producer.init_transactions(20)
    for count, end in ((kept, producer.commit_transaction), (aborted, producer.abort_transaction)):
        producer.begin_transaction()
        for _ in range(count):
            producer.produce(settings.topic_prefix + RAW, ARTICLE, partition=partition)
        producer.flush(20)
        end(20)


def end_offsets(settings: Settings) -> dict[int, int]:
    """The end offsets of the raw topic, by partition."""
    with admin(settings) as client:
        tps = [TopicPartition(settings.topic_prefix + RAW, number) for number in range(settings.partitions)]
        return {
            tp.partition: found.offset
            for tp, found in client.list_partition_offsets(dict.fromkeys(tps, OffsetSpec.LATEST)).items()
        }


def commits(settings: Settings) -> int:
    """How many records Kafka's topic of commits ever had, for all groups."""
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap_servers)
    tps = [
        TopicPartition("__consumer_offsets", number) for number in consumer.partitions_for_topic("__consumer_offsets")
    ]
    count = sum(consumer.end_offsets(tps).values())
    consumer.close()
    return int(count)


def lags(settings: Settings, group: str) -> list[str]:
    """The LAG column that Kafka's own tool prints for the raw topic."""
    lines = java_tool(
        settings, "consumer.group.ConsumerGroupCommand", "--describe", "--group", settings.topic_prefix + group
    ).decode()
    table = [line.split() for line in lines.splitlines() if line.strip()]
    column = next(row for row in table if "LAG" in row).index("LAG")
    return [row[column] for row in table if settings.topic_prefix + RAW in row]


def test_a_worker_commits_past_aborted_transactions(pipeline: Settings) -> None:
    def wait_until_committed(worker: WorkerProcess) -> None:
        wait_for(lambda: committed(pipeline, "language") == end_offsets(pipeline), 30, lambda: worker.log.read_text())

    transact(pipeline, 1, kept=3, aborted=ABORTED)
    transact(pipeline, 2, kept=0, aborted=ABORTED)
    with WorkerProcess(pipeline, "language", environment(pipeline)).wait_ready() as worker:
        wait_until_committed(worker)
        assert json.loads(telex(pipeline, "status").stdout.splitlines()[0])["lag"] == 0
        assert lags(pipeline, "telex.language") == ["0"] * pipeline.partitions
        assert worker.metric("telex_consumer_lag{") == 0
        # While the worker runs, and also when no record follows.
        transact(pipeline, 1, kept=0, aborted=ABORTED)
        transact(pipeline, 3, kept=2, aborted=ABORTED)
        wait_until_committed(worker)
        with WorkerProcess(pipeline, "language", environment(pipeline)).wait_ready() as other:
            for partition in range(pipeline.partitions):
                transact(pipeline, partition, kept=1, aborted=ABORTED)
            wait_until_committed(other)
            assert other.terminate() == 0
        transact(pipeline, 0, kept=0, aborted=ABORTED)
        wait_until_committed(worker)
        worker.kill()
        transact(pipeline, 0, kept=1, aborted=ABORTED)
        worker.start()
        worker.wait_ready()
        wait_until_committed(worker)
        before = commits(pipeline)
        for _ in range(3):
            telex(pipeline, "status")  # takes longer than two commit intervals
        assert commits(pipeline) == before
        assert len(read(pipeline, "articles.language")) == 3 + 2 + pipeline.partitions + 1


def test_a_group_of_subscribers_commits_past_aborted_transactions(pipeline: Settings) -> None:
    transact(pipeline, 1, kept=3, aborted=ABORTED)
    transact(pipeline, 2, kept=0, aborted=ABORTED)
    with Subscriber(pipeline, topic=RAW, start="beginning", group="desk", timeout_s=4, once=False) as articles:
        assert len(list(articles)) == 3
    assert lags(pipeline, "desk") == ["0"] * pipeline.partitions
    transact(pipeline, 3, kept=1, aborted=ABORTED)
    with Subscriber(pipeline, topic=RAW, group="desk", timeout_s=8, once=False) as articles:
        next(iter(articles))
        # The last article is not finished: it was received, but the next one was not requested.
    assert sorted(lags(pipeline, "desk")) == ["0"] * (pipeline.partitions - 1) + [str(ABORTED + 3)]
    with Subscriber(pipeline, topic=RAW, group="desk", timeout_s=4, once=False) as articles:
        assert len(list(articles)) == 1
    assert lags(pipeline, "desk") == ["0"] * pipeline.partitions
