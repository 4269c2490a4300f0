"""The faults of Faust that `streams/worker/faust_adapter` replaces parts for, shown on Faust's own, unchanged parts.

Each test says which replacement can go when the test fails, because Faust then does without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import faust
import pytest
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord, TopicPartition
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery, ServiceStopped
from faust.transport.conductor import Conductor
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode.threads import ServiceThread

TOPIC = "articles"
A = TP(TOPIC, 0)


class Thread:
    """Faust's consumer thread without aiokafka: it hands out given records, and commits or fails to."""

    def __init__(self, consumer: driver.Consumer) -> None:
        self._consumer = consumer
        self.fetched: Any = None
        self.commits = True

    async def getmany(self, partitions: set[TP], timeout: float) -> Any:  # noqa: ASYNC109 (as Faust calls it)
        if isinstance(self.fetched, Exception):
            raise self.fetched
        if not self.fetched:
            self._consumer._stopped.set()
        records, self.fetched = self.fetched, None
        return records or {}

    async def commit(self, offsets: Any) -> bool:
        return self.commits

    def highwater(self, tp: TP) -> int:
        return 100

    def assignment(self) -> set[TP]:
        return {A}


class Scene:
    """A consumer of Faust, with the records that its agent received."""

    def __init__(self, folder: Path) -> None:
        self.app = app(folder)
        self.messages: dict[int, Any] = {}
        self.consumer = consumer(self.app, self._receive)
        self.thread = Thread(self.consumer)
        # The stand-in has only the methods that Faust calls in these tests.
        self.consumer._thread = self.thread  # type: ignore[assignment]
        self.consumer._set_active_tps({A})

    async def _receive(self, message: Any) -> None:
        self.messages[message.offset] = message

    async def fetch(self, offsets: Sequence[int], value: bytes = b"v") -> None:
        self.thread.fetched = {
            A: [ConsumerRecord(TOPIC, 0, offset, 0, 0, None, value, None, 0, 0, ()) for offset in offsets]
        }
        self.consumer._stopped.clear()
        await self.consumer._drain_messages(self.consumer)

    def finish(self, *offsets: int) -> None:
        for offset in offsets:
            self.consumer.ack(self.messages[offset])

    def committable(self) -> int | None:
        """The offset that Faust would commit now."""
        offsets = self.consumer._filter_committable_offsets(self.consumer._filter_tps_with_pending_acks())
        self.consumer._committed_offset.update(offsets)
        committable: int | None = offsets.get(A)
        return committable


async def nothing(*_: Any, **__: Any) -> None:
    pass


def app(folder: Path) -> faust.App:
    made = faust.App("telex.test", broker="kafka://127.0.0.1:1", datadir=str(folder), web_enabled=False)
    made.finalize()
    assert isinstance(made.topics, Conductor)
    made.topics._acking_topics.add(TOPIC)  # as a subscription does
    return made


def transport(of: faust.App) -> driver.Transport:
    return driver.Transport(of.conf.broker_consumer, of)


def consumer(of: faust.App, receive: Any = nothing) -> driver.Consumer:
    made = driver.Consumer(transport(of), receive, nothing, nothing)
    made._thread.thread_loop.close()  # no thread runs in these tests
    return made


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_a_record_behind_a_gap_counts_as_finished_before_it_ran(tmp_path: Path) -> None:
    """When this test fails, a part of `faust_adapter.consumer.Consumer` can go: its own bookkeeping of offsets."""

    async def work() -> None:
        scene = Scene(tmp_path)
        await scene.fetch([5, 6, 9, 10])
        scene.finish(5, 6, 10)
        assert scene.committable() == 11  # and 9 is not finished

    run(work())


def test_a_record_at_the_committed_offset_counts_as_finished_before_it_ran(tmp_path: Path) -> None:
    """When this test fails, a part of `faust_adapter.consumer.Consumer` can go: its own bookkeeping of offsets.

    https://github.com/faust-streaming/faust/issues/606
    """

    async def work() -> None:
        scene = Scene(tmp_path)
        scene.consumer._committed_offset[A] = scene.consumer._read_offset[A] = 5
        await scene.fetch([5, 6])
        scene.finish(6)
        assert scene.committable() == 7  # and 5 is not finished

    run(work())


