"""The parts that the `telex dead` commands share: the row that describes a dead letter, and the option for a reason."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from streams.dead_letters import error_headers
from streams.dead_letters.reader import DeadLetter
from streams.errors import Reason

ReasonOption = Annotated[
    Reason | None,
    typer.Option(
        "--reason",
        help=f"Only dead letters with this reason: {', '.join(Reason)}.",
        metavar="REASON",
        show_default=False,
    ),
]


def row(dead_letter: DeadLetter) -> dict[str, Any]:
    """The columns of a dead letter, by name. The topic, partition and offset are those of the record that failed."""
    return {
        "id": dead_letter.id,
        "key": as_text(dead_letter.key),
        "stage": dead_letter.stage,
        "reason": dead_letter.reason,
        "message": dead_letter.error_values.get(error_headers.MESSAGE),
        "attempts": dead_letter.number(error_headers.ATTEMPTS),
        "topic": dead_letter.error_values.get(error_headers.TOPIC),
        "partition": dead_letter.number(error_headers.PARTITION),
        "offset": dead_letter.number(error_headers.OFFSET),
        "time": dead_letter.time,
    }


def as_text(value: bytes | None) -> str | None:
    """The bytes as text, with an escape for each byte that is not UTF-8."""
    return None if value is None else value.decode(errors="backslashreplace")
