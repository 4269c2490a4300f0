"""Faust's app with Telex's consumer, an idempotent producer, and a recovery that waits for the broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import faust
from aiokafka.record._crecords import default_records
from faust.app import BootStrategy as FaustBootStrategy
from faust.tables import TableManager as FaustTableManager
from faust.tables.recovery import Recovery as FaustRecovery
from faust.transport.drivers import aiokafka as driver

from streams.kafka import snappy
from streams.worker import refusals
from streams.worker.faust_adapter import coordinator, fetcher, lenient_fetcher
from streams.worker.faust_adapter.consumer import Consumer as StageConsumer
from streams.worker.faust_adapter.producer_client import ProducerClient
from streams.worker.partition_watch import PartitionWatch
from streams.worker.runtime import Runtime


def install() -> None:
    """Replace aiokafka's snappy decoder, batch reader, fetcher, group coordinator and handling of refused records."""
    default_records.snappy_decode = snappy.decode
    lenient_fetcher.install()
    fetcher.install()
    coordinator.install()
    refusals.install()


class Producer(driver.Producer):
    """Faust's producer with idempotence. Faust turns it on only for its own transactions.

    Without idempotence, a retry may change the order of records and repeat them.
    """

    _producer_type = ProducerClient

    def _settings_extra(self) -> dict[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(driver.Transport):
    """Faust's transport with the consumer and the producer of this package."""

    Consumer = StageConsumer
    Producer = Producer


class Recovery(FaustRecovery):
    """Faust's recovery without its time limit.

    After a rebalance, Faust 0.15.3 waits here for the offsets to begin at. Without a broker its time limit runs out.
    Faust takes that for its own end, because mode's `wait_first` calls both "stopped", and the worker never reads
    another record (https://github.com/faust-streaming/faust/issues/523). Without a limit the worker reads on when the
    broker is back.
    """

    async def _wait(self, coro: Any, timeout: Any = None) -> None:  # noqa: ASYNC109 (as Faust calls it)
        await super()._wait(coro)


class TableManager(FaustTableManager):
    """Faust's table manager with the recovery of this module.

    Telex has no tables, but Faust recovers after each rebalance. Faust 0.15.3 waits a second for tables when it starts
    (`on_start` in its tables/manager.py), before it subscribes to a topic.
    """

    async def on_start(self) -> None:
        """Start the recovery, without a wait."""
        await self._update_channels()
        await self.recovery.start()

    @property
    def recovery(self) -> FaustRecovery:
        """The recovery, made at the first access."""
        self._recovery = self._recovery or Recovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery


class BootStrategy(FaustBootStrategy):
    """Starts Faust's services without its monitor.

    The monitor of Faust 0.15.3 wakes up every second and counts each record. Telex has metrics of its own.
    """

    enable_sensors = False


class App(faust.App):
    """Faust's app, with three things that its consumer needs.

    Attributes:
        runtime: takes and finishes the batches.
        partition_watch: the partitions that may be read.
        on_lost: receives a partition and how many of its offsets Kafka deleted before the worker read them.
    """

    BootStrategy = BootStrategy
    runtime: Runtime
    partition_watch: PartitionWatch
    on_lost: Callable[[int, int], None]

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> Transport:
        return Transport(self.conf.broker_producer, self)