def test_a_gap_behind_offset_0_stops_the_commits(tmp_path: Path) -> None:
    """When this test fails, a part of `faust_adapter.consumer.Consumer` can go: its own bookkeeping of offsets."""

    async def work() -> None:
        scene = Scene(tmp_path)
        await scene.fetch([0, 3, 4])
        scene.finish(0, 3, 4)
        assert [scene.committable() for _ in range(3)] == [1, None, None]

    run(work())


def test_a_gap_at_the_end_is_never_committed(tmp_path: Path) -> None:
    """When this test fails, a part of `Consumer.force_commit` can go.

    A commit covers partitions with acknowledged records, and a gap has none. Only the thread knows the position.
    """

    async def work() -> None:
        scene = Scene(tmp_path)
        scene.consumer._committed_offset[A] = scene.consumer._read_offset[A] = 5
        await scene.fetch([])  # the position moved past the marker of a transaction at offset 5
        assert A not in scene.consumer._filter_tps_with_pending_acks()

    run(work())


def test_a_record_of_an_earlier_assignment_is_acknowledged(tmp_path: Path) -> None:
    """When this test fails, `Intake.holds` can go."""

    async def work() -> None:
        scene = Scene(tmp_path)
        await scene.fetch([5])
        before = scene.messages[5]
        await scene.consumer.on_partitions_revoked({A})
        scene.consumer._set_active_tps({A})
        await scene.fetch([5])
        assert scene.consumer.ack(before)
        assert scene.committable() == 6  # and the record that was fetched again is not finished

    run(work())


def test_unfinished_records_of_any_size_go_to_the_agent(tmp_path: Path) -> None:
    """When this test fails, `streams.worker.backlog` can go."""

    async def work() -> None:
        scene = Scene(tmp_path)
        await scene.fetch(range(200), b"v" * 2**20)
        assert len(scene.messages) == 200

    run(work())


def test_a_commit_that_failed_is_recorded_as_done(tmp_path: Path) -> None:
    """When this test fails, a part of `Consumer.force_commit` can go."""

    async def work() -> None:
        scene = Scene(tmp_path)
        scene.app.producer = type("Producer", (), {"flush": nothing})()
        scene.thread.commits = False
        assert not await scene.consumer._commit_offsets({A: 6})
        assert not scene.consumer._should_commit(A, 6)

    run(work())


def test_a_commit_during_another_one_commits_nothing(tmp_path: Path) -> None:
    """When this test fails, `Consumer.leave` and `Engine.compare_partitions` can call `commit`, not `force_commit`."""

    async def work() -> None:
        scene = Scene(tmp_path)
        await scene.fetch([5])
        scene.finish(5)
        scene.consumer._commit_fut = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(scene.consumer._commit_fut.set_result, None)
        assert not await scene.consumer.commit()
        assert scene.committable() == 6

    run(work())


def test_an_offset_that_kafka_deleted_ends_the_consumer(tmp_path: Path) -> None:
    """When this test fails, the exceptions that `Consumer._getmany` handles can go."""

    async def work() -> None:
        scene = Scene(tmp_path)
        scene.thread.fetched = OffsetOutOfRangeError({A: 5})
        with pytest.raises(OffsetOutOfRangeError):
            await scene.consumer._drain_messages(scene.consumer)

    run(work())


def test_the_check_of_slow_partitions_raises_while_aiokafka_looks_a_position_up(tmp_path: Path) -> None:
    """When this test fails, `Consumer._commit_livelock_detector` can go."""

    async def work() -> None:
        its_consumer = consumer(app(tmp_path))
        subscriptions = SubscriptionState()
        subscriptions.assign_from_user([TopicPartition(*A)])
        state = subscriptions.subscription.assignment.state_value(TopicPartition(*A))
        state.timestamp = 1
        fetcher = type("Fetcher", (), {"_subscriptions": subscriptions})
        its_consumer._thread._consumer = type("AIOKafkaConsumer", (), {"_fetcher": fetcher})
        its_consumer._thread.time_started = 0
        with pytest.raises(AssertionError):
            its_consumer.verify_event_path(1, A)

    run(work())


