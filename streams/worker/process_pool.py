"""The pool of analysis processes: it takes batches of records and returns outcomes.

An article that kills its process or makes it hang harms no other article. `concurrent.futures` and
`multiprocessing.Pool` cannot do that: there a dead process breaks the pool for all callers, and a process that hangs
cannot be ended. Here each process works on one batch at a time. Nothing is pickled, because records cross as bytes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import Literal

from streams.errors import Reason, TelexError
from streams.records.outcomes import Dead, Outcome
from streams.system import exit_codes
from streams.worker import frames

logger = logging.getLogger(__name__)

# Seconds that an analysis process may take to load its models.
LOAD_LIMIT_S = 120.0
# A batch with more bytes than this goes to several processes in parts.
CHUNK_BYTES = 256 * 1024
# An article is given up after this many failures alone. One death may have another cause (an operator's kill -9, a
# machine short of memory); the article is the cause of two.
ATTEMPTS_ALONE = 2
# spaCy's arithmetic is fastest with one thread in each process: 1.5 to 1.8 times as fast in all with NumpyOps.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

# Python's option -P: the process imports what is installed, as `telex` does, and nothing from its working directory.
INSTALLED = ("-P",)

Cause = Literal["crashed", "timed_out"]


class _ProcessLostError(Exception):
    """The process gave no answer: it died, or it took too long and was killed."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class _AnalysisProcess:
    """One analysis process and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, stage: str) -> _AnalysisProcess:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *INSTALLED, "-m", "streams.worker.analysis_process", stage, str(os.getpid())),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **ONE_THREAD},
        )
        started = cls(process)
        try:
            await started._wait_until_loaded()
        except _ProcessLostError as lost:
            raise TelexError(
                f"An analysis process of the {stage} stage did not start ({lost}): see its output above."
            ) from None
        return started

    async def analyse(self, values: Sequence[bytes | None], limit_s: float) -> list[Outcome]:
        assert self._process.stdin
        try:
            self._process.stdin.write(frames.of_values(values))
            # There is no `drain`: the reply comes after the process has read everything, and a broken pipe shows there.
            await self._wait_until_loaded()
            reply = await self._reply(limit_s)
        except ConnectionError as error:
            raise _ProcessLostError("crashed", str(error)) from None
        assert isinstance(reply, list)
        return reply

    async def _wait_until_loaded(self) -> None:
        """Wait until the models are loaded. Raises TelexError when a model is missing."""
        reply = await self._reply(LOAD_LIMIT_S)
        assert isinstance(reply, frames.Ready)
        if reply.error:
            await self.stop()
            raise TelexError(reply.error)

    async def _reply(self, limit_s: float) -> frames.Ready | list[Outcome]:
        stream = self._process.stdout
        assert stream
        try:
            async with asyncio.timeout(limit_s):
                return await frames.read_reply(stream)
        except TimeoutError:
            await self.stop()
            raise _ProcessLostError("timed_out", f"no answer after {limit_s:g} s") from None
        except asyncio.IncompleteReadError:
            code = await self._process.wait()
            raise _ProcessLostError("crashed", f"the process ended with {exit_codes.describe(code)}") from None

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


class Pool:
    """A fixed number of analysis processes of one stage.

    Args:
        stage: the name of the stage.
        processes: the number of processes.
        timeout_s: seconds after which an article of up to 1 MiB is given up. A larger article gets as much for each
        MiB.
        on_restart: receives the cause when a process is replaced.
    """

    def __init__(self, stage: str, processes: int, timeout_s: float, on_restart: Callable[[Cause], None]) -> None:
        self._stage, self._size, self._timeout_s, self._on_restart = stage, processes, timeout_s, on_restart
        self._idle: asyncio.Queue[_AnalysisProcess] = asyncio.Queue()
        self._processes: set[_AnalysisProcess] = set()

    async def start(self) -> None:
        """Start all processes and wait until their models are loaded. Raises TelexError when one cannot load them."""
        await asyncio.gather(*(self._add() for _ in range(self._size)))

    async def stop(self) -> None:
        """End all processes."""
        await asyncio.gather(*(process.stop() for process in self._processes))
        self._processes.clear()

    async def analyse(self, values: Sequence[bytes | None]) -> list[Outcome]:
        """The outcome of each record, in their order. Raises TelexError when a process cannot be replaced."""
        parts = await asyncio.gather(*(self._together(part) for part in _chunks(values)))
        return [outcome for part in parts for outcome in part]

    async def _together(self, values: Sequence[bytes | None]) -> list[Outcome]:
        if len(values) == 1:
            return [await self._alone(values[0])]
        try:
            return await self._attempt(values)
        except _ProcessLostError as lost:
            logger.warning("A batch of %d articles was lost (%s): they are tried one by one.", len(values), lost)
        return [await self._alone(value, 1) for value in values]

    async def _alone(self, value: bytes | None, attempts: int = 0) -> Outcome:
        for attempt in range(1, ATTEMPTS_ALONE + 1):
            try:
                return (await self._attempt([value]))[0]
            except _ProcessLostError as lost:
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
        try:
            outcomes = await process.analyse(values, self._timeout_s * (1 + sum(map(_size, values)) // 2**20))
        except _ProcessLostError as lost:
            self._processes.discard(process)
            self._on_restart(lost.cause)
            await self._add()
            raise
        self._idle.put_nowait(process)
        return outcomes

    async def _add(self) -> None:
        process = await _AnalysisProcess.start(self._stage)
        self._processes.add(process)
        self._idle.put_nowait(process)


def _size(value: bytes | None) -> int:
    return len(value or b"")


def _chunks(values: Sequence[bytes | None]) -> list[Sequence[bytes | None]]:
    """The values in runs of at most CHUNK_BYTES. A larger value stands alone."""
    begin, size = 0, 0
    chunks = []
    for index, value in enumerate(values):
        if size and size + _size(value) > CHUNK_BYTES:
            chunks.append(values[begin:index])
            begin, size = index, 0
        size += _size(value)
    return [*chunks, values[begin:]] if values else []
