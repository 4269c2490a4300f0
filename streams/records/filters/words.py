"""The words of a text, as filters compare them: without regard to case, to forms of a character and to punctuation.

A word is a run of letters, marks and digits. In scripts that are written without spaces between words, and in Hangul,
where particles follow a word without one, each character counts as a word. So a phrase of these scripts is found
wherever its characters follow each other. Words are compared by Unicode's NFKC_Casefold: "ＰＡＲＩＳ" is "paris", and
"é" is "é" however it is encoded, but not "e".

Source: https://www.unicode.org/versions/latest/core-spec/chapter-3/ (D146, toNFKC_Casefold)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from typing import NamedTuple

# Chinese, Japanese, Korean, Thai, Lao, Burmese and Khmer.
_SINGLE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029"
    "\u3031-\u3035\u303b\u303c\u3040-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
# Characters that belong to the one before them, besides marks: vowels and finals of a decomposed Hangul syllable, and
# the voiced marks of halfwidth Katakana.
_FOLLOWING = "\u1160-\u11ff\uff9e\uff9f"
# Characters without a width that may stand in a word. NFKC_Casefold leaves them out.
_INVISIBLE = "\u00ad\u034f\u061c\u200c\u200d\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
# Where combining marks begin and end in Unicode, except for the variation selectors.
_FIRST_MARK, _LAST_MARK = 0x300, 0x1E94A
# Words of recent articles whose form is remembered.
_REMEMBERED = 20_000


class Word(NamedTuple):
    """A word of a text: its compared form, and where it stands, in code points."""

    form: str
    start: int
    end: int


def forms(text: str) -> list[str]:
    """The compared forms of the words of a text, in their order."""
    return [word.form for word in words(text)]


def distinct_forms(text: str) -> set[str]:
    """The compared forms of the words of a text, each once."""
    run, single = _patterns()
    if text.isascii():
        return set(run.findall(text.lower()))
    return {form(part) for each in set(run.findall(text)) for part in _parts(each, single)}


def words(text: str) -> Iterator[Word]:
    """The words of a text, in their order."""
    run, single = _patterns()
    for found in run.finditer(text):
        if found[0].isascii():
            yield Word(found[0].lower(), *found.span())
        else:
            for part in single.finditer(text, *found.span()):
                yield Word(form(part[0]), *part.span())


def name_form(name: str) -> str:
    """The compared form of a name: two names are the same if their words are."""
    return " ".join(forms(name))


@lru_cache(_REMEMBERED)
def form(word: str) -> str:
    """The compared form of a word."""
    if word.isascii():
        return word.lower()
    composed = unicodedata.normalize("NFKC", _invisible().sub("", word))
    return unicodedata.normalize("NFKC", composed.casefold())


def _parts(run: str, single: re.Pattern[str]) -> list[str]:
    return [run] if run.isascii() else single.findall(run)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The patterns of a run of word characters, and of a word in such a run."""
    marks = _marks()
    # Three times as fast as one class of all three, which Python looks up for each letter.
    run = re.compile(rf"\w+(?:[{marks}{_INVISIBLE}]+\w*)*")
    single = re.compile(rf"[{_SINGLE}][{marks}{_FOLLOWING}{_INVISIBLE}]*|[^{_SINGLE}]+")
    return run, single


@cache
def _invisible() -> re.Pattern[str]:
    return re.compile(f"[{_INVISIBLE}]")


def _marks() -> str:
    """The combining marks as the content of a character class. `\\w` of Python does not have them."""
    points = [point for point in range(_FIRST_MARK, _LAST_MARK + 1) if unicodedata.category(chr(point))[0] == "M"]
    runs = [[point for _, point in run] for _, run in groupby(enumerate(points), lambda pair: pair[1] - pair[0])]
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in runs)
