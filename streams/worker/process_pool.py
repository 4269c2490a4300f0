"""The pool of analysis processes: it takes batches of records and returns outcomes.

An article that kills its process or makes it hang harms no other article. `concurrent.futures` and
`multiprocessing.Pool` cannot do that: there a dead process breaks the pool for all callers, and a process that hangs
cannot be ended. Here each process works on one batch at a time. Nothing is pickled, because records cross as bytes.

One process, the template, only loads models. The others are copies of it, so they share the memory of the models, and a
new one is there at once. When a batch needs a model that is not loaded, the template loads it, and a new copy takes the
place of the process that needs it. Where the template cannot be copied (`streams.worker.analysis_process` says when),
it analyses itself, and each further process is started and loads its models like the first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from streams.errors import Reason, TelexError
from streams.records.outcomes import Dead, Outcome
from streams.worker import frames
from streams.worker.analysis_connection import AnalysisConnection, Cause, ProcessLostError
from streams.worker.needed_languages import NeededLanguages

logger = logging.getLogger(__name__)

# A part of a batch with more bytes than this goes to several processes.
CHUNK_BYTES = 256 * 1024
# An article is given up after this many failures alone. One death may have another cause (an operator's kill -9, a
# machine short of memory); the article is the cause of two.
ATTEMPTS_ALONE = 2
# A template that dies so often in a row, as soon as it has loaded its models, will not do better.
TEMPLATE_ATTEMPTS = 3


class Pool:
    """A fixed number of analysis processes of one stage.

    Args:
        stage: the name of the stage.
        processes: the number of processes.
        timeout_s: seconds after which an article of up to 1 MiB is given up. A larger article gets as much for each
        MiB.
        on_restart: receives the cause when a process is replaced.
        needed: keeps the languages that came until now for the next start.
    """

    def __init__(
        self,
        stage: str,
        processes: int,
        timeout_s: float,
        on_restart: Callable[[Cause], None],
        needed: NeededLanguages | None = None,
    ) -> None:
        self._stage, self._size, self._timeout_s, self._on_restart = stage, processes, timeout_s, on_restart
        self._idle: asyncio.Queue[AnalysisConnection] = asyncio.Queue()
        self._processes: set[AnalysisConnection] = set()
        self._template: AnalysisConnection | None = None
        self._needed = needed
        self._languages = needed.read() if needed else set()
        self._making = asyncio.Lock()

    async def start(self) -> None:
        """Start all processes and wait until their models are loaded. Raises TelexError when one cannot load them."""
        await asyncio.gather(*(self._add() for _ in range(self._size)))

    async def stop(self) -> None:
        """End all processes."""
        if self._template:
            await self._template.stop()  # its copies die with it
        await asyncio.gather(*(process.stop() for process in self._processes))
        self._processes.clear()

    async def analyse(self, values: Sequence[bytes | None]) -> list[Outcome]:
        """The outcome of each record, in their order. Raises TelexError when a process cannot be replaced.

        The processes that have nothing to do share the batch.
        """
        parts = await asyncio.gather(*(self._together(part) for part in _chunks(values, max(1, self._idle.qsize()))))
        return [outcome for part in parts for outcome in part]

    async def _together(self, values: Sequence[bytes | None]) -> list[Outcome]:
        if len(values) == 1:
            return [await self._alone(values[0])]
        try:
            return await self._attempt(values)
        except ProcessLostError as lost:
            logger.warning("A batch of %d articles was lost (%s): they are tried one by one.", len(values), lost)
        return [await self._alone(value, 1) for value in values]

    async def _alone(self, value: bytes | None, attempts: int = 0) -> Outcome:
        for attempt in range(1, ATTEMPTS_ALONE + 1):
            try:
                return (await self._attempt([value]))[0]
            except ProcessLostError as lost:
                logger.warning(
                    "An article was lost in the analysis (%s), attempt %d of %d alone.", lost, attempt, ATTEMPTS_ALONE
                )
                last = lost
        reason = Reason.ANALYSIS_TIMED_OUT if last.cause == "timed_out" else Reason.ANALYSIS_CRASHED
        return Dead(
            reason,
            f"The analysis of this article alone: {last}.",
            f"{__name__}.{type(last).__name__}",
            attempts + ATTEMPTS_ALONE,
        )

    async def _attempt(self, values: Sequence[bytes | None]) -> list[Outcome]:
        process = await self._idle.get()
        if process.gone:
            process = await self._replacement(process)
            self._on_restart("crashed")
        limit_s = self._timeout_s * (1 + sum(map(_size, values)) // 2**20)
        try:
            outcomes = await process.analyse(values, limit_s)
            if isinstance(outcomes, frames.Missing):
                process = await self._with_models(process, outcomes.languages)
                outcomes = await process.analyse(values, limit_s)
        except ProcessLostError as lost:
            self._on_restart(lost.cause)
            self._idle.put_nowait(await self._replacement(process))
            raise
        assert isinstance(outcomes, list)
        self._idle.put_nowait(process)
        return outcomes

    async def _with_models(self, process: AnalysisConnection, languages: Sequence[str]) -> AnalysisConnection:
        """A process with the models of these languages, in place of one that does not have them."""
        self._languages.update(languages)
        if self._needed:
            self._needed.write(self._languages)
        if process.is_copy:
            return await self._replacement(process)
        await process.load(languages)
        return process

    async def _replacement(self, process: AnalysisConnection) -> AnalysisConnection:
        self._processes.discard(process)
        await process.stop()
        return await self._new()

    async def _add(self) -> None:
        self._idle.put_nowait(await self._new())

    async def _new(self) -> AnalysisConnection:
        """A new process, with the models of all languages that came until now."""
        async with self._making:
            for _ in range(TEMPLATE_ATTEMPTS):
                try:
                    process = await self._copy_of_template()
                except ProcessLostError as lost:
                    logger.warning("The template of the analysis processes was lost (%s): it starts again.", lost)
                else:
                    self._processes.add(process)
                    return process
        raise TelexError(
            f"The template of the {self._stage} stage's analysis processes died {TEMPLATE_ATTEMPTS} times in a row: see its output above."
        )

    async def _copy_of_template(self) -> AnalysisConnection:
        """A copy of the template, or the template itself where it cannot be copied."""
        template, self._template = self._template, None
        if template is None or template.gone:
            template = await AnalysisConnection.start(self._stage)
        await template.load(self._languages)
        if not template.can_fork:
            return template
        process = await template.fork()
        self._template = template
        return process


def _size(value: bytes | None) -> int:
    return len(value or b"")


def _chunks(values: Sequence[bytes | None], processes: int) -> list[Sequence[bytes | None]]:
    """The values in as many runs as there are processes, and in more where one would have more than CHUNK_BYTES.

    A larger value stands alone.
    """
    begin, size, most = 0, 0, -(-len(values) // processes)
    chunks = []
    for index, value in enumerate(values):
        if index > begin and (index - begin == most or size + _size(value) > CHUNK_BYTES):
            chunks.append(values[begin:index])
            begin, size = index, 0
        size += _size(value)
    return [*chunks, values[begin:]] if values else []
