"""Edits of a text that keep the way back to it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

# Start and end in the text that is edited (start < end), and what stands there afterwards.
Edit = tuple[int, int, str]


@dataclass(frozen=True)
class Layer:
    """One set of edits. All four lists have one number for each edit, in ascending order.

    Attributes:
        starts, ends: of each edit in the text before it.
        new_starts, new_ends: of its replacement in the text after it; equal where the edit only deletes.
    """

    starts: list[int]
    ends: list[int]
    new_starts: list[int]
    new_ends: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `after[start:end]` (not empty) stands in the text before the edits."""
        return self._character(start)[0], self._character(end - 1)[1]

    def _character(self, at: int) -> tuple[int, int]:
        edit = bisect_right(self.new_starts, at) - 1
        if edit < 0:
            return at, at + 1
        if at < self.new_ends[edit]:
            return self.starts[edit], self.ends[edit]
        before = at - self.new_ends[edit] + self.ends[edit]
        return before, before + 1


def apply(text: str, edits: Iterable[Edit]) -> tuple[str, Layer | None]:
    """The text after the edits, and the way back; None when there are no edits.

    Args:
        edits: in ascending order and without overlaps.
    """
    layer = Layer([], [], [], [])
    parts: list[str] = []
    last = length = 0
    for start, end, replacement in edits:
        length += start - last
        parts += text[last:start], replacement
        layer.starts.append(start)
        layer.ends.append(end)
        layer.new_starts.append(length)
        length += len(replacement)
        layer.new_ends.append(length)
        last = end
    if not layer.starts:
        return text, None
    return "".join([*parts, text[last:]]), layer
