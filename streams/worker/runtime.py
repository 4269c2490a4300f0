"""The stage runtime: the delivery rules by which nothing is lost, the same for every stage.

The runtime takes a batch and analyses it in the pool. Batches finish in the order in which they were taken: the runtime
sends the outputs of a batch, awaits their delivery, and only then acknowledges its records. An article that fails
becomes a dead letter, which is delivered like any output. So does an article whose output is too large for the topic.
Any other trouble is not an article's fault: the runtime raises it and acknowledges nothing more, and the worker stops.
After a crash, records that were not acknowledged are processed again. Their outputs are copies, with the same id and
the same bytes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol

from streams.dead_letters import error_headers
from streams.errors import TelexError
from streams.kafka.connections import DELIVERY_LIMIT_S
from streams.records import headers, originals
from streams.records.headers import Headers
from streams.records.originals import KEY_BYTES, Original, original_of
from streams.records.outcomes import Dead, Outcome
from streams.records.outputs import Output
from streams.stage import Stage
from streams.stages import DEAD, ENRICHED
from streams.worker import refusals
from streams.worker.metrics import StageMetrics


class Record(Protocol):
    """A consumed record."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    topic: str
    partition: int
    offset: int
    timestamp_ms: int | None
    original: Original | None

    def ack(self) -> None:
        """Mark the record as finished, so that its offset may be committed."""


# Sends an output. The first await queues it, and the second returns when the broker has it.
Send = Callable[[Output], Awaitable[Awaitable[Any]]]
# The maximum size of a topic's records in bytes; None when the broker does not tell it.
Limit = Callable[[str], Awaitable[int | None]]
Analyse = Callable[[Sequence[bytes | None]], Coroutine[Any, Any, list[Outcome]]]


