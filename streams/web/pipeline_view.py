"""The state of the pipeline, read when somebody asks."""

from __future__ import annotations

import asyncio
import time

from msgspec import Struct

from streams.client.pipeline_status import StageStatus, StatusReader
from streams.records import rfc3339
from streams.settings import Settings


class Pipeline(Struct, frozen=True):
    """The state of each stage, and the time at which it was read."""

    time: str | None
    stages: list[StageStatus]


class PipelineView:
    """Reads the state of the pipeline. It is not for two readings at once."""

    def __init__(self, settings: Settings) -> None:
        self._reader = StatusReader(settings)

    async def read(self) -> Pipeline:
        """The state. Raises TelexError when the cluster does not answer or lacks the topics."""
        stages = await asyncio.to_thread(self._reader.read)
        return Pipeline(rfc3339.of_seconds(time.time()), stages)
