"""Invisible characters, and letters that are written with other code points than usual."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

from agents.normalization.edits import Edit

# spaCy knows one kind of space, line break and apostrophe: it would split "M.\u00a0Biden" into three tokens and find no
# person.
_SPACES = (
    "\t\v\f\x1c\x1d\x1e\x1f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
    "\u205f\u3000"
)
_UNIFIED = (
    dict.fromkeys(_SPACES, " ")
    | dict.fromkeys("\x85\u2028\u2029", "\n")
    | dict.fromkeys("\u2018\u2019\u02bc\u02b9\uff07", "'")
)
# Soft hyphens, direction marks, zero-width spaces and joiners. The zero-width non-joiner (U+200C) stays: Persian words
# are spelt with it.
_INVISIBLE = "\u00ad\u061c\u200b\u200d\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
# Full-width letters, digits and "&", the ligatures of PDF files, and the bold and italic letters of mathematics. NFKC
# replaces them.
_COMPATIBLE = "\uff06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\ufb00-\ufb06\U0001d400-\U0001d7ff"
_UNUSUAL = re.compile(f"[{_INVISIBLE}{_COMPATIBLE}\r]")
_WORD = re.compile("[^ ]+")
_ZERO_WIDTH = re.compile("\u200b+")
# A text with fewer zero-width spaces than this does not use them instead of spaces.
_MIN_ZERO_WIDTH_SPACES = 3
# From this code point on (Hebrew) scripts have no capitals, and many have no spaces.
_FIRST_WITHOUT_CAPITALS = "\u0590"
# The most marks in a row that stay. unicodedata sorts the marks of a letter in quadratic time: 20 seconds for 160,000
# marks. Unicode has the same limit for Stream-Safe Text (https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format);
# no language comes near it.
_MOST_MARKS = 30
# A run of signs among which so many marks may stand: no mark is a letter, white space, or before U+0300.
_SIGN = r"[^\w\s\x00-\u02ff]"
_LONG_RUN_OF_SIGNS = re.compile(f"{_SIGN}{_SIGN}{{{_MOST_MARKS},}}")
# First and last of the Hangul vowels and final consonants. They compose with the syllable before them, but their
# combining class is 0.
_JAMO = ("\u1160", "\u11ff")
# Function words of the languages that have an entity model and write a space between words.
_FUNCTION_WORDS_TEXT = """
    a about after an and are as at be but by for from had has he her his in is it its of on or said says she than
    that the their they to was were who will with au aux avec ce dans de des du en est et la le les ont ou par pas
    pour que qui sa se ses son sur un une der die das den dem ein eine im ist mit nach nicht sich und von vor wie
    zu zum zur el los las con del por para su una y al il lo gli che di da per si um uma com do dos na no nas nos
    os em og i til på av och att som med för
"""
_FUNCTION_WORDS = frozenset(_FUNCTION_WORDS_TEXT.split())
_WORD_BEFORE, _WORD_AFTER = re.compile(r"[^\W\d_]{1,40}$"), re.compile(r"[^\W\d_]{1,40}")
# Beginnings of a name that a capital follows inside the word: "McDonald".
_NAME_PREFIXES = frozenset({"Mc", "Mac", "Fitz", "De", "Di", "La", "Le", "Van"})


def unify_spaces_and_apostrophes(text: str) -> str:
    """The text with one kind of space, line break and apostrophe; its length stays the same."""
    # `in` and `replace` search at the speed of memchr. `translate` looks up each character, which takes twenty times as
    # long.
    for variant, usual in _UNIFIED.items():
        if variant in text:
            text = text.replace(variant, usual)
    return text


def remove_excess_marks(text: str) -> Iterator[Edit]:
    """Edits that remove all marks of a letter but the first `_MOST_MARKS`."""
    for run in _LONG_RUN_OF_SIGNS.finditer(text):
        by_kind = groupby(range(run.start(), run.end()), lambda offset: unicodedata.combining(text[offset]) > 0)
        for are_marks, offsets in by_kind:
            if are_marks and len(marks := list(offsets)) > _MOST_MARKS:
                yield marks[_MOST_MARKS], marks[-1] + 1, ""


def has_unusual_characters(text: str) -> bool:
    """Whether `replace_unusual_characters` may change a text."""
    if text.isascii():
        return "\r" in text
    return _UNUSUAL.search(text) is not None or not unicodedata.is_normalized("NFC", text)


def replace_unusual_characters(text: str) -> Iterator[Edit]:
    """Edits that remove invisible characters and give letters their usual form: NFC, and NFKC for `_COMPATIBLE`."""
    zero_width_for_spaces = text.count("\u200b") >= max(text.count(" "), _MIN_ZERO_WIDTH_SPACES)
    if unicodedata.is_normalized("NFC", text):
        for match in _UNUSUAL.finditer(text):
            yield from _edit_cluster(text, match.start(), match.end(), zero_width_for_spaces=zero_width_for_spaces)
        return
    # No character composes with a space, so each word is normalised alone. Most words need no edit.
    for word in _WORD.finditer(text):
        if unicodedata.is_normalized("NFC", word[0]) and not _UNUSUAL.search(word[0]):
            continue
        for start, end in _clusters(text, word.start(), word.end()):
            yield from _edit_cluster(text, start, end, zero_width_for_spaces=zero_width_for_spaces)


def _edit_cluster(text: str, start: int, end: int, *, zero_width_for_spaces: bool) -> Iterator[Edit]:
    cluster = text[start:end]
    first = cluster[0]
    if first == "\u200b":
        yield start, end, " " if _separates_words(text, start, zero_width_for_spaces=zero_width_for_spaces) else ""
    elif first == "\r":
        yield start, end, "" if text[end : end + 1] == "\n" else "\n"
    elif _UNUSUAL.match(first):
        yield start, end, unicodedata.normalize("NFKC", cluster) if first.isalnum() or first == "\uff06" else ""
    elif (composed := unicodedata.normalize("NFC", cluster)) != cluster:
        yield start, end, composed


def _separates_words(text: str, offset: int, *, zero_width_for_spaces: bool) -> bool:
    """Whether a zero-width space stands between two words.

    Some feeds write it instead of a space ("Emmanuel\u200bMacron"), others break words with it for display
    ("Mac\u200bron"). Two words stand around it if a capital follows a small letter (but not after "Mac" or "De"), or if
    one part is a function word ("on", "the"). Two other parts are one word. A text that has no fewer zero-width spaces
    than spaces uses them instead of spaces, unless its script writes none. Only the first zero-width space of a run
    becomes a space.
    """
    if text[max(offset - 1, 0) : offset] == "\u200b":
        return False
    run = _ZERO_WIDTH.match(text, offset)
    before = _WORD_BEFORE.search(text, max(0, offset - 40), offset)
    after = _WORD_AFTER.match(text, run.end() if run else offset + 1)
    if before is None or after is None:
        return False
    if before[0][-1].islower() and after[0][0].isupper():
        return before[0] not in _NAME_PREFIXES
    if zero_width_for_spaces and before[0][-1] < _FIRST_WITHOUT_CAPITALS and after[0][0] < _FIRST_WITHOUT_CAPITALS:
        return True
    return before[0] in _FUNCTION_WORDS or after[0] in _FUNCTION_WORDS


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Each character of `text[start:end]` with the marks that combine with it."""
    for index in range(start + 1, end):
        if not (unicodedata.combining(text[index]) or _JAMO[0] <= text[index] <= _JAMO[1]):
            yield start, index
            start = index
    yield start, end
