"""Signs that are not seen, and letters that are written with other code points than usual."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from agents.reading.layer import Edit

# One kind of space, line break and apostrophe. spaCy knows one each: "M.\u00a0Biden" would be three tokens, and not a person.
_SPACES = "\t\v\f\x1c\x1d\x1e\x1f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_SAME_LENGTH = (
    dict.fromkeys(_SPACES, " ")
    | dict.fromkeys("\x85\u2028\u2029", "\n")
    | dict.fromkeys("\u2018\u2019\u02bc\u02b9\uff07", "'")
)
# Soft hyphens, the marks of direction, zero-width spaces and joiners. The zero-width non-joiner (U+200C) is none of them: it is
# part of how Persian words are spelt.
_UNSEEN = "\u00ad\u061c\u200b\u200d\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
# Full-width letters, digits and "&", the ligatures of PDF files, and the bold and italic letters of mathematics.
_COMPATIBLE = "\uff06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\ufb00-\ufb06\U0001d400-\U0001d7ff"
_STRANGE = re.compile(f"[{_UNSEEN}{_COMPATIBLE}\r]")
_WORD = re.compile("[^ ]+")
_ZERO_WIDTH = re.compile("\u200b+")
# So few zero-width spaces tell nothing about a text; and from this code point on (Hebrew) scripts have no capitals, and many no spaces.
_FEWEST_INSTEAD, _FIRST_WITHOUT_CAPITALS = 3, "\u0590"
# Hangul vowels and final consonants compose with the syllable before them, though their combining class is 0.
_JAMO = ("\u1160", "\u11ff")
# Small words of the languages that have an entity model and write a space between words.
_SMALL_WORDS = """
    a about after an and are as at be but by for from had has he her his in is it its of on or said says she than
    that the their they to was were who will with au aux avec ce dans de des du en est et la le les ont ou par pas
    pour que qui sa se ses son sur un une der die das den dem ein eine im ist mit nach nicht sich und von vor wie
    zu zum zur el los las con del por para su una y al il lo gli che di da per si um uma com do dos na no nas nos
    os em og i til på av och att som med för
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_WORD_BEFORE, _WORD_BEHIND = re.compile(r"[^\W\d_]{1,40}$"), re.compile(r"[^\W\d_]{1,40}")
# Beginnings of a name behind which a capital stands inside the word.
_PREFIXES = frozenset({"Mc", "Mac", "Fitz", "De", "Di", "La", "Le", "Van"})


def of_one_kind(text: str) -> str:
    """The text with one kind of space, line break and apostrophe; its length stays the same."""
    # `in` and `replace` search at the speed of memchr. `translate` looks up each character, which takes twenty times as long.
    for sign, usual_sign in _SAME_LENGTH.items():
        if sign in text:
            text = text.replace(sign, usual_sign)
    return text


def strange(text: str) -> bool:
    """Whether a text has any of these signs."""
    return _STRANGE.search(text) is not None or not unicodedata.is_normalized("NFC", text)


def usual(text: str) -> Iterator[Edit]:
    """Unseen signs without which the text is the same, and letters in their usual form (NFC, and NFKC of the list above)."""
    instead_of_spaces = text.count("\u200b") >= max(text.count(" "), _FEWEST_INSTEAD)
    if unicodedata.is_normalized("NFC", text):
        for match in _STRANGE.finditer(text):
            yield from _edit(text, match.start(), match.end(), instead_of_spaces)
        return
    # Nothing composes with a space, so each word is normalised alone, and most words need nothing.
    for word in _WORD.finditer(text):
        if unicodedata.is_normalized("NFC", word[0]) and not _STRANGE.search(word[0]):
            continue
        for start, end in _clusters(text, word.start(), word.end()):
            yield from _edit(text, start, end, instead_of_spaces)


def _edit(text: str, start: int, end: int, instead_of_spaces: bool) -> Iterator[Edit]:
    cluster = text[start:end]
    first = cluster[0]
    if first == "\u200b":
        yield start, end, " " if _parts_words(text, start, instead_of_spaces) else ""
    elif first == "\r":
        yield start, end, "" if text[end : end + 1] == "\n" else "\n"
    elif _STRANGE.match(first):
        yield start, end, unicodedata.normalize("NFKC", cluster) if first.isalnum() or first == "\uff06" else ""
    elif (composed := unicodedata.normalize("NFC", cluster)) != cluster:
        yield start, end, composed


def _parts_words(text: str, at: int, instead_of_spaces: bool) -> bool:
    """Whether a zero-width space stands between two words.

    Feeds lose spaces this way ("Emmanuel\u200bMacron"), and break words for display ("Mac\u200bron"). A capital behind a small letter
    begins a word, and a small word ("on", "the") is one; two other parts are one word. A text that has no fewer of these signs than
    spaces has them instead of spaces, unless its script writes none. The first sign of a run decides for all.
    """
    if text[max(at - 1, 0) : at] == "\u200b":
        return False
    run = _ZERO_WIDTH.match(text, at)
    before, behind = (
        _WORD_BEFORE.search(text, max(0, at - 40), at),
        _WORD_BEHIND.match(text, run.end() if run else at + 1),
    )
    if before is None or behind is None:
        return False
    if before[0][-1].islower() and behind[0][0].isupper():
        return before[0] not in _PREFIXES
    if instead_of_spaces and before[0][-1] < _FIRST_WITHOUT_CAPITALS and behind[0][0] < _FIRST_WITHOUT_CAPITALS:
        return True
    return before[0] in _SMALL or behind[0] in _SMALL


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Each character of `text[start:end]` with the marks that combine with it."""
    for index in range(start + 1, end):
        if not (unicodedata.combining(text[index]) or _JAMO[0] <= text[index] <= _JAMO[1]):
            yield start, index
            start = index
    yield start, end
