"""Edits of a text that remember where each character came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

# Start and end in the text before the edit (start < end), and the replacement.
Edit = tuple[int, int, str]


@dataclass(frozen=True)
class AppliedEdits:
    """One set of edits that were applied to a text. All four lists have one number for each edit, in ascending order.

    Attributes:
        starts, ends: offsets of each edit in the text before the edits.
        new_starts, new_ends: offsets of its replacement in the text after the edits; equal where the edit only deletes.
    """

    starts: list[int]
    ends: list[int]
    new_starts: list[int]
    new_ends: list[int]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets of `after[start:end]` (not empty) in the text before the edits."""
        return self._original_character(start)[0], self._original_character(end - 1)[1]

    def new_span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets of `before[start:end]` in the text after the edits; equal where the edits delete the whole span."""
        if start == end:
            return (self._new_character(start)[0],) * 2
        return self._new_character(start)[0], self._new_character(end - 1)[1]

    def _original_character(self, offset: int) -> tuple[int, int]:
        return _counterpart(offset, (self.new_starts, self.new_ends), (self.starts, self.ends))

    def _new_character(self, offset: int) -> tuple[int, int]:
        return _counterpart(offset, (self.starts, self.ends), (self.new_starts, self.new_ends))


def _counterpart(
    offset: int, edits_here: tuple[list[int], list[int]], edits_there: tuple[list[int], list[int]]
) -> tuple[int, int]:
    """Start and end, in one text, of the character or the edit that stands at an offset of the other text.

    Args:
        offset: in the text that the offset is from.
        edits_here: the starts and the ends of the edits in that text.
        edits_there: their starts and ends in the text that the result is for.
    """
    (starts, ends), (starts_there, ends_there) = edits_here, edits_there
    edit = bisect_right(starts, offset) - 1
    if edit < 0:
        return offset, offset + 1
    if offset < ends[edit]:
        return starts_there[edit], ends_there[edit]
    offset_there = offset - ends[edit] + ends_there[edit]
    return offset_there, offset_there + 1


def apply_edits(text: str, edits: Iterable[Edit]) -> tuple[str, AppliedEdits | None]:
    """Apply edits to a text: the text after them, and a record of them; None when there are no edits.

    Args:
        text: the text that the positions of the edits refer to.
        edits: in ascending order and without overlaps.
    """
    applied = AppliedEdits([], [], [], [])
    parts: list[str] = []
    previous_end = new_length = 0
    for start, end, replacement in edits:
        new_length += start - previous_end
        parts += text[previous_end:start], replacement
        applied.starts.append(start)
        applied.ends.append(end)
        applied.new_starts.append(new_length)
        new_length += len(replacement)
        applied.new_ends.append(new_length)
        previous_end = end
    if not applied.starts:
        return text, None
    return "".join([*parts, text[previous_end:]]), applied
