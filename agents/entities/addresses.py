"""What in a text is an address and no name: handles, web addresses, mail addresses."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

# Lengths are bounded, as a text may be one long run of any of these signs.
_ADDRESS = re.compile(
    r"(?:(?:https?|ftp)://|mailto:|www\.)[^\s<>\"]{1,2000}"
    r"|(?<![\w.@/])@\w(?:[\w.]{0,60}\w)?(?:@[\w-]{1,60}(?:\.[\w-]{1,60}){1,4})?"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{1,60}){1,4}",
    re.IGNORECASE,
)


def addresses(text: str) -> list[tuple[int, int]]:
    """Where the addresses in a text stand, in ascending order."""
    if "@" not in text and "://" not in text and "www." not in text.lower():
        return []
    return [match.span() for match in _ADDRESS.finditer(text)]


def outside(start: int, end: int, taken: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The longest part of a span that is in no address; empty when all of it is.

    Args:
        taken: the addresses, in ascending order.
    """
    first, last = (
        bisect_right(taken, start, key=lambda each: each[1]),
        bisect_left(taken, end, key=lambda each: each[0]),
    )
    parts, at = [], start
    for begin, stop in taken[first:last]:
        parts.append((at, max(at, begin)))
        at = stop
    parts.append((min(at, end), end))
    return max(parts, key=lambda part: part[1] - part[0])
