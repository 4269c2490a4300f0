"""UTF-8 that was decoded as a single-byte encoding: "Ã©" for "é". ftfy recognises and repairs it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.normalization.edits import Edit

# The characters that follow the first one of a broken character, as Windows-1252 or Latin-1 show them. ftfy checks more
# encodings, but it takes 20 ms to import, and most texts need no check by it.
_CONTINUATION = (
    "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122"
)
# The first character stands alone in front, so the search skips all other characters without trying each alternative.
_SUSPICIOUS = re.compile(
    "[\u00c2-\u00f0РС](?:"
    f"(?<=[\u00c2-\u00df])[{_CONTINUATION}]|(?<=[\u00e0-\u00ef])[{_CONTINUATION}]{{2}}"
    f"|(?<=\u00f0)[{_CONTINUATION}]{{3}}|(?<=\u00c3) "
    "|(?<=[РС])[^а-яё\\s][РС][^а-яё\\s])"
)
# Letters whose second byte is lost, which nobody can repair: "prÃsident", "lâ€lysÃe".
_HALF_CHARACTER = re.compile("[ÃÂ](?:[a-z]|\\b)|â€")
# A text is unreadable with at least this many broken places, if there is at least one for each 100 code points. A text
# may quote a single one.
_MIN_BROKEN_PLACES, _CODE_POINTS_PER_BROKEN_PLACE = 2, 100
# A character outside ASCII has at most four bytes in UTF-8.
_MAX_BYTES = 4


def may_have_mojibake(text: str) -> bool:
    """Whether any part of a text may be mojibake."""
    return _SUSPICIOUS.search(text) is not None


def is_unreadable(text: str) -> bool:
    """Whether a text still has too much mojibake after its repair."""
    if text.isascii() or not _HALF_CHARACTER.search(text):
        return False
    from ftfy.badness import badness

    broken_places = badness(text)
    return broken_places >= _MIN_BROKEN_PLACES and broken_places * _CODE_POINTS_PER_BROKEN_PLACE >= len(text)


def repair_mojibake(text: str) -> Iterator[Edit]:
    """Edits that replace each broken character with the right one, where the text is certainly mojibake.

    A feed may join a broken source and a sound one, so each run of suspicious characters is judged alone. ftfy's own
    `decode_inconsistent_utf8` does the same.
    """
    import ftfy
    from ftfy.badness import is_bad
    from ftfy.chardata import UTF8_DETECTOR_RE

    for match in UTF8_DETECTOR_RE.finditer(text):
        broken = match[0]
        repaired = ftfy.fix_encoding(broken) if is_bad(broken) else broken
        if repaired != broken:
            yield from _edit_each_character(match.start(), broken, repaired)


def _edit_each_character(start: int, broken: str, repaired: str) -> Iterator[Edit]:
    lengths = [len(character.encode("utf-8", "surrogatepass")) for character in repaired]
    # The lengths differ where ftfy restores a no-break space that a feed has turned into a common one.
    if sum(lengths) != len(broken) or max(lengths) > _MAX_BYTES:
        yield start, start + len(broken), repaired
        return
    for character, length in zip(repaired, lengths, strict=True):
        yield start, start + length, character
        start += length
