"""Delivers the outcomes of a batch: the outputs of each record, which the broker confirms, or one dead letter.

An article that fails becomes a dead letter, which is delivered like any output. So does an article whose output is too
large for the topic. Any other trouble is not an article's fault, and is raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from streams.dead_letters import dead_letter_output
from streams.dead_letters.dead_letter_output import FailedRecord
from streams.errors import TelexError
from streams.kafka.connections import DELIVERY_LIMIT_S
from streams.records import headers
from streams.records.outcomes import Dead, Derived, DerivedRecord, Done, Outcome
from streams.records.outputs import Output
from streams.stage import Stage
from streams.stages import DEAD, ENRICHED
from streams.worker import refusals


class Record(FailedRecord, Protocol):
    """A consumed record, which may fail."""

    timestamp_ms: int | None

    @property
    def awaited(self) -> bool:
        """Whether the record has to be processed here: it is not finished, and nobody fetches it again."""

    def ack(self) -> None:
        """Mark the record as finished, so that its offset may be committed."""


# Sends an output. The first await queues it, and the second returns when the broker has it.
Send = Callable[[Output], Awaitable[Awaitable[Any]]]
# The maximum size of a topic's records in bytes; None when the broker does not tell it.
Limit = Callable[[str], Awaitable[int | None]]


class Delivery:
    """Delivers the outcomes of one stage.

    Args:
        stage: the stage that made them.
        prefix: of the names of all topics.
        send: sends an output; the result is its delivery.
        limit: asks for the maximum size of a topic's records.
    """

    def __init__(self, stage: Stage, prefix: str, send: Send, limit: Limit) -> None:
        self._stage, self._prefix, self._send, self._limit = stage, prefix, send, limit
        self._source = f"urn:telex:{stage.name}"

    async def deliver(self, records: Sequence[Record], outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Deliver the outcomes of records, and wait until the broker has confirmed them.

        A dead letter replaces an output that the broker refuses because of its record. Returns the final outcomes.

        Raises:
            TelexError: an output could not be delivered, and its record is not the reason.
        """
        final = list(outcomes)
        outputs, owners = [], []
        for at, (record, outcome) in enumerate(zip(records, outcomes, strict=True)):
            of_record = self._outputs(record, outcome)
            outputs += of_record
            owners += [at] * len(of_record)
        # One dead letter replaces all outputs of a record that are refused. The others of the record stay.
        refused = {owners[number]: answer for number, answer in (await self._attempt(outputs)).items()}
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
            return dead_outcome, self._dead_letter(record, dead_outcome)
        return None

    def _shortened(self, record: Record, outcome: Dead) -> Output:
        return dead_letter_output.shortened(self._prefix + DEAD, self._stage.name, record, outcome)

    def _outputs(self, record: Record, outcome: Outcome) -> list[Output]:
        match outcome:
            case Dead():
                return [self._dead_letter(record, outcome)]
            case Done():
                return [self._enriched(record, outcome)]
            case Derived():
                return [self._derived(record, each) for each in outcome.records]

    def _dead_letter(self, record: Record, outcome: Dead) -> Output:
        return dead_letter_output.whole(self._prefix + DEAD, self._stage.name, record, outcome, record.timestamp_ms)

    def _enriched(self, record: Record, outcome: Done) -> Output:
        kind = "enriched" if self._stage.target == ENRICHED else self._stage.name
        event = headers.event(outcome.article_id, kind, self._source, record.headers, _seconds(record))
        return Output(
            self._prefix + self._stage.target, outcome.article_id.encode(), outcome.value, event, record.partition
        )

    def _derived(self, record: Record, derived: DerivedRecord) -> Output:
        event = headers.match_event(derived.id, self._source, record.headers, _seconds(record))
        return Output(self._prefix + self._stage.target, derived.key.encode(), derived.value, event, None)


def _seconds(record: Record) -> float | None:
    return None if record.timestamp_ms is None else record.timestamp_ms / 1000


def _not_taken(outputs: Sequence[Output], error: BaseException) -> TelexError:
    why = f"{type(error).__name__}: {error}"
    return TelexError(
        f"The broker did not take {_summary(outputs)} ({why}): check that the topic is there, that Telex may write it, and that its max.message.bytes is large enough."
    )


def _summary(outputs: Sequence[Output]) -> str:
    """The number of records, their topics, and the size of the largest."""
    topics = " and ".join(sorted({output.topic for output in outputs}))
    return f"{len(outputs)} records of up to {max(len(output.value or b'') for output in outputs)} bytes for {topics}"
