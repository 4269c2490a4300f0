"""What of a text is language: its words, without addresses, mark-up, code, numbers and symbols."""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

# How much of a text is looked at, in code points: the detector reads 1,000 bytes of it. A text that opens with mark-up or code
# shows little prose in the short window and is read in the long one; nothing is read beyond it, however long the text is.
WINDOW, LONG_WINDOW = 1_000, 20_000
# Fewer letters of prose than this in the short window, and the long one is read.
ENOUGH = 200
# Words that are remembered with their script.
KEPT = 10_000
# No word is longer: German compounds in the news stay below 40 letters, and a script without spaces gives whole clauses.
LONGEST_WORD = 40

_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|code|pre)\b.*?(?:</\1\s*>|\Z)"
    r"|</?[a-zA-Z!?][^<>]{0,400}(?:>|\Z)"
    r"|```.*?(?:```|\Z)"
    r"|\]\([^()\s]{0,400}\)"
    r"|\[\^?[0-9]{1,3}\]"
    r"|(?:https?|ftp|mailto|file|data|javascript):[!-~]+"
    r"|www\.[!-~]+"
    r"|(?<![!-~])[!-~]{1,80}@[!-~]+",
    re.DOTALL | re.IGNORECASE,
)
_MARKUP_SIGNS = ("<", "`", "](", ":/", "www.", "mailto:", "data:", "[", "@")
_LATIN = "A-Za-zªºÀ-ÖØ-öø-ʯ\u0300-\u036fḀ-ỿ"
# A word of the Latin alphabet, apostrophes, hyphens and full stops of an abbreviation inside it; anything else between two
# spaces that has such letters (a digit, an address, camelCase, a sign of code) is no word.
_LATIN_WORD = re.compile(f"[{_LATIN}]+(?:['’ʼ`][{_LATIN}]+|[-‐‑–—/,;:…][{_LATIN}]+|\\.[A-Z](?![{_LATIN}]))*$")
_LATIN_PARTS = re.compile(f"[{_LATIN}]+(?:['’ʼ`][{_LATIN}]+)*")
_LATIN_LETTER = re.compile(f"[{_LATIN}]")
# A run of another script: from a letter to the next space, digit or sign, the marks that belong to letters included (Indic
# vowel signs are no letters to Python, and split no word here).
_OTHER_PARTS = re.compile(rf"[^\W\d_{_LATIN}][^\s\d_{_LATIN}!-&(-/:-@\[-`{{-¿‐-‘“-⁯、-〄〈-〠！-／：-＠｟-､।॥،؛؟]*")
_EDGES = "".join(chr(c) for c in range(0x21, 0x7F) if not chr(c).isalnum()) + "«»„“”‘’‚…–—·•¡¿‹›"
# What code, settings and tables are full of and sentences are not: signs, and words that brackets, dots or colons run through
# or that a line opens with in small letters. In 99 % of the sentences of 53 languages there is less than one for each 18 words.
_SIGNS = ("{", "}", "=", "\\", "|", "^", "<", ">", "~", "()", "&&", "::", " --", ";\n", ":\n", "\n#", "\n@", "\n//")
_CODE_WORD = re.compile(
    r"[^\W\d][(\[.:]+[\"'(\[)]|[^\W\d][\[.:]+[^\W\d]|[a-z]\([a-z]|\w_\w|\$[A-Za-z{(]|-{2}[a-z]|[a-z]:/"
)
_COMMAND = re.compile("^[a-z]+:? ", re.MULTILINE)
_BREAK = re.compile(r"[\n;•·|،、，；–—]|,(?!\w)")
_CAMEL = re.compile("[a-zß-öø-ÿ][A-Z]|[A-Z]{2}[a-z]{2}")

# The first code point of each script. One name for the scripts of one language; "" for what no language is written in.
_SCRIPTS = (
    (0, "Latin"), (0x0370, "Greek"), (0x0400, "Cyrillic"), (0x0530, "Armenian"), (0x0590, "Hebrew"), (0x0600, "Arabic"),
    (0x0700, ""), (0x0750, "Arabic"), (0x0780, ""), (0x0900, "Devanagari"), (0x0980, "Bengali"), (0x0A00, "Gurmukhi"),
    (0x0A80, "Gujarati"), (0x0B00, "Oriya"), (0x0B80, "Tamil"), (0x0C00, "Telugu"), (0x0C80, "Kannada"), (0x0D00, "Malayalam"),
    (0x0D80, "Sinhala"), (0x0E00, "Thai"), (0x0E80, "Lao"), (0x0F00, "Tibetan"), (0x1000, "Myanmar"), (0x10A0, "Georgian"),
    (0x1100, "Hangul"), (0x1200, "Ethiopic"), (0x13A0, ""), (0x1780, "Khmer"), (0x1800, ""), (0x1C90, "Georgian"), (0x1CC0, ""),
    (0x1E00, "Latin"), (0x1F00, "Greek"), (0x2000, ""), (0x3005, "Han"), (0x3008, ""), (0x3040, "Han"), (0x3130, "Hangul"),
    (0x3190, ""), (0x3400, "Han"), (0xA000, ""), (0xAC00, "Hangul"), (0xD800, ""), (0xF900, "Han"), (0xFB00, ""),
    (0xFB50, "Arabic"), (0xFE00, ""), (0xFE70, "Arabic"), (0xFEFF, ""), (0x20000, "Han"), (0x32000, ""),
)  # fmt: skip
_AFTER_LATIN = "\u0370"
_STARTS = [start for start, _ in _SCRIPTS]
# What a letter says, in Latin letters: a word of five is two Han characters or two or three Hangul syllables. Other scripts count
# half as much again: texts in them are full of Latin names and headings of the page, and hardly ever the other way round.
_WEIGHT = {"Latin": 1.0, "Han": 2.5, "Hangul": 2.0}
_OTHER_WEIGHT = 1.5


