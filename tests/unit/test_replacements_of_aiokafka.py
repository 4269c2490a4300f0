"""The faults of aiokafka that Telex replaces parts for, shown on aiokafka's own, unchanged parts.

Each test says which replacement can go when the test fails, because aiokafka then does without it.
`test_damaged_batches.py` and `test_snappy.py` have those of the formats.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.consumer import fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import CorruptRecordException, MessageSizeTooLargeError, UnknownError, for_code
from aiokafka.producer.message_accumulator import MessageAccumulator
from aiokafka.producer.transaction_manager import TransactionManager
from aiokafka.protocol.fetch import FetchRequest, FetchResponse_v4
from aiokafka.protocol.group import HeartbeatRequest, JoinGroupRequest
from aiokafka.protocol.metadata import MetadataRequest, MetadataResponse_v1
from aiokafka.record.memory_records import MemoryRecords
from faust.transport.drivers import aiokafka as driver

from streams.kafka import raw_batch
from streams.records.outputs import Output
from streams.worker import refusals
from streams.worker.faust_adapter import fetcher as own_fetcher
from streams.worker.faust_adapter import lenient_fetcher
from streams.worker.faust_adapter.consumer_client import assignment_of
from tests.support.wire import Batch, Wire

TOPIC = "articles"
A, B = TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1)
GOOD = (Wire(b"one"), Wire(b"two"), Wire(b"three"))
SERVERS = "127.0.0.1:1"
# aiokafka's own classes, which `lenient_fetcher.install` and `refusals.install` replace in the process of a worker.
FetchResult: Any = lenient_fetcher._FetchResult.__base__
PartitionRecords: Any = lenient_fetcher._PartitionRecords.__base__
ProduceHandler: Any = refusals._ProduceHandler.__base__


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def subscribed(*tps: TopicPartition) -> SubscriptionState:
    subscriptions = SubscriptionState()
    subscriptions.assign_from_user(tps)
    for tp in tps:
        subscriptions.subscription.assignment.state_value(tp).reset_to(0)
    return subscriptions


def result(subscriptions: SubscriptionState, tp: TopicPartition, data: bytes) -> Any:
    """What a fetch of a partition brought."""
    records = PartitionRecords(tp, MemoryRecords(data), [], 0, None, None, True, fetcher.READ_UNCOMMITTED)
    assignment = subscriptions.subscription.assignment
    return FetchResult(tp, assignment=assignment, partition_records=records, backoff=0)


def position(subscriptions: SubscriptionState, tp: TopicPartition) -> int:
    offset: int = subscriptions.subscription.assignment.state_value(tp).position
    return offset


@asynccontextmanager
async def fetching(subscriptions: SubscriptionState) -> AsyncIterator[fetcher.Fetcher]:
    client = AIOKafkaClient(bootstrap_servers=SERVERS)
    made = fetcher.Fetcher(client, subscriptions)
    made._fetch_task.cancel()  # it would ask the broker for records
    try:
        yield made
    finally:
        await made.close()
        await client.close()


def test_each_fetch_of_a_batch_that_cannot_be_read_raises() -> None:
    """When this test fails, `lenient_fetcher._PartitionRecords` can go.

    https://github.com/aio-libs/aiokafka/issues/321
    """

    async def work() -> None:
        subscriptions = subscribed(A)
        data = Batch(GOOD).encode() + Batch(GOOD, base_offset=3, crc=1).encode()
        for _ in range(2):
            with pytest.raises(CorruptRecordException):
                result(subscriptions, A, data).getall()
            assert position(subscriptions, A) == 0

    run(work())


def test_a_fetch_is_given_at_once_however_large_it_is() -> None:
    """When this test fails, `lenient_fetcher._FetchResult` can go."""

    async def work() -> None:
        subscriptions = subscribed(A)
        value = b"v" * (lenient_fetcher.AT_ONCE_BYTES // 2)
        data = b"".join(Batch([Wire(value)], base_offset=offset).encode() for offset in range(4))
        assert len(result(subscriptions, A, data).getall()) == 4

    run(work())


def test_records_of_other_partitions_are_dropped_with_one_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """When this test fails, a part of `ConsumerClient._fetch_records` can go: `progress.forget`."""
    monkeypatch.setattr(fetcher, "FetchResult", FetchResult)

    async def work() -> None:
        subscriptions = subscribed(A, B)
        async with fetching(subscriptions) as consumer:
            consumer._records[A] = result(subscriptions, A, Batch(GOOD).encode())
            consumer._records[B] = result(subscriptions, B, Batch(GOOD, crc=1).encode())
            with pytest.raises(CorruptRecordException):
                await consumer.fetched_records([A, B])
            assert position(subscriptions, A) == 3

    run(work())


@pytest.mark.parametrize("committed", [0, None])
def test_a_seek_to_the_committed_offset_0_or_to_none_keeps_the_position(committed: int | None) -> None:
    """When this test fails, `ConsumerClient.seek_to_committed` needs no seek of its own for this offset.

    https://github.com/aio-libs/aiokafka/issues/1003
    """

    async def work() -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=SERVERS, group_id="desk")
        consumer._subscription = subscribed(A)
        consumer._subscription.subscription.assignment.state_value(A).consumed_to(7)

        async def answer(_: Any) -> int | None:
            return committed

        consumer.committed = answer
        async with fetching(consumer._subscription) as consumer._fetcher:
            assert await consumer.seek_to_committed(A) == {A: committed}
            assert position(consumer._subscription, A) == 7
        consumer._closed = True  # it was never started

    run(work())


def test_an_assignment_that_comes_back_is_equal_to_the_one_before() -> None:
    """When this test fails, `consumer_client.assignment_of` can go, and `Progress` compares what `assignment` returns.

    A fetch that began before a rebalance must not count after it, though the consumer has the same partitions.
    """

    async def work() -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=SERVERS)
        seen = []
        for _ in range(2):
            consumer._subscription = subscribed(A)
            seen.append((consumer.assignment(), assignment_of(consumer)))
        assert seen[0][0] == seen[1][0]
        assert seen[0][1] is not seen[1][1]
        consumer._closed = True  # it was never started

    run(work())


def test_a_static_member_does_not_leave_its_group() -> None:
    """When this test fails, `ConsumerClient.leave` need not take the instance's name away."""

    async def work() -> None:
        client = AIOKafkaClient(bootstrap_servers=SERVERS)
        sent = []

        async def send(request: Any) -> None:
            sent.append(request)

        for instance, requests in ((None, 1), ("worker-1", 0)):
            coordinator = GroupCoordinator(client, SubscriptionState(), group_instance_id=instance)
            coordinator.generation, coordinator._send_req = 3, send
            sent.clear()
            await coordinator._maybe_leave_group()
            assert len(sent) == requests
            coordinator._coordination_task.cancel()
        await client.close()

    run(work())


