"""The query of a request: a filter, a number of results, and the position of a reader."""

from __future__ import annotations

from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request

from streams.errors import TelexError
from streams.records.filters import Matcher, of_query
from streams.web.position import Position

DEFAULT_LIMIT, MAX_LIMIT = 50, 500


class Query(NamedTuple):
    """The query of a request.

    Attributes:
        wanted: the filter; None where every article meets it.
        limit: the most results.
        position: where the reader stopped; None for a new one.
    """

    wanted: Matcher | None
    limit: int
    position: Position | None


def read(request: Request) -> Query:
    """Read a request. Raises HTTPException 400 that says what is wrong with it."""
    pairs = request.query_params.multi_items()
    own = {name: value for name, value in pairs if name in ("limit", "after")}
    # A browser that connects again sends the id of its last event, with the address that it had at first.
    after = request.headers.get("last-event-id") or own.get("after")
    try:
        wanted = of_query(pair for pair in pairs if pair[0] not in own)
        position = Position.parse(after) if after else None
        limit = _limit(own.get("limit"))
    except (TelexError, ValueError) as error:
        raise HTTPException(400, str(error)) from None
    return Query(None if wanted.is_empty else Matcher(wanted), limit, position)


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_LIMIT):
        raise ValueError(f"limit: give a whole number from 1 to {MAX_LIMIT}.")
    return int(text)
