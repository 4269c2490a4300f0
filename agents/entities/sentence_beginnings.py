"""Whether a word begins a sentence: its capital tells nothing there."""

from __future__ import annotations

import re

# Before the first word of a sentence stand the end of the last one, an opening quotation mark or bracket, or nothing.
_BEFORE = re.compile(r"(?:^|[.!?:]\s|\n)[\s\"'“”«»(\[]*$")
# Code points before a word that are searched.
_REACH = 4


def begins_sentence(text: str, start: int) -> bool:
    """Whether a word of a text begins a sentence.

    Args:
        text: the text.
        start: where the word starts, in code points.
    """
    return _BEFORE.search(text, max(0, start - _REACH), start) is not None
