"""The pool of analysis processes: batches in, outcomes out, and whatever an article does to a process stays its own matter.

Why not concurrent.futures or multiprocessing.Pool: there a process that dies breaks the pool for everyone, and one that
hangs cannot be ended. Here each process is alone with its batch. Nothing is pickled: records cross as bytes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import Literal

from streams.errors import Reason, TelexError
from streams.records.outcomes import LENGTH_BYTES, Dead, Outcome, Ready, decode_reply, encode_values
from streams.system import exit_codes

logger = logging.getLogger(__name__)

# Seconds that an analysis process may take to load its models.
LOAD_LIMIT_S = 120.0
# Records of more bytes than this go to a process in parts, so that a batch of large articles is shared out too.
CHUNK_BYTES = 256 * 1024
# An article is given up when it failed this often alone: one death may be somebody else's doing (an operator's kill -9,
# a machine short of memory), two are the article's.
ATTEMPTS_ALONE = 2
# spaCy's arithmetic is fastest on one thread a process: 1.5 to 1.8 times in all with NumpyOps.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

# Only what is installed can be imported and plugged in, as for `telex` itself, and not what lies in the folder in which it was started.
INSTALLED = ("-P",)

Cause = Literal["crashed", "timed_out"]


class _Lost(Exception):
    """The process gave no answer: it died, or it took too long and was killed."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class _Child:
    """One analysis process and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, stage: str) -> _Child:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *INSTALLED, "-m", "streams.worker.analysis_process", stage, str(os.getpid())),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **ONE_THREAD},
        )
        child = cls(process)
        try:
            await child._loaded()
        except _Lost as lost:
            raise TelexError(
                f"An analysis process of the {stage} stage did not start ({lost}): its output stands above."
            ) from None
        return child

    async def analyse(self, values: Sequence[bytes | None], limit_s: float) -> list[Outcome]:
        assert self._process.stdin
        content = encode_values(values)
        try:
            self._process.stdin.write(len(content).to_bytes(LENGTH_BYTES) + content)
            # Not drained: the answer tells when the process has read it all, and a broken pipe shows in the answer.
            await self._loaded()
            reply = decode_reply(await self._read(limit_s))
        except ConnectionError as error:
            raise _Lost("crashed", str(error)) from None
        assert isinstance(reply, list)
        return list(reply)

    async def _loaded(self) -> None:
        """Wait until the models are loaded. Raises TelexError when one cannot be had."""
        reply = decode_reply(await self._read(LOAD_LIMIT_S))
        assert isinstance(reply, Ready)
        if reply.error:
            await self.stop()
            raise TelexError(reply.error)

    async def _read(self, limit_s: float) -> bytes:
        stream = self._process.stdout
        assert stream
        try:
            async with asyncio.timeout(limit_s):
                length = int.from_bytes(await stream.readexactly(LENGTH_BYTES))
                return await stream.readexactly(length)
        except TimeoutError:
            await self.stop()
            raise _Lost("timed_out", f"no answer after {limit_s:g} s") from None
        except asyncio.IncompleteReadError:
            code = await self._process.wait()
            raise _Lost("crashed", f"the process ended with {exit_codes.describe(code)}") from None

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


class Pool:
    """A fixed number of analysis processes of one stage.

    Args:
        stage: the stage's name.
        processes: how many.
        timeout_s: seconds after which an article of up to 1 MiB is given up; larger ones get as much for every MiB.
        on_restart: is told the cause whenever a process is replaced.
    """

    def __init__(self, stage: str, processes: int, timeout_s: float, on_restart: Callable[[Cause], None]) -> None:
        self._stage, self._size, self._timeout_s, self._on_restart = stage, processes, timeout_s, on_restart
        self._idle: asyncio.Queue[_Child] = asyncio.Queue()
        self._children: set[_Child] = set()

    async def start(self) -> None:
        """Start all processes and wait until their models are loaded. Raises TelexError that says why they are not."""
        await asyncio.gather(*(self._add() for _ in range(self._size)))

    async def stop(self) -> None:
        """End all processes."""
        await asyncio.gather(*(child.stop() for child in self._children))
        self._children.clear()

    async def analyse(self, values: Sequence[bytes | None]) -> list[Outcome]:
        """The outcome of each record, in their order. Raises TelexError when a process cannot be replaced."""
        parts = await asyncio.gather(*(self._together(part) for part in _chunks(values)))
        return [outcome for part in parts for outcome in part]

    async def _together(self, values: Sequence[bytes | None]) -> list[Outcome]:
        if len(values) == 1:
            return [await self._alone(values[0])]
        try:
            return await self._attempt(values)
        except _Lost as lost:
            logger.warning("A batch of %d articles was lost (%s): they are tried one by one.", len(values), lost)
        return [await self._alone(value, 1) for value in values]

    async def _alone(self, value: bytes | None, attempts: int = 0) -> Outcome:
        for attempt in range(1, ATTEMPTS_ALONE + 1):
            try:
                return (await self._attempt([value]))[0]
            except _Lost as lost:
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
        child = await self._idle.get()
        try:
            outcomes = await child.analyse(values, self._timeout_s * (1 + sum(map(_size, values)) // 2**20))
        except _Lost as lost:
            self._children.discard(child)
            self._on_restart(lost.cause)
            await self._add()
            raise
        self._idle.put_nowait(child)
        return outcomes

    async def _add(self) -> None:
        child = await _Child.start(self._stage)
        self._children.add(child)
        self._idle.put_nowait(child)


def _size(value: bytes | None) -> int:
    return len(value or b"")


def _chunks(values: Sequence[bytes | None]) -> list[Sequence[bytes | None]]:
    """The values in runs of at most CHUNK_BYTES, a larger value alone."""
    begin, size = 0, 0
    chunks = []
    for index, value in enumerate(values):
        if size and size + _size(value) > CHUNK_BYTES:
            chunks.append(values[begin:index])
            begin, size = index, 0
        size += _size(value)
    return [*chunks, values[begin:]] if values else []