def test_a_worker_without_transactions_reads_uncommitted_records(tmp_path: Path) -> None:
    """When this test fails, `ConsumerClient._create_worker_consumer` can go: Faust has a setting for it."""

    async def work() -> None:
        its_app = app(tmp_path)
        client = consumer(its_app)._thread._create_worker_consumer(transport(its_app))
        assert client._isolation_level == "read_uncommitted"
        assert not [name for name in dir(its_app.conf) if "isolation" in name]
        client._closed = True  # it was never started

    run(work())


def test_a_producer_without_transactions_is_not_idempotent(tmp_path: Path) -> None:
    """When this test fails, `faust_adapter.app.Producer._settings_extra` can go: Faust has a setting for it."""

    async def work() -> None:
        its_app = app(tmp_path)
        producer = driver.Producer(transport(its_app))
        assert "enable_idempotence" not in {**producer._settings_default(), **producer._settings_extra()}
        assert not [name for name in dir(its_app.conf) if "idempoten" in name]

    run(work())


def test_a_recovery_that_waits_too_long_takes_that_for_its_own_end(tmp_path: Path) -> None:
    """When this test fails, `faust_adapter.app.Recovery` and `TableManager` can go.

    https://github.com/faust-streaming/faust/issues/523
    """

    async def work() -> None:
        its_app = app(tmp_path)
        recovery = Recovery(its_app, its_app.tables)
        with pytest.raises(ServiceStopped):
            await recovery._wait(asyncio.sleep(60), timeout=0.01)
        assert not recovery.should_stop

    run(work())


def test_the_consumer_runs_in_a_thread_that_wakes_up_every_second(tmp_path: Path) -> None:
    """When this test fails, look whether `ConsumerClient` still has to keep the consumer out of a thread."""
    thread = consumer(app(tmp_path))._thread
    assert isinstance(thread, ServiceThread)
    assert "_thread_keepalive" in {task.fun.__name__ for task in thread._get_tasks()}


def test_the_table_manager_waits_a_second_before_it_starts(tmp_path: Path) -> None:
    """When this test fails, `TableManager.on_start` can go."""

    async def work() -> None:
        tables = TableManager(app(tmp_path))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await tables.on_start()

    run(work())


def test_the_end_of_a_rebalance_clears_the_events_that_came_after_the_seek(tmp_path: Path) -> None:
    """When this test and the next two fail, the agent may read its stream, and `faust_adapter/intake.py` can go."""

    async def work() -> None:
        own = app(tmp_path)
        own.flow_control.resume()  # the first rebalance
        queue = own.FlowControlQueue(10, clear_on_resume=True)
        await queue.put("a record that came between the seek and the end of the second rebalance")
        own.flow_control.resume()
        assert queue.empty()

    run(work())


def test_a_stream_drops_an_event_of_another_generation(tmp_path: Path) -> None:
    """See the test before."""

    async def work() -> None:
        scene = Scene(tmp_path)
        scene.app._consumer = scene.consumer
        scene.app.flow_control.resume()
        await scene.fetch([0])
        message = scene.messages[0]
        channel = scene.app.topic(TOPIC, key_type=bytes, value_type=bytes)
        stream: Any = scene.app.stream(channel)
        await stream.channel.queue.put(faust.Event(scene.app, None, b"v", None, message))
        scene.app.consumer_generation_id = message.generation_id + 1
        reading = asyncio.ensure_future(anext(aiter(stream)))
        await asyncio.wait([reading], timeout=0.2)
        assert not reading.done()
        assert stream.channel.queue.empty()
        reading.cancel()

    run(work())


def test_four_tasks_are_made_for_each_record(tmp_path: Path) -> None:
    """See the tests before."""

    async def work() -> None:
        made = 0

        def count(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
            nonlocal made
            made += 1
            return asyncio.Task(coro, loop=loop, **options)

        scene = Scene(tmp_path)
        asyncio.get_running_loop().set_task_factory(count)
        await scene.fetch(range(100))
        assert len(scene.messages) == 100
        assert made >= 400

    run(work())
