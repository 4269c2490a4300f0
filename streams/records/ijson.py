"""The check for I-JSON, which all parsers read in the same way: its rules for numbers, names and characters.

JSON itself allows more. Then two parsers may read two different articles, or one of them may fail. Telex refuses such a
record with the reason, so that every later reader can read the records that it accepts.

Source: RFC 7493, sections 2.1 to 2.3, https://www.rfc-editor.org/rfc/rfc7493
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

# Most characters of a name or number that a message quotes.
_QUOTED_CHARACTERS = 40
# An escape within a string: a pair of surrogates, a lone surrogate, or any other escape.
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|(u[dD][89a-fA-F]\w\w)|.)", re.DOTALL)


class _AmbiguityError(Exception):
    """Two parsers may read the JSON differently."""


def ambiguity(text: str) -> str | None:
    """A sentence on a part of the JSON that two parsers may read differently, with a remedy; None for unambiguous JSON.

    Args:
        text: JSON whose nesting the stack can hold. For a text that is not JSON the result is None.
    """
    try:
        _decoder.decode(text)
    except _AmbiguityError as error:
        return str(error)
    except ValueError:
        return None
    return None


def half_character(value: bytes) -> str | None:
    """A sentence on an escape of half a character in a JSON value, with a remedy; None if there is no such escape."""
    lone = next((escape for escape in _ESCAPE.finditer(value) if escape[1]), None)
    if not lone:
        return None
    return (
        f"At byte {lone.start()} stands {lone[0].decode()}, half of a character (a lone surrogate), "
        "as when an emoji is cut in two: cut texts between characters."
    )


def _object(pairs: list[tuple[str, Any]]) -> None:
    names = {name for name, _ in pairs}
    if len(names) == len(pairs):
        return
    for name, _ in pairs:
        if name not in names:
            raise _AmbiguityError(
                f"An object has the name {_quoted(name)} twice, and readers differ in which one counts: "
                "give each name once."
            )
        names.remove(name)


def _number(literal: str) -> None:
    if not math.isfinite(float(literal)):
        raise _AmbiguityError(
            f"The number {_quoted(literal)} is larger than a double holds, which is what most readers have: "
            "send it as a string."
        )


def _constant(literal: str) -> None:
    raise ValueError(literal)


def _quoted(literal: str) -> str:
    return repr(literal if len(literal) <= _QUOTED_CHARACTERS else literal[:_QUOTED_CHARACTERS] + "…")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_constant)
