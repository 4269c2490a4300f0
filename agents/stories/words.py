"""The words and numbers of a text, and forms of them that other spellings share."""

from __future__ import annotations

import re
import zlib
from enum import IntEnum
from functools import lru_cache

from anyascii import anyascii

# Scripts without spaces between words: each of their characters is a word of its own.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(
    rf"([^\W\d_{_UNSPACED}]+|[{_UNSPACED}])|(\d{{1,3}}(?: \d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,:'’]\d+)*)"
    r"|[.!?…:;\n«»“”\"|]"
)
_THOUSANDS = re.compile(r"(\d{1,3}(?:[ .,'’]\d{3})+)(?:[.,](\d{1,2}))?")
_NO_DIGIT = re.compile(r"\D")
# The letters of a stem: endings and most compounds fall away.
STEM_LETTERS = 6
# Entries of each cache of word forms, some 100 bytes each: texts repeat their words.
CACHED_WORDS = 200_000
# Latin spellings of one sound in names that languages transcribe in their own ways: Cherlak and Tscherlak.
_SIBILANT = re.compile("tsch|tch|sch|sh|ch|zh|cz|sz|ts|c|z")
_VOWEL = re.compile("(?<!^)[aeiouyjhw]")
_DOUBLE = re.compile(r"(.)\1+")


class Kind(IntEnum):
    """The kind of a token. A first word may have its capital from its place in a sentence."""

    WORD = 0
    FIRST_WORD = 1
    NUMBER = 2


def tokens(text: str) -> list[tuple[str, Kind]]:
    """The words and numbers of a normalized text, in their order. Numbers are in the form of `number`."""
    found: list[tuple[str, Kind]] = []
    first, word, numeral = Kind.FIRST_WORD, Kind.WORD, Kind.NUMBER
    word_kind = first
    for letters, digits in _TOKEN.findall(text):
        if letters:
            found.append((letters, word_kind))
            word_kind = word
        elif digits:
            found.append((number(digits), numeral))
            word_kind = word
        else:
            word_kind = first
    return found


@lru_cache(CACHED_WORDS)
def number(written: str) -> str:
    """A number in one form for all languages: without separators of thousands, with a full stop before decimals."""
    if thousands := _THOUSANDS.fullmatch(written):
        whole, decimals = _NO_DIGIT.sub("", thousands[1]), thousands[2] or ""
        return f"{whole}.{decimals}".rstrip("0").rstrip(".") if decimals else whole
    plain = _NO_DIGIT.sub(".", written)
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


@lru_cache(CACHED_WORDS)
def word_hash(word: str) -> int:
    """32 bits of a word without its case."""
    return zlib.crc32(word.casefold().encode())


@lru_cache(CACHED_WORDS)
def stem(word: str) -> str:
    """The first letters of a word in ASCII, in small letters."""
    return anyascii(word).lower()[:STEM_LETTERS]


@lru_cache(CACHED_WORDS)
def name_form(word: str) -> str:
    """The consonants of a word in a name, which transcriptions and case endings leave alone; empty for too few letters.

    "Salnikow", "Сальников" and "Сальникова" have one form.
    """
    latin = anyascii(word).lower().replace("'", "").replace("w", "v").replace("ph", "f").replace("q", "k")
    form = _DOUBLE.sub(r"\1", _VOWEL.sub("", _SIBILANT.sub("s", latin)))
    return form if len(form) > 2 else latin if len(latin) > 2 else ""
