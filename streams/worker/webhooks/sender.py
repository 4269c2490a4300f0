"""What the webhooks worker has in place of analysis processes: the watches, the positions, and the connections."""

from __future__ import annotations

import asyncio

from streams.errors import TelexError
from streams.kafka.table import Table
from streams.records.watches import decode_all
from streams.settings import Settings
from streams.stages import WATCHES
from streams.worker.delivery import Delivery
from streams.worker.engine import Engine
from streams.worker.metrics import StageMetrics
from streams.worker.webhooks.lane_services import LaneServices
from streams.worker.webhooks.positions import Positions
from streams.worker.webhooks.post import Poster
from streams.worker.webhooks.signing import Secrets
from streams.worker.webhooks.stored_matches import StoredMatches
from streams.worker.webhooks.webhook_metrics import WebhookMetrics
from streams.worker.webhooks.webhook_runtime import WebhookRuntime


class Webhooks:
    """The parts of the webhooks worker.

    Args:
        settings: of the worker.
        metrics: of the worker.

    Raises:
        TelexError: there is no secret.
    """

    def __init__(self, settings: Settings, metrics: StageMetrics) -> None:
        self._settings = settings
        self._poster = Poster(settings, Secrets(settings))
        self._watches, self._positions = Table(settings, WATCHES), Positions(settings)
        self._stored, self._metrics = StoredMatches(settings), WebhookMetrics(metrics)
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read the watches and the positions. Raises TelexError when that is impossible."""
        await self._watches.start()
        await self._positions.start()

    def runtime(self, engine: Engine, delivery: Delivery) -> WebhookRuntime:
        """The runtime, which follows the watches from now on."""
        self._positions.send = engine.send
        services = LaneServices(
            self._poster,
            self._positions,
            self._stored,
            delivery,
            self._metrics,
            self._settings.webhook_give_up_s,
            decode_all(self._watches.contents),
        )
        runtime = WebhookRuntime(
            services,
            self._positions,
            delivery,
            self._metrics,
            lambda: set() if engine.rebalancing else {tp.partition for tp in engine.assignment()},
        )
        self._following = asyncio.create_task(self._follow(services, runtime))
        return runtime

    async def stop(self) -> None:
        """Close all connections."""
        if self._following:
            self._following.cancel()
        for part in (self._watches, self._positions, self._stored):
            await part.stop()
        await self._poster.close()

    async def _follow(self, services: LaneServices, runtime: WebhookRuntime) -> None:
        before = self._watches.contents
        try:
            while True:
                contents = await self._watches.changed()
                # A record with the same bytes is another object.
                written = [key for key in {**before, **contents} if contents.get(key) is not before.get(key)]
                services.change(decode_all(contents), [key.decode(errors="replace") for key in written])
                before = contents
        except Exception as error:
            runtime.failure = TelexError(f"The webhooks worker cannot follow the watches: {error!r}.")
