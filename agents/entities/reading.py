"""A text as an entity model reads it, with the way back to the text as it was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# spaCy knows one space and one apostrophe: "M.\u00a0Biden" would be three tokens, and not a person.
_SPACES = "\t\v\f\x1c\x1d\x1e\x1f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_SAME_LENGTH = str.maketrans(
    dict.fromkeys(_SPACES, " ") | dict.fromkeys("\x85\u2028\u2029", "\n") | dict.fromkeys("\u2018\u2019\u02bc\u02b9\uff07", "'")
)
# Signs that are not seen: soft hyphens, the marks of direction, zero-width spaces and joiners. The zero-width non-joiner
# (U+200C) is none of them: it is part of how Persian words are spelt.
_UNSEEN = "\u00ad\u061c\u200b\u200d\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_UNSEEN_SIGN = re.compile(f"[{_UNSEEN}]|\r")


@dataclass(frozen=True)
class Reading:
    """What a model reads of a text.

    Attributes:
        written: the text itself.
        text: one kind of space, apostrophe and line break, composed characters (NFC), nothing that is not seen.
        starts, ends: for each code point of `text` the code points of `written` that it stands for; None when they are the same.
    """

    written: str
    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` (not empty) stands in `written`."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def read(written: str) -> Reading:
    """The reading of a text, in time proportional to its length."""
    if not _UNSEEN_SIGN.search(written) and unicodedata.is_normalized("NFC", written):
        return Reading(written, written.translate(_SAME_LENGTH))
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(written):
        cluster = written[start:end]
        if _UNSEEN_SIGN.match(cluster) and (cluster != "\r" or written[end : end + 1] == "\n"):
            continue
        composed = "\n" if cluster == "\r" else unicodedata.normalize("NFC", cluster)
        characters.append(composed)
        starts += [start] * len(composed)
        ends += [end] * len(composed)
    return Reading(written, "".join(characters).translate(_SAME_LENGTH), starts, ends)


def _clusters(written: str) -> list[tuple[int, int]]:
    """Each character with the marks that combine with it."""
    bounds = [index for index, character in enumerate(written) if not unicodedata.combining(character) or not index]
    return list(zip(bounds, [*bounds[1:], len(written)], strict=True))
