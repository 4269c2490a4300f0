"""The seek after a rebalance: to what is committed, and to the beginning only of partitions without a commit."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.subscription_state import SubscriptionState
from faust.types import TP

from streams.worker.faust_adapter.app import App, Transport
from streams.worker.faust_adapter.consumer import Consumer

TOPIC = "articles.raw"
A, B = TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1)


class Watch:
    """The part of `PartitionWatch` that a seek uses."""

    recreations = 0

    async def find_held(self, consumer: Any) -> None:
        """Nothing has changed."""


class Scene:
    """A consumer of Telex with an aiokafka consumer that knows committed offsets, and no broker.

    Attributes:
        begun: the partitions that were sought to their beginning.
        during: called when the first committed offset is asked for.
    """

    def __init__(self, folder: Path, committed: dict[TopicPartition, int | None]) -> None:
        app = App("telex.test", broker="kafka://127.0.0.1:1", datadir=str(folder), web_enabled=False)
        app.finalize()
        app.partition_watch = Watch()  # type: ignore[assignment]
        self._committed = committed
        self.begun: list[TopicPartition] = []
        self.during: Any = lambda: None
        self.aiokafka = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1", group_id="desk")
        self.aiokafka._closed = True  # it is never started
        self.aiokafka.seek_to_committed = self._seek_to_committed
        self.aiokafka.seek_to_beginning = self._seek_to_beginning
        self.consumer = Consumer(Transport(app.conf.broker_consumer, app), self._nothing, self._nothing, self._nothing)
        client: Any = self.consumer._thread
        client._consumer = self.aiokafka
        client.assignment = lambda: {TP(*tp) for tp in self.aiokafka.assignment()}

    def assign(self, *tps: TopicPartition) -> None:
        subscriptions = SubscriptionState()
        subscriptions.assign_from_user(tps)
        for tp in tps:
            subscriptions.subscription.assignment.state_value(tp).reset_to(0)
        self.aiokafka._subscription = subscriptions

    def position(self, tp: TopicPartition) -> int:
        position: int = self.aiokafka._subscription.subscription.assignment.state_value(tp).position
        return position

    async def _seek_to_committed(self, tp: TopicPartition) -> dict[TopicPartition, int | None]:
        offset = self._committed[tp]
        if offset:
            self.aiokafka._subscription.seek(tp, offset)
        self.during()
        return {tp: offset}

    async def _seek_to_beginning(self, *tps: TopicPartition) -> None:
        self.begun += tps

    async def _nothing(self, *_: Any, **__: Any) -> None:
        pass


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_a_partition_with_a_commit_is_read_from_there_and_one_without_from_its_beginning(tmp_path: Path) -> None:
    async def work() -> None:
        scene = Scene(tmp_path, {A: 5, B: None})
        scene.assign(A, B)
        await scene.consumer.perform_seek()
        assert scene.position(A) == 5
        assert scene.begun == [B]

    run(work())


def test_a_partition_that_is_assigned_during_a_seek_is_not_read_from_its_beginning(tmp_path: Path) -> None:
    """Another seek follows the rebalance, and may have gone to the committed offset already."""

    async def work() -> None:
        scene = Scene(tmp_path, {A: 5, B: 7})
        scene.assign(A)
        scene.during = lambda: scene.assign(A, B)
        await scene.consumer.perform_seek()
        assert scene.begun == []

    run(work())


def test_a_partition_without_a_commit_is_left_to_the_seek_of_the_rebalance_that_came_meanwhile(tmp_path: Path) -> None:
    async def work() -> None:
        scene = Scene(tmp_path, {A: None})
        scene.assign(A)
        scene.during = lambda: scene.assign(A)
        await scene.consumer.perform_seek()
        assert scene.begun == []

    run(work())
