"""The addresses in a text, which are not names: handles, web addresses, mail addresses."""

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
    """The start and end of each address in a text, in ascending order."""
    if "@" not in text and "://" not in text and "www." not in text.lower():
        return []
    return [match.span() for match in _ADDRESS.finditer(text)]


def outside_addresses(start: int, end: int, addresses: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The longest part of a span that is in no address; empty if all of it is.

    Args:
        start, end: the span, in code points.
        addresses: the addresses of the text, in ascending order.
    """
    first = bisect_right(addresses, start, key=lambda address: address[1])
    last = bisect_left(addresses, end, key=lambda address: address[0])
    parts, part_start = [], start
    for address_start, address_end in addresses[first:last]:
        parts.append((part_start, max(part_start, address_start)))
        part_start = address_end
    parts.append((min(part_start, end), end))
    return max(parts, key=lambda part: part[1] - part[0])
