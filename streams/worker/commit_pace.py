"""When a worker commits: at once after an acknowledgement, and less often under load.

Records that a worker has delivered and not committed come out again when it dies. A commit costs about as
much processor time as a record. So the first record after a pause is committed at once, and further ones are committed
together: after `PAUSE_S`, or earlier when `MAX_RECORDS` wait. A worker without records commits nothing and does not
wake up.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

# Seconds between two commits, unless many records wait.
PAUSE_S = 0.1
# Number of acknowledged records that are committed without a pause: as many as a full batch has by default.
MAX_RECORDS = 32


class CommitPace:
    """Tells when acknowledged records have to be committed."""

    def __init__(self) -> None:
        self._acknowledged = 0
        self._some, self._many = asyncio.Event(), asyncio.Event()
        self._pause_end = 0.0

    def acknowledged(self) -> None:
        """Count a record."""
        self._acknowledged += 1
        self._some.set()
        if self._acknowledged >= MAX_RECORDS:
            self._many.set()

    async def due(self) -> None:
        """Wait until a commit is due, which then covers all records that were counted."""
        await self._some.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._pause_end):
                await self._many.wait()
        self._acknowledged = 0
        self._some.clear()
        self._many.clear()
        self._pause_end = asyncio.get_running_loop().time() + PAUSE_S
