"""A text of any length in pieces that a spaCy model reads in bounded memory, and in time proportional to the length."""

from __future__ import annotations

import re
from collections.abc import Iterator

# At most so many code points are read at once: the model takes 35 kB of memory for a word. A usual article has 2,000.
PIECE = 10_000
# spaCy's tokenizer takes signs off both ends of what stands between two white spaces one by one, in quadratic time: 13
# s for 10,000 emoji without a space. Nothing longer than this is a word, so it is cut, after a sign that is no letter
# if there is one.
RUN = 100

_BREAKS = tuple(re.compile(pattern) for pattern in (r"\n\s*\n", r"\n", r"[.!?…。।؟][\"'»”)\]]*\s|[。।！？]", r"\s"))
_LONG_RUN = re.compile(rf"\S{{{RUN}}}(?=\S)")
_PART_OF_RUN = re.compile(rf"\S{{{RUN // 2},{RUN - 1}}}[^\w\s](?=\S)|\S{{{RUN}}}(?=\S)")


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each piece: cut between paragraphs, lines, sentences or words, the first of these that there are."""
    start = 0
    while len(text) - start > PIECE:
        end = _last_break(text, start + PIECE // 2, start + PIECE)
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


def runs(piece: str) -> list[str]:
    """The piece in parts that have no long run of characters without a white space; joined they are the piece again."""
    if not _LONG_RUN.search(piece):
        return [piece]
    ends = [match.end() for match in _PART_OF_RUN.finditer(piece)]
    return [piece[start:end] for start, end in zip([0, *ends], [*ends, len(piece)], strict=True) if start < end]
