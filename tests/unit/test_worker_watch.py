"""A worker's watch of itself, with an engine that joins no group."""

from __future__ import annotations

import asyncio
from typing import Any

from streams.settings import Settings
from streams.stages import STAGES
from streams.worker.metrics import StageMetrics
from streams.worker.worker_watch import LOOP_LIMIT_S, WorkerWatch


class Engine:
    joined = False
    crashed = None

    async def start(self, take: Any) -> None:
        await asyncio.Event().wait()


class Runtime:
    failure = None

    async def take(self, records: Any) -> None:
        pass


def test_a_worker_is_alive_after_models_that_took_long_to_load() -> None:
    async def work() -> None:
        watch = WorkerWatch(Settings(), STAGES["language"], StageMetrics("language"))
        watch._beat -= 2 * LOOP_LIMIT_S
        engine: Any = Engine()
        runtime: Any = Runtime()
        assert watch.live()[0], "no event loop is watched before the engine starts"
        running = asyncio.create_task(watch.run(engine, runtime))
        await asyncio.sleep(0)
        alive, why = watch.live()
        running.cancel()
        assert alive, why

    asyncio.run(work())