@pytest.mark.parametrize(
    ("request_type", "version", "what"),
    [
        (JoinGroupRequest, 9, "KIP-814 tells a static member that it leads: `partition_watch._compare_group` can go"),
        (HeartbeatRequest, 3, "KIP-345 fences a static member at its heartbeat: `faust_adapter.coordinator` can go"),
        (FetchRequest, 13, "KIP-516 fetches by topic id: `Consumer._begin_again` can react to UNKNOWN_TOPIC_ID"),
        (MetadataRequest, 10, "KIP-516 tells the topic id: `streams.kafka.topic_layout` can go"),
    ],
)
def test_requests_are_of_old_versions(request_type: Any, version: int, what: str) -> None:
    """When this test fails, the parameter says what a newer version makes superfluous."""
    assert max(each.API_VERSION for each in request_type._CLASSES) < version


def producer_of_one_partition() -> AIOKafkaProducer:
    producer = AIOKafkaProducer(bootstrap_servers=SERVERS)
    brokers, partitions = [(1, "127.0.0.1", 1, None)], [(0, 0, 1, [1], [1])]
    cluster: ClusterMetadata = producer.client.cluster
    cluster.update_metadata(MetadataResponse_v1(brokers, 1, [(0, TOPIC, False, partitions)]))
    producer._closed = True  # it was never started
    return producer


def test_a_partition_that_was_added_is_refused() -> None:
    """When this test fails, `faust_adapter.producer_client` can go. Java's producer waits for the partition.

    https://issues.apache.org/jira/browse/KAFKA-6833
    """

    async def work() -> None:
        producer = producer_of_one_partition()
        with pytest.raises(AssertionError, match="Unrecognized partition"):
            await producer.send(TOPIC, b"value", partition=1)
        with pytest.raises(AssertionError, match="Unrecognized partition"):
            await producer.send_batch(producer.create_batch(), TOPIC, partition=1)

    run(work())


