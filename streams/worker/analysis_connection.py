"""A worker's side of an analysis process: starts it, copies it, sends it batches, and ends it."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Literal

from streams.errors import TelexError
from streams.records.outcomes import Outcome
from streams.system import exit_codes
from streams.worker import frames

# Seconds that an analysis process may take to load models.
LOAD_LIMIT_S = 120.0
# Seconds that a process has to end after it closed its connection.
END_LIMIT_S = 2.0
# spaCy's arithmetic is fastest with one thread in each process: 1.5 to 1.8 times as fast in all with NumpyOps. And a
# process with several threads cannot be copied.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# Python's option -P: the process imports what is installed, as `telex` does, and nothing from its working directory.
INSTALLED = ("-P",)

Cause = Literal["crashed", "timed_out"]


class ProcessLostError(Exception):
    """The process gave no answer: it died, or it took too long and was killed."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class AnalysisConnection:
    """The connection to an analysis process.

    Args:
        connection: the socket.
        end: ends the process. It receives the seconds that the process has to end by itself, and returns its code.
        is_copy: whether the process is a copy of another one.

    Attributes:
        can_fork: whether the process can be copied.
    """

    def __init__(
        self, connection: socket.socket, end: Callable[[float], Awaitable[int]], *, is_copy: bool = False
    ) -> None:
        self._client, self._end, self._asking = frames.Client(connection), end, asyncio.Lock()
        self._loaded: set[str] = set()
        self._ended: str | None = None
        self.can_fork, self.is_copy = False, is_copy

    @classmethod
    async def start(cls, stage: str) -> AnalysisConnection:
        """Start a process and wait until it has loaded what all languages need.

        Raises:
            TelexError: a model is missing.
            ProcessLostError: the process died, or did not start in time.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, *INSTALLED, "-m", "streams.worker.analysis_process", stage, str(os.getpid())),
                stdin=theirs.fileno(),
                env={**os.environ, **ONE_THREAD},
            )

        async def end(patience_s: float) -> int:
            with suppress(TimeoutError):
                return await asyncio.wait_for(process.wait(), patience_s)
            with suppress(ProcessLookupError):
                process.kill()
            return await process.wait()

        started = cls(ours, end)
        # The first frame comes without a request.
        await started._ready(started._client.reply())
        return started

    async def fork(self) -> AnalysisConnection:
        """A copy of the process, with its models. Raises ProcessLostError when this process has gone."""
        ours, theirs = socket.socketpair()
        with theirs:
            forked = await self._answer(self._client.hand_over(frames.Fork(), theirs.fileno()), LOAD_LIMIT_S)
        assert isinstance(forked, frames.Forked)

        async def end(patience_s: float) -> int:
            ended = await self._answer(self._client.ask(frames.End(forked.pid, patience_s)), LOAD_LIMIT_S)
            assert isinstance(ended, frames.Ended)
            return ended.code

        return AnalysisConnection(ours, end, is_copy=True)

    async def load(self, languages: Collection[str]) -> None:
        """Load the models of these languages, where the process has not loaded them.

        Raises:
            TelexError: a model is missing.
            ProcessLostError: the process has gone.
        """
        if new := set(languages) - self._loaded:
            await self._ready(self._client.ask(frames.Load(sorted(new))))
            self._loaded |= new

    async def analyse(self, values: frames.Values, limit_s: float) -> frames.Missing | list[Outcome]:
        """The outcomes of a batch, or the languages whose models have to be loaded first.

        Raises ProcessLostError when the process dies, or gives no answer within `limit_s` seconds.
        """
        reply = await self._answer(self._client.ask(values), limit_s)
        assert isinstance(reply, list | frames.Missing)
        return reply

    @property
    def gone(self) -> bool:
        """Whether the process has ended."""
        return self._client.gone

    async def stop(self, patience_s: float = 0) -> str:
        """Close the connection and end the process. Returns how it ended, in words."""
        if self._ended is None:
            self._client.close()
            try:
                self._ended = exit_codes.describe(await self._end(patience_s))
            except ProcessLostError:
                self._ended = "its template"
        return self._ended

    async def _ready(self, answer: Awaitable[frames.Reply]) -> None:
        ready = await self._answer(answer, LOAD_LIMIT_S)
        assert isinstance(ready, frames.Ready)
        if ready.error:
            await self.stop()
            raise TelexError(ready.error)
        self.can_fork = ready.can_fork

    async def _answer(self, answer: Awaitable[frames.Reply], limit_s: float) -> frames.Reply:
        try:
            # Batches never meet here, but copies of one process end and start at any time.
            async with self._asking, asyncio.timeout(limit_s):
                return await answer
        except TimeoutError:
            await self.stop()
            raise ProcessLostError("timed_out", f"no answer after {limit_s:g} s") from None
        except OSError:
            how = await self.stop(END_LIMIT_S)
            raise ProcessLostError("crashed", f"the process ended with {how}") from None
