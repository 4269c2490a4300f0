"""UTF-8 that was decoded as a single-byte encoding: "Ã©" for "é". ftfy recognises and repairs it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.reading.layer import Edit

# The first sign of a broken character and the one behind it, as Windows-1252 or Latin-1 show them. ftfy takes 20 ms to import
# and checks more encodings; most texts have nothing of this and never ask it.
_CONTINUED = "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122"
# The first sign stands alone in front, so that the search skips all other characters without trying each alternative.
_SUSPICIOUS = re.compile(
    "[\u00c2-\u00f0РС](?:"
    f"(?<=[\u00c2-\u00df])[{_CONTINUED}]|(?<=[\u00e0-\u00ef])[{_CONTINUED}]{{2}}|(?<=\u00f0)[{_CONTINUED}]{{3}}|(?<=\u00c3) "
    "|(?<=[РС])[^а-яё\\s][РС][^а-яё\\s])"
)
# Letters whose second half is lost, which nobody can repair: "prÃsident", "lâ€lysÃe".
_HALVED = re.compile("[ÃÂ](?:[a-z]|\\b)|â€")
# A text is broken from so many such places on, if there is one for so many code points. One alone may be quoted.
_FEWEST, _EACH = 2, 100
# A character outside ASCII has at most four bytes in UTF-8.
_MOST_BYTES = 4


def suspicious(text: str) -> bool:
    """Whether anything in a text may be mojibake."""
    return _SUSPICIOUS.search(text) is not None


def broken(text: str) -> bool:
    """Whether a text whose mojibake was repaired still has too much of it to be read."""
    if text.isascii() or not _HALVED.search(text):
        return False
    from ftfy.badness import badness

    places = badness(text)
    return places >= _FEWEST and places * _EACH >= len(text)


def repairs(text: str) -> Iterator[Edit]:
    """What is certainly mojibake, each broken character with the right one.

    A text may be broken in parts only, where a feed puts two sources together, so each run is judged alone, as ftfy's own
    `decode_inconsistent_utf8` does it.
    """
    import ftfy
    from ftfy.badness import is_bad
    from ftfy.chardata import UTF8_DETECTOR_RE

    for match in UTF8_DETECTOR_RE.finditer(text):
        broken = match[0]
        right = ftfy.fix_encoding(broken) if is_bad(broken) else broken
        if right != broken:
            yield from _by_character(match.start(), broken, right)


def _by_character(at: int, broken: str, right: str) -> Iterator[Edit]:
    lengths = [len(character.encode("utf-8", "surrogatepass")) for character in right]
    # Not the case where ftfy put back the no-break space that a feed had made a common one.
    if sum(lengths) != len(broken) or max(lengths) > _MOST_BYTES:
        yield at, at + len(broken), right
        return
    for character, length in zip(right, lengths, strict=True):
        yield at, at + length, character
        at += length
