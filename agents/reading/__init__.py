"""A text as every stage reads it: without mark-up, in usual characters, with the way back to the text as it was published.

One reading for all stages, so that mark-up decides no verdict. docs/decisions/0010-one-reading-of-the-text.md says what is removed and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agents.reading import characters, layout, markdown, mojibake, references, tags
from agents.reading.layer import Edit, Layer, apply

# References are decoded so often: "&amp;amp;" is "&". Feeds encode twice; who encodes three times wants to be read so.
DECODED = 2


@dataclass(frozen=True)
class Reading:
    """What is read of a text.

    Attributes:
        written: the text as it was published.
        text: what is read.
        layers: the edits that make the one of the other, in their order.
    """

    written: str
    text: str
    layers: tuple[Layer, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` (not empty) stands in `written`; mark-up inside it included."""
        for layer in reversed(self.layers):
            start, end = layer.span(start, end)
        return start, end


def read(written: str) -> Reading:
    """The reading of a text, in time proportional to its length."""
    text, layers = written, list[Layer]()

    def edit(edits: Callable[[str], Iterator[Edit]]) -> None:
        nonlocal text
        text, layer = apply(text, edits(text))
        if layer:
            layers.append(layer)

    if not text.isascii() and mojibake.suspicious(text):
        edit(mojibake.repairs)
    if "<" in text:
        edit(tags.removed)
    for _ in range(DECODED if "&" in text else 0):
        edit(references.decoded)
        if "<" in text and tags.encoded(text):
            edit(tags.removed)
    if characters.strange(text):
        edit(characters.usual)
    text = characters.of_one_kind(text)
    if markdown.possible(text):
        edit(markdown.blocks)
        edit(markdown.inline)
    if "-\n" in text or "\u2010\n" in text:
        edit(layout.hyphenated)
    # A space at the end of a text is no reason for another reading where the text is clean otherwise.
    if layout.spaced(text) or (layers and text != text.strip(" \n")):
        edit(layout.collapsed)
    return Reading(written, text, tuple(layers))
