"""The JSON that all readers read alike: I-JSON, as far as numbers, names and characters go.

JSON itself allows more, and then two parsers read two different articles, or one of them stops. Telex refuses such a record
with the reason, so that each record which it accepts can be read by everyone behind it.

Source: RFC 7493, sections 2.1 to 2.3, https://www.rfc-editor.org/rfc/rfc7493
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

# At most so many characters of a name or number are quoted in a message.
_QUOTED = 40
# An escape within a string: a pair of surrogates, one alone, or any other.
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|(u[dD][89a-fA-F]\w\w)|.)", re.DOTALL)


class _Fault(Exception):
    """What a reader may take otherwise than another."""


def ambiguity(text: str) -> str | None:
    """What two readers of a JSON text may read differently, as a sentence that says what to do; None where there is nothing.

    Args:
        text: JSON of a nesting that the stack holds. What is no JSON at all is for its parser to say.
    """
    try:
        _decoder.decode(text)
    except _Fault as fault:
        return str(fault)
    except ValueError:
        return None
    return None


def half_character(value: bytes) -> str | None:
    """Where a JSON value escapes one half of a character only, as a sentence that says what to do; None where it does not."""
    lone = next((escape for escape in _ESCAPE.finditer(value) if escape[1]), None)
    if not lone:
        return None
    return (
        f"At byte {lone.start()} stands {lone[0].decode()}, half of a character (a lone surrogate), as when an emoji is cut in two: "
        "cut texts between characters."
    )


def _object(pairs: list[tuple[str, Any]]) -> None:
    names = {name for name, _ in pairs}
    if len(names) == len(pairs):
        return
    for name, _ in pairs:
        if name not in names:
            raise _Fault(
                f"An object has the name {_quoted(name)} twice, and readers differ in which one counts: give each name once."
            )
        names.remove(name)


def _number(literal: str) -> None:
    if not math.isfinite(float(literal)):
        raise _Fault(
            f"The number {_quoted(literal)} is larger than a double holds, which is what most readers have: send it as a string."
        )


def _constant(literal: str) -> None:
    raise ValueError(literal)


def _quoted(literal: str) -> str:
    return repr(literal if len(literal) <= _QUOTED else literal[:_QUOTED] + "…")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_constant)
