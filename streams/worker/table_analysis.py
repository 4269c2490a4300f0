"""The analysis of a stage whose outputs depend on a table too, in the worker's own process.

It takes a fraction of a millisecond for an article and needs no models, so a process of its own would cost more than
the analysis. It runs in a thread, because the heartbeat of the worker must not wait for it.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

from streams.errors import Reason, RecordError, TelexError
from streams.kafka.table import Table
from streams.records.outcomes import Dead, Derived, Outcome
from streams.settings import Settings
from streams.stage import Stage

logger = logging.getLogger(__name__)

# Seconds between two changes of the index. Each makes it anew.
REBUILD_INTERVAL_S = 0.5


class Deriver(Protocol):
    """The functions of the module that a stage with a table names as its analyser. All are pure."""

    def index(self, table: Mapping[bytes, bytes]) -> Any:
        """The contents of the table in the form that `derive` needs. It never changes afterwards."""

    def derive(self, value: bytes | None, index: Any) -> Derived:
        """The records that an article gives. Raises RecordError where the value is no article."""

    # For a stage with a second pass.

    def has_second_pass(self, index: Any) -> bool:
        """Whether a second pass may give records now."""

    def derive_again(self, value: bytes | None, more: bytes | None, index: Any) -> Derived:
        """The records that an article gives with what a record of the second topic says. Raises RecordError."""


class TableAnalysis:
    """Analyses records with the contents of the stage's table, in place of a pool of processes.

    A batch is analysed with the contents of one moment.

    Args:
        settings: of the worker.
        stage: a stage with a table.

    Attributes:
        index: the contents of the table, in the form that the analyser needs.
    """

    def __init__(self, settings: Settings, stage: Stage) -> None:
        assert stage.table
        self._name = stage.name
        self._module = cast(Deriver, importlib.import_module(stage.analyser))
        self._table = Table(settings, stage.table)
        self._following: asyncio.Task[None] | None = None
        self.index: Any = None

    async def start(self) -> None:
        """Read the table. Raises TelexError when that is impossible."""
        await self._table.start()
        self.index = await asyncio.to_thread(self._module.index, self._table.contents)
        self._following = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Follow the table no more."""
        if self._following:
            self._following.cancel()
        await self._table.stop()

    async def analyse(self, values: Sequence[bytes | None]) -> list[Outcome]:
        """The outcome of each record. Raises TelexError when the table cannot be followed any more."""
        if self._following and self._following.done():
            raise TelexError(f"The {self._name} worker cannot follow its table: {self._following.exception()!r}.")
        return await asyncio.to_thread(self._outcomes, values, self.index)

    async def _follow(self) -> None:
        while True:
            contents = await self._table.changed()
            self.index = await asyncio.to_thread(self._module.index, contents)
            await asyncio.sleep(REBUILD_INTERVAL_S)

    def _outcomes(self, values: Sequence[bytes | None], index: Any) -> list[Outcome]:
        return [self._outcome(self._module.derive, value, index) for value in values]

    def has_second_pass(self, index: Any) -> bool:
        """Whether a second pass may give records with this index."""
        return self._module.has_second_pass(index)

    def analyse_again(self, value: bytes | None, more: bytes | None, index: Any) -> Outcome:
        """The outcome of an article with what a record of the second topic says."""
        return self._outcome(self._module.derive_again, value, more, index)

    def _outcome(self, derive: Callable[..., Derived], *arguments: Any) -> Outcome:
        try:
            return derive(*arguments)
        except RecordError as error:
            return Dead.of(error.reason, error)
        except Exception as error:
            return Dead.of(Reason.ANALYSIS_FAILED, error)