def test_a_record_without_key_and_value_is_refused() -> None:
    """When this test fails, `raw_batch.is_needed` need not ask for it."""

    async def work() -> None:
        with pytest.raises(AssertionError, match="key or value"):
            await producer_of_one_partition().send(TOPIC, None, None, partition=0)

    run(work())


def test_a_header_name_beyond_utf_8_is_refused() -> None:
    """When this test fails, `raw_batch.is_needed` need not ask for it."""

    async def work() -> None:
        with pytest.raises(UnicodeEncodeError):
            await producer_of_one_partition().send(TOPIC, b"value", partition=0, headers=[("Gr\udcf6", b"")])

    run(work())


@pytest.mark.parametrize("milliseconds", [-1, 2**53 + 1])
def test_faust_alters_a_timestamp_before_1970_and_one_that_no_float_holds(milliseconds: int) -> None:
    """When this test fails, `raw_batch.is_needed` need not ask for it."""

    async def work() -> None:
        sent: list[int] = []

        class Client:
            async def send(self, *_: Any, timestamp_ms: int, **__: Any) -> None:
                sent.append(timestamp_ms)

        producer = driver.Producer.__new__(driver.Producer)
        producer._producer = Client()
        producer._send_on_produce_message = lambda **_: None
        await producer.send(TOPIC, None, b"value", 0, (milliseconds + 0.5) / 1000, [])
        assert sent != [milliseconds]
        assert raw_batch.is_needed(Output(TOPIC, None, b"value", [], 0, milliseconds))

    run(work())


def test_a_refused_batch_leaves_a_gap_in_the_sequence_numbers() -> None:
    """When this test fails, `refusals._ProduceHandler` can go.

    The broker refuses the next batch of the partition, because its numbers are out of order.
    """

    async def work() -> None:
        manager = TransactionManager(None, 60_000)
        manager.set_pid_and_epoch(1, 0)
        cluster = ClusterMetadata(metadata_max_age_ms=1000)
        accumulator = MessageAccumulator(cluster, 1024, 0, 30, txn_manager=manager)
        delivery = await accumulator.add_message(A, None, b"value", 1)
        batch = accumulator._pop_batch(A)
        sender = type("Sender", (), {"_txn_manager": manager, "client": None, "_retry_backoff": 0})
        handler = ProduceHandler(sender, {A: batch})
        response = type("Response", (), {"API_VERSION": 5, "topics": [(TOPIC, [(0, 10, -1, -1, -1)])]})
        handler.handle_response(response)
        with pytest.raises(MessageSizeTooLargeError):
            await delivery
        assert manager.sequence_number(A) == 1

    run(work())


def test_the_code_of_an_invalid_record_has_no_name() -> None:
    """When this test fails, `refusals.REFUSALS` can name the error instead of UnknownError."""
    assert for_code(87) is UnknownError


@pytest.mark.parametrize(("kind", "fetches"), [(fetcher.Fetcher, 1), (own_fetcher.Fetcher, 2)])
def test_a_seek_at_the_end_of_a_request_delays_the_next_fetch(
    kind: type[fetcher.Fetcher], fetches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When aiokafka fetches a second time, `Fetcher` in the adapter's fetcher.py can go."""

    async def seek() -> None:
        client = AIOKafkaClient(bootstrap_servers=SERVERS)
        answers = [asyncio.get_running_loop().create_future() for _ in range(3)]
        sent = 0

        async def send(*_: object) -> FetchResponse_v4:
            nonlocal sent
            sent += 1
            await answers[sent - 1]
            return FetchResponse_v4(0, [])

        monkeypatch.setattr(client, "send", send)
        monkeypatch.setattr(client.cluster, "leader_for_partition", lambda _: 1)
        made = kind(client, subscribed(A), fetcher_timeout=60)
        await asyncio.sleep(0.01)
        assert sent == 1
        # The seek wakes the fetcher after the request is done, and before its callback.
        made.seek_to(A, 5)
        answers[0].set_result(None)
        await asyncio.sleep(0.1)
        assert sent == fetches
        await made.close()
        await client.close()

    run(seek())
