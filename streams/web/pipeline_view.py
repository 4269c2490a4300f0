"""The state of the pipeline for all who look: read when somebody asks, and then valid for some seconds."""

from __future__ import annotations

import asyncio
import time

from msgspec import Struct

from streams.client.pipeline_status import StageStatus, StatusReader
from streams.records import rfc3339
from streams.settings import Settings

# Seconds for which a reading is valid. A reading takes some 0.1 s of a processor.
MAX_AGE_S = 5.0


class Pipeline(Struct, frozen=True):
    """The state of each stage, and the time at which it was read."""

    time: str | None
    stages: list[StageStatus]


class PipelineView:
    """Reads the state of the pipeline, for all askers together."""

    def __init__(self, settings: Settings) -> None:
        self._reader = StatusReader(settings)
        self._lock = asyncio.Lock()
        self._read_at = 0.0
        self._stages: list[StageStatus] = []
        self._time: str | None = None

    async def read(self) -> Pipeline:
        """The state, at most MAX_AGE_S old. Raises TelexError when the cluster does not answer or lacks the topics."""
        async with self._lock:
            if time.monotonic() - self._read_at > MAX_AGE_S or not self._stages:
                self._stages = await asyncio.to_thread(self._reader.read)
                self._read_at, self._time = time.monotonic(), rfc3339.of_seconds(time.time())
            return Pipeline(self._time, self._stages)
