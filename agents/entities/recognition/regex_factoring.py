"""Factored regular expressions: the large alternations of spaCy's tokenizers compile in a fraction of the time.

The import of spaCy's French takes three to five seconds of a processor, nearly all of them for one pattern. It has over
two hundred alternatives, most with one or two copies of a class of a thousand letters, and `re` works on every copy for
13 ms (https://github.com/explosion/spaCy/issues/2679, closed with "less than before"). Grouped by their beginnings and
ends, the same alternatives hold a dozen copies. The pattern matches the same tokens, so the entities are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# A shorter pattern compiles quickly as it is; spaCy's French one has 1.4 million characters.
LONG_PATTERN = 100_000
_FLAGS = re.compile(r"\(\?[a-z]+\)")
# A class of letters, with its quantifier.
_LETTER_CLASS = re.compile(r"\[[^\]]{300,}\][+*]?")
_original_compile = re.compile


@contextmanager
def fast_alternations() -> Iterator[None]:
    """Within this context `re.compile` factors large alternations.

    It replaces a function of the whole process: several threads must not use it at once.
    """

    def compile_factored(pattern: Any, flags: Any = 0) -> Any:
        return _original_compile(
            factor(pattern) if isinstance(pattern, str) and len(pattern) > LONG_PATTERN else pattern, flags
        )

    re.compile = compile_factored
    try:
        yield
    finally:
        re.compile = _original_compile


def factor(pattern: str) -> str:
    """The pattern `(?:^…$)|(?:^…$)|…` with one alternative for all that begin and end alike.

    Any other pattern stays as it is.
    """
    flags = _FLAGS.match(pattern)
    first = flags.end() if flags else 0
    if not (pattern.startswith("(?:^", first) and pattern.endswith("$)")):
        return pattern
    alternatives = pattern[first + 4 : -2].split("$)|(?:^")
    middles_by_ends: dict[tuple[str, str], list[str]] = {}
    for alternative in alternatives:
        first_class = _LETTER_CLASS.match(alternative)
        start = first_class.end() if first_class else 0
        next_class = _LETTER_CLASS.search(alternative, start)
        end = next_class.start() if next_class else len(alternative)
        middles_by_ends.setdefault((alternative[:start], alternative[end:]), []).append(alternative[start:end])
    factored = "|".join(
        f"(?:^{beginning}(?:{'|'.join(middles)}){ending}$)" for (beginning, ending), middles in middles_by_ends.items()
    )
    return pattern[:first] + factored