# With its script.
Word = tuple[str, str]


@dataclass(frozen=True)
class Prose:
    """The words that a text opens with, in the script that most of them are written in.

    Attributes:
        words: in their order and with their capitals.
        script: of the words: "Latin", "Cyrillic", …; "" without words.
        letters: how much the words say, in letters of an alphabet.
        code: signs of code, settings and tables in what was read.
        items: into how many parts commas, line ends and the like split the words.
        others: the words in other scripts, and how much they say.
    """

    words: list[str]
    script: str
    letters: float
    code: int
    items: int
    others: dict[str, tuple[list[str], float]]


def prose(text: str) -> Prose:
    """Words of a text: all of a short one, and of a long one some from all over it. Its time has a bound, whatever the text."""
    if len(text) <= WINDOW:
        return _prose(text)
    found = _prose(_excerpt(text[:LONG_WINDOW]))
    return found if found.letters >= ENOUGH else whole(text)


def whole(text: str) -> Prose:
    """All words of a text, as far as it is read at all."""
    return _prose(text[:LONG_WINDOW])


def _excerpt(text: str) -> str:
    """As much as the window holds, a quarter each from the beginning, after a third, after two, and from the end, without words cut."""
    quarter, third = WINDOW // 4, len(text) // 3
    opening, *inside, ending = (text[start : start + quarter] for start in (0, third, 2 * third, len(text) - quarter))
    return "\n".join(
        (
            _up_to_the_last(opening),
            *(_from_the_second(_up_to_the_last(part)) for part in inside),
            _from_the_second(ending),
        )
    )


def _up_to_the_last(part: str) -> str:
    return (part.rsplit(None, 1) or [""])[0]


def _from_the_second(part: str) -> str:
    return (part.split(None, 1) or [""])[-1]


def _prose(text: str) -> Prose:
    if "&" in text:
        text = html.unescape(text)
    if any(sign in text for sign in _MARKUP_SIGNS):
        text = _MARKUP.sub(" ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    items: list[list[Word]] = []
    code = sum(map(text.count, _SIGNS)) + len(_COMMAND.findall(text)) + text.endswith((";", ":"))
    for item in _BREAK.split(text):
        words: list[Word] = []
        items.append(words)
        for token in item.split():
            read, sign = _kept(token) if len(token) <= LONGEST_WORD else _read(token)
            words += read
            code += sign
    return _dominant(items, code)


def _read(token: str) -> tuple[tuple[Word, ...], bool]:
    """The words of what stands between two spaces, and whether it is a sign of code instead."""
    if token.isascii() and token.isalpha() and (token[1:].islower() or token.isupper()) and len(token) <= LONGEST_WORD:
        return ((token, "Latin"),), False
    words = _words(token.strip(_EDGES))
    return tuple((word, _script(word[0])) for word in words), not words and bool(_CODE_WORD.search(token))


# An article has most of its words from others. Long ones are not kept: they could be of any length.
_kept = functools.lru_cache(KEPT)(_read)


def _words(token: str) -> list[str]:
    if not (token.isascii() or _LATIN_LETTER.search(token)):
        return [token] if token.isalpha() else _OTHER_PARTS.findall(token)
    if not _LATIN_WORD.match(token):
        return _OTHER_PARTS.findall(token)
    return [] if len(token) > LONGEST_WORD or _CAMEL.search(token) else _LATIN_PARTS.findall(token)


def _dominant(items: list[list[Word]], code: int) -> Prose:
    by_script: dict[str, list[str]] = {}
    parts = Counter[str]()
    for words in items:
        once = dict.fromkeys(
            script for _, script in words
        )  # in their order: what a set has first differs from process to process
        parts.update(once.keys())
        for script in once:
            by_script.setdefault(script, []).extend([word for word, of in words if of == script])
    by_script.pop("", None)
    said = {script: _WEIGHT.get(script, _OTHER_WEIGHT) * sum(map(len, words)) for script, words in by_script.items()}
    if not said:
        return Prose([], "", 0.0, code, 0, {})
    script = max(said, key=lambda name: said[name])
    others = {other: (by_script[other], letters) for other, letters in said.items() if other != script}
    return Prose(by_script[script], script, said[script], code, parts[script], others)


@functools.lru_cache(4096)
def _script(sign: str) -> str:
    return "Latin" if sign < _AFTER_LATIN else _SCRIPTS[bisect_right(_STARTS, ord(sign)) - 1][1]
