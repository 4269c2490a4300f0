"""The words and numbers of a text, and forms of them that other spellings share."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

from anyascii import anyascii

# The kinds of a token. A break is a sign after which a sentence begins.
BREAK, WORD, CAPITALISED, NUMBER = range(4)
# Scripts without spaces between words: each of their characters is a word of its own.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# A text is split at its spaces. This stands for a space inside a number, so that the number stays in one piece.
_NUMBER_SPACE = "\0"
_SPACE_IN_NUMBER = re.compile(r" (?=\d{3})(?<=\d )")
_TOKEN = re.compile(
    rf"([^\W\d_{_UNSPACED}]+|[{_UNSPACED}])"
    rf"|(\d{{1,3}}(?:{_NUMBER_SPACE}\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,:'’]\d+)*)"
    r"|[.!?…:;\n«»“”\"|]"
)
_THOUSANDS = re.compile(r"(\d{1,3}(?:[ .,'’]\d{3})+)(?:[.,](\d{1,2}))?")
_NO_DIGIT = re.compile(r"\D")
# The letters of a stem: endings and most compounds fall away.
STEM_LETTERS = 6
# Entries of each cache of word forms, some 100 bytes each: texts repeat their words.
CACHED_WORDS = 100_000
# Latin spellings of one sound in names that languages transcribe in their own ways: Cherlak and Tscherlak.
_SIBILANT = re.compile("tsch|tch|sch|sh|ch|zh|cz|sz|ts|c|z")
_VOWEL = re.compile("(?<!^)[aeiouyjhw]")
_DOUBLE = re.compile(r"(.)\1+")


def pieces(text: str) -> list[str]:
    """The parts of a normalized text between its spaces. A number stays in one piece."""
    return _SPACE_IN_NUMBER.sub(_NUMBER_SPACE, text.replace(_NUMBER_SPACE, "-")).split(" ")


def tokens(piece: str) -> list[tuple[str, int]]:
    """The words, numbers and breaks of a piece, in their order, each with its kind.

    Numbers are in the form of `number`, and breaks are empty.
    """
    found: list[tuple[str, int]] = []
    for letters, digits in _TOKEN.findall(piece):
        if letters:
            found.append((letters, CAPITALISED if letters[0].isupper() else WORD))
        elif digits:
            found.append((number(digits.replace(_NUMBER_SPACE, " ")), NUMBER))
        else:
            found.append(("", BREAK))
    return found


@lru_cache(CACHED_WORDS)
def name_words(name: str) -> tuple[str, ...]:
    """The words of a name that have a capital, or all of them where none has one; no numbers.

    The other words of a name are translated: "Agence spatiale européenne", "European Space Agency".
    """
    words = tuple(letters for letters, _ in _TOKEN.findall(name) if letters)
    return tuple(word for word in words if word[0].isupper()) or words


def number(written: str) -> str:
    """A number in one form for all languages: without separators of thousands, with a full stop before decimals."""
    if thousands := _THOUSANDS.fullmatch(written):
        whole, decimals = _NO_DIGIT.sub("", thousands[1]), thousands[2] or ""
        return f"{whole}.{decimals}".rstrip("0").rstrip(".") if decimals else whole
    plain = _NO_DIGIT.sub(".", written)
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def word_hash(word: str) -> int:
    """32 bits of a word without its case."""
    return zlib.crc32(word.casefold().encode())


def stem(word: str) -> bytes:
    """The first letters of a word in ASCII, in small letters."""
    return _latin(word)[:STEM_LETTERS].encode()


@lru_cache(CACHED_WORDS)
def name_form(word: str) -> str:
    """The consonants of a word in a name, which transcriptions and case endings leave alone; empty for too few letters.

    "Salnikow", "Сальников" and "Сальникова" have one form.
    """
    latin = _latin(word).replace("'", "").replace("w", "v").replace("ph", "f").replace("q", "k")
    form = _DOUBLE.sub(r"\1", _VOWEL.sub("", _SIBILANT.sub("s", latin)))
    return form if len(form) > 2 else latin if len(latin) > 2 else ""


def _latin(word: str) -> str:
    # anyascii goes through a word letter by letter, which most words do not need.
    return (word if word.isascii() else anyascii(word)).lower()
