"""Applies all edits of a text in their order, and maps offsets in code points back to the original."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agents.normalization import character_references, characters, layout, markdown, mojibake, tags
from agents.normalization.edits import AppliedEdits, Edit, apply_edits

# Feeds encode twice, so references are decoded twice: "&amp;amp;" becomes "&". After these passes a reference is
# literal text.
DECODING_PASSES = 2


@dataclass(frozen=True)
class NormalizedText:
    """A text after normalization.

    Attributes:
        original: the text as it was published.
        text: the normalized text.
        edit_passes: the edits that change the length of the text, in their order.
    """

    original: str
    text: str
    edit_passes: tuple[AppliedEdits, ...] = ()

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets of `text[start:end]` in `original`, mark-up inside the span included. The span must not be empty."""
        for applied in reversed(self.edit_passes):
            start, end = applied.original_span(start, end)
        return start, end

    def normalized_span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets of `original[start:end]` in `text`. The span must not be empty; what is left of it may be empty."""
        for applied in self.edit_passes:
            start, end = applied.new_span(start, end)
        return start, end


def normalize(original: str) -> NormalizedText:
    """Normalize a text, in time proportional to its length."""
    text, edit_passes = original, list[AppliedEdits]()

    def edit(find_edits: Callable[[str], Iterator[Edit]]) -> None:
        nonlocal text
        text, applied = apply_edits(text, find_edits(text))
        if applied:
            edit_passes.append(applied)

    if not text.isascii() and mojibake.may_have_mojibake(text):
        edit(mojibake.repair_mojibake)
    if "<" in text:
        edit(tags.remove_tags)
    for _ in range(DECODING_PASSES if "&" in text else 0):
        edit(character_references.decode_references)
        if "<" in text and tags.has_decoded_tags(text):
            edit(tags.remove_tags)
    if not text.isascii():
        edit(characters.remove_excess_marks)
    if characters.has_unusual_characters(text):
        edit(characters.replace_unusual_characters)
    # One character replaces one character, so offsets do not change and no edit is recorded.
    text = characters.unify_spaces_and_apostrophes(text)
    if markdown.may_have_markdown(text):
        edit(markdown.remove_block_marks)
        edit(markdown.remove_inline_marks)
    if "-\n" in text or "\u2010\n" in text:
        edit(layout.join_hyphenated_words)
    # A text without other edits keeps the spaces at its ends, so that a clean text stays unchanged.
    if layout.has_white_space_to_collapse(text) or (edit_passes and text != text.strip(" \n")):
        edit(layout.collapse_white_space)
    return NormalizedText(original, text, tuple(edit_passes))