class StageRuntime:
    """Takes batches of one stage and finishes them in order.

    Args:
        stage: the stage to run.
        prefix: of the names of all topics.
        analyse: analyses the values of a batch.
        send: sends an output; the result is its delivery.
        limit: asks for the maximum size of a topic's records.
        metrics: of the stage.
        in_flight: the capacity of the queue of unfinished batches. The batch that finishes is not in the queue.

    Attributes:
        finished: the number of acknowledged records.
    """

    def __init__(
        self,
        stage: Stage,
        prefix: str,
        analyse: Analyse,
        send: Send,
        limit: Limit,
        metrics: StageMetrics,
        in_flight: int,
    ) -> None:
        self._stage, self._prefix, self._analyse, self._send, self._metrics = stage, prefix, analyse, send, metrics
        self._limit = limit
        self._queue: asyncio.Queue[tuple[Sequence[Record], asyncio.Task[list[Outcome]], float]] = asyncio.Queue(
            in_flight
        )
        self._finisher: asyncio.Task[None] | None = None
        self._draining = False
        self._in_flight = 0
        self.finished = 0

    async def take(self, records: Sequence[Record]) -> None:
        """Start the analysis of a batch and queue it.

        Waits for room in the queue, and forever after `drain` or a failure.
        """
        if self._finisher is None:
            self._finisher = asyncio.create_task(self._finish())
        if self._draining or self._finisher.done():
            await asyncio.Event().wait()
        self._in_flight += 1
        work = asyncio.create_task(self._outcomes(records))
        await self._queue.put((records, work, time.monotonic()))

    async def _outcomes(self, records: Sequence[Record]) -> list[Outcome]:
        # A record that the Kafka client could not read is not analysed: its outcome is a dead letter already.
        unreadable = [originals.dead_if_unreadable(record.original) for record in records]
        analysed = iter(
            await self._analyse([record.value for record, dead in zip(records, unreadable, strict=True) if not dead])
        )
        return [dead or next(analysed) for dead in unreadable]

    @property
    def idle(self) -> bool:
        """Whether no batch is in flight."""
        return self._in_flight == 0

    @property
    def failure(self) -> BaseException | None:
        """The exception that stopped the runtime; None while it runs."""
        return self._finisher.exception() if self._finisher and self._finisher.done() else None

    async def drain(self, limit_s: float) -> None:
        """Take no more batches and finish those in flight within `limit_s` seconds.

        Unfinished batches are not acknowledged, so they are consumed again after a restart.
        """
        self._draining = True
        if self._finisher and not self._finisher.done():
            await asyncio.wait(
                [asyncio.create_task(self._queue.join()), self._finisher],
                timeout=limit_s,
                return_when=asyncio.FIRST_COMPLETED,
            )

    async def _finish(self) -> None:
        while True:
            records, work, taken = await self._queue.get()
            outcomes = await work
            outputs = [self._output(record, outcome) for record, outcome in zip(records, outcomes, strict=True)]
            outcomes = await self._deliver(outputs, records, outcomes)
            for record in records:
                record.ack()
            self._queue.task_done()
            self._in_flight -= 1
            self.finished += len(records)
            seconds, enriched = time.monotonic() - taken, self._stage.target == ENRICHED
            self._metrics.finished([record.headers for record in records], outcomes, seconds, enriched=enriched)

    async def _deliver(
        self, outputs: Sequence[Output], records: Sequence[Record], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """Deliver the outputs. A dead letter replaces an output that the broker refuses because of its record.

        Returns the final outcomes.
        """
        final = list(outcomes)
        refused = await self._attempt(outputs)
        while refused:
            replaced = []
            for at, (output, error) in refused.items():
                replacement = await self._replacement(output, records[at], final[at], error)
                if not replacement:
                    raise _not_taken(outputs, error) from error
                final[at], output = replacement
                replaced.append((at, output))
            answers = await self._attempt([output for _, output in replaced])
            refused = {replaced[at][0]: answer for at, answer in answers.items()}
        return final

    async def _attempt(self, outputs: Sequence[Output]) -> dict[int, tuple[Output, Exception]]:
        """Deliver the outputs. Returns those that were refused because of their content, by their index.

        Raises:
            TelexError: an output could not be delivered for another reason.
        """
        try:
            async with asyncio.timeout(DELIVERY_LIMIT_S):
                deliveries = [await refusals.refusal_as_delivery(self._send(output)) for output in outputs]
                answers = await asyncio.gather(*deliveries, return_exceptions=True)
        except TimeoutError:
            raise TelexError(
                f"The broker did not confirm {_summary(outputs)} within {DELIVERY_LIMIT_S:g} s: check that it is up, and that the topic is there and has the replicas that it needs."
            ) from None
        except Exception as error:
            raise _not_taken(outputs, error) from error
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, refusals.REFUSALS):
                raise _not_taken(outputs, answer) from answer
        return {at: (outputs[at], answer) for at, answer in enumerate(answers) if isinstance(answer, Exception)}

    async def _replacement(
        self, output: Output, record: Record, outcome: Outcome, error: Exception
    ) -> tuple[Dead, Output] | None:
        """The dead letter that replaces a refused output, with its outcome; None when the topic is at fault.

        A shortened dead letter replaces a refused one. The topic is at fault when it refuses the shortened one too, and
        when it refuses an output for a reason other than the output's size.
        """
        if isinstance(outcome, Dead):
            return None if output.cut else (outcome, self._shortened(record, outcome))
        if await refusals.is_for_its_size(output, error, self._limit):
            dead_outcome = refusals.too_large(output, error)
            return dead_outcome, self._output(record, dead_outcome)
        return None

    def _shortened(self, record: Record, outcome: Dead) -> Output:
        """A dead letter with only the beginning of its record, and the topic, partition and offset of the original.

        Its timestamp is now.
        """
        original = record.original or original_of(record)
        error = error_headers.headers(self._stage.name, record, outcome, original)
        key = originals.head(record.key, KEY_BYTES)
        return Output(self._prefix + DEAD, key, originals.head(record.value), error, record.partition, cut=True)

    def _output(self, record: Record, outcome: Outcome) -> Output:
        if isinstance(outcome, Dead):
            if originals.is_cut(record.original):
                return self._shortened(record, outcome)
            return Output(
                self._prefix + DEAD,
                record.key,
                record.value,
                [*record.headers, *error_headers.headers(self._stage.name, record, outcome, record.original)],
                record.partition,
                record.timestamp_ms,
            )
        kind = "enriched" if self._stage.target == ENRICHED else self._stage.name
        time = None if record.timestamp_ms is None else record.timestamp_ms / 1000
        event = headers.event(outcome.article_id, kind, f"urn:telex:{self._stage.name}", record.headers, time)
        return Output(
            self._prefix + self._stage.target, outcome.article_id.encode(), outcome.value, event, record.partition
        )


def _not_taken(outputs: Sequence[Output], error: BaseException) -> TelexError:
    why = f"{type(error).__name__}: {error}"
    return TelexError(
        f"The broker did not take {_summary(outputs)} ({why}): check that the topic is there, that Telex may write it, and that its max.message.bytes is large enough."
    )


def _summary(outputs: Sequence[Output]) -> str:
    """The number of records, their topics, and the size of the largest."""
    topics = " and ".join(sorted({output.topic for output in outputs}))
    return f"{len(outputs)} records of up to {max(len(output.value or b'') for output in outputs)} bytes for {topics}"
