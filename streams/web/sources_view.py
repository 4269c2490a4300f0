"""The articles of each source, and which sources are silent, read when somebody asks."""

from __future__ import annotations

import asyncio
import time

from msgspec import Struct

from streams.client.source_status import SourceStatus, SourceStatusReader
from streams.records import rfc3339
from streams.settings import Settings


class Sources(Struct, frozen=True):
    """The articles of each source and language.

    Attributes:
        time: at which they were read.
        since: the time from which on all articles were read. Where that is less than a day, some numbers are null.
        sources: those with the most articles first. The sources without a name count as `other`, which comes last.
    """

    time: str | None
    since: str | None
    sources: list[SourceStatus]


class SourcesView:
    """Reads the sources. It is not for two readings at once."""

    def __init__(self, settings: Settings) -> None:
        self._reader = SourceStatusReader(settings)

    async def read(self) -> Sources:
        """The sources. Raises TelexError when the cluster does not answer or lacks the topic."""
        sources = await asyncio.to_thread(self._reader.read)
        since = rfc3339.of_seconds(self._reader.since) if self._reader.since else None
        return Sources(rfc3339.of_seconds(time.time()), since, sources)

    def close(self) -> None:
        """Let a reading end soon: the first one of a day takes up to 20 s of a processor."""
        self._reader.stop()
