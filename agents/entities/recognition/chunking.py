"""The chunks of a text: a spaCy model reads them in bounded memory, and in time proportional to the text's length."""

from __future__ import annotations

import re
from collections.abc import Iterator

# The most code points of a chunk: the model takes 35 kB of memory for a word. A usual article has 2,000 code points.
LONGEST_CHUNK = 10_000
# spaCy's tokenizer takes signs off both ends of a string without white space one by one, in quadratic time: 13 s for
# 10,000 emoji. No word is longer than this, so a longer string is cut, behind a sign that is not a letter if it has
# one.
LONGEST_WORD = 100

_BREAKS = tuple(re.compile(pattern) for pattern in (r"\n\s*\n", r"\n", r"[.!?…。।؟][\"'»”)\]]*\s|[。।！？]", r"\s"))
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD}}}(?=\S)")
_PART_OF_LONG_WORD = re.compile(
    rf"\S{{{LONGEST_WORD // 2},{LONGEST_WORD - 1}}}[^\w\s](?=\S)|\S{{{LONGEST_WORD}}}(?=\S)"
)


def chunks(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each chunk.

    It ends between paragraphs, else between lines, sentences or words; whichever comes first in this order.
    """
    start = 0
    while len(text) - start > LONGEST_CHUNK:
        end = _last_break(text, start + LONGEST_CHUNK // 2, start + LONGEST_CHUNK)
        yield start, end
        start = end
    if start < len(text):
        yield start, len(text)


def _last_break(text: str, first: int, last: int) -> int:
    for pattern in _BREAKS:
        ends = [match.end() for match in pattern.finditer(text, first, last)]
        if ends:
            return ends[-1]
    return last


def split_long_words(chunk: str) -> list[str]:
    """The chunk in parts without long strings of characters between white space; joined they are the chunk again."""
    if not _LONG_WORD.search(chunk):
        return [chunk]
    ends = [match.end() for match in _PART_OF_LONG_WORD.finditer(chunk)]
    return [chunk[start:end] for start, end in zip([0, *ends], [*ends, len(chunk)], strict=True) if start < end]
