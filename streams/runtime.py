"""The stage runtime: the rules by which nothing is lost, the same for every stage.

A batch is taken, analysed in the pool, and then, batch after batch in the order in which they were taken: its outputs are
sent, their delivery is awaited, and only then its records are acknowledged. An article that fails becomes a dead letter,
delivered like any output. Any other trouble is no article's fault: it is raised, nothing more is acknowledged, and the
worker stops. After a crash records come again; they have the same id and the same bytes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from streams import dead, headers
from streams.errors import TelexError
from streams.headers import Headers
from streams.metrics import StageMetrics
from streams.outcomes import Dead, Outcome
from streams.stages import DEAD, ENRICHED, Stage

# Seconds within which the broker has to confirm a batch's outputs; then the worker stops and its supervisor decides.
DELIVERY_LIMIT_S = 30.0


class Record(Protocol):
    """A record as it was consumed."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    topic: str
    partition: int
    offset: int
    timestamp_ms: int | None

    def ack(self) -> None:
        """The record is finished: its offset may be committed."""


@dataclass(frozen=True)
class Output:
    """A record to produce. Without a timestamp it gets that of the moment."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int
    timestamp_ms: int | None = None


# Sends an output: the first await queues it, the second returns when the broker has it.
Send = Callable[[Output], Awaitable[Awaitable[Any]]]
Analyse = Callable[[Sequence[bytes | None]], Coroutine[Any, Any, list[Outcome]]]


class StageRuntime:
    """Takes batches of one stage and finishes them in order.

    Args:
        in_flight: how many batches may be unfinished before `take` waits.

    Attributes:
        finished: how many records were acknowledged so far.
    """

    def __init__(self, stage: Stage, prefix: str, analyse: Analyse, send: Send, metrics: StageMetrics, in_flight: int) -> None:
        self._stage, self._prefix, self._analyse, self._send, self._metrics = stage, prefix, analyse, send, metrics
        self._queue: asyncio.Queue[tuple[Sequence[Record], asyncio.Task[list[Outcome]], float]] = asyncio.Queue(in_flight)
        self._finisher: asyncio.Task[None] | None = None
        self._draining = False
        self._in_flight = 0
        self.finished = 0

    async def take(self, records: Sequence[Record]) -> None:
        """Begin with a batch; waits while too many are in flight. After `drain` or a failure it waits for ever."""
        if self._finisher is None:
            self._finisher = asyncio.create_task(self._finish())
        if self._draining or self._finisher.done():
            await asyncio.Event().wait()
        self._in_flight += 1
        work = asyncio.create_task(self._analyse([record.value for record in records]))
        await self._queue.put((records, work, time.monotonic()))

    @property
    def idle(self) -> bool:
        """Whether no batch is in flight."""
        return self._in_flight == 0

    @property
    def failure(self) -> BaseException | None:
        """What stopped the runtime; None while it runs."""
        return self._finisher.exception() if self._finisher and self._finisher.done() else None

    async def drain(self, limit_s: float) -> None:
        """Take nothing more and finish what is in flight, within `limit_s` seconds; the rest comes again."""
        self._draining = True
        if self._finisher and not self._finisher.done():
            await asyncio.wait(
                [asyncio.create_task(self._queue.join()), self._finisher], timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
            )

    async def _finish(self) -> None:
        while True:
            records, work, taken = await self._queue.get()
            outcomes = await work
            await self._deliver([self._output(record, outcome) for record, outcome in zip(records, outcomes, strict=True)])
            for record in records:
                record.ack()
            self._queue.task_done()
            self._in_flight -= 1
            self.finished += len(records)
            seconds, enriched = time.monotonic() - taken, self._stage.target == ENRICHED
            self._metrics.finished([record.headers for record in records], outcomes, seconds, enriched)

    async def _deliver(self, outputs: Sequence[Output]) -> None:
        try:
            async with asyncio.timeout(DELIVERY_LIMIT_S):
                deliveries = [await self._send(output) for output in outputs]
                await asyncio.gather(*deliveries)
        except TimeoutError:
            raise TelexError(
                f"The broker did not confirm {_said(outputs)} within {DELIVERY_LIMIT_S:g} s: is it up, is the topic there, and has it the replicas it needs?"
            ) from None
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise TelexError(
                f"The broker did not take {_said(outputs)} ({why}): is the topic there, may it be written, and is its max.message.bytes large enough?"
            ) from error

    def _output(self, record: Record, outcome: Outcome) -> Output:
        if isinstance(outcome, Dead):
            return Output(
                self._prefix + DEAD,
                record.key,
                record.value,
                [*record.headers, *dead.headers(self._stage.name, record, outcome)],
                record.partition,
                record.timestamp_ms,
            )
        kind = "enriched" if self._stage.target == ENRICHED else self._stage.name
        time = None if record.timestamp_ms is None else record.timestamp_ms / 1000
        event = headers.event(outcome.article_id, kind, f"urn:telex:{self._stage.name}", record.headers, time)
        return Output(self._prefix + self._stage.target, outcome.article_id.encode(), outcome.value, event, record.partition)


def _said(outputs: Sequence[Output]) -> str:
    """How many records, for which topics, and how large the largest is."""
    topics = " and ".join(sorted({output.topic for output in outputs}))
    return f"{len(outputs)} records of up to {max(len(output.value or b'') for output in outputs)} bytes for {topics}"
