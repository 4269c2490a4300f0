"""Large alternations of spaCy's tokenizers, compiled in a fraction of the time.

Importing spaCy's French takes three to five seconds of a processor, nearly all of them for one pattern: over two
hundred alternatives, nearly each with one or two copies of a class of a thousand letters, and `re` works on every copy
for 13 ms (https://github.com/explosion/spaCy/issues/2679, closed with "less than before"). Taken together by what they
begin and end with, the same alternatives hold a dozen copies. The pattern matches the same tokens, so the entities are
the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# A pattern that is shorter compiles quickly as it is; spaCy's French one has 1.4 million characters.
LONG = 100_000
_FLAGS = re.compile(r"\(\?[a-z]+\)")
# A class of letters with what repeats it.
_LETTERS = re.compile(r"\[[^\]]{300,}\][+*]?")
_compile = re.compile


@contextmanager
def factored() -> Iterator[None]:
    """Meanwhile `re.compile` takes the common beginnings and ends out of large alternations. Not for use by several threads at once."""

    def compiled(pattern: Any, flags: Any = 0) -> Any:
        return _compile(factor(pattern) if isinstance(pattern, str) and len(pattern) > LONG else pattern, flags)

    re.compile = compiled
    try:
        yield
    finally:
        re.compile = _compile


def factor(pattern: str) -> str:
    """The pattern, if it is `(?:^…$)|(?:^…$)|…`, with alternatives that begin and end alike as one; else as it is."""
    flags = _FLAGS.match(pattern)
    begin = flags.end() if flags else 0
    if not (pattern.startswith("(?:^", begin) and pattern.endswith("$)")):
        return pattern
    alternatives = pattern[begin + 4 : -2].split("$)|(?:^")
    groups: dict[tuple[str, str], list[str]] = {}
    for alternative in alternatives:
        first = _LETTERS.match(alternative)
        after = first.end() if first else 0
        next_class = _LETTERS.search(alternative, after)
        end = next_class.start() if next_class else len(alternative)
        groups.setdefault((alternative[:after], alternative[end:]), []).append(alternative[after:end])
    together = "|".join(f"(?:^{head}(?:{'|'.join(middles)}){tail}$)" for (head, tail), middles in groups.items())
    return pattern[:begin] + together
