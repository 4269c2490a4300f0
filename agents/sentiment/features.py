"""What the sentiment model weighs in a passage: hashed n-grams of letters and words, and the concepts of a lexicon."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LETTERS = range(2, 6)  # n of the n-grams of letters, which stay inside a word and its two edges
WORDS = range(1, 3)
_WORD = 0x100  # the kinds of n-grams of words, which no n of letters reaches
NEGATION = "negation"
# A negation turns the concepts in so many words after it.
REACH = 3
# No word of the lexicon is longer than this; the beginning of a longer one says as much.
LONGEST = 40
LEXICON = Path(__file__).parents[1] / "models" / "lexicon.tsv"

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_ARABIC_PREFIX = re.compile("(?:[وف])?(?:[بكل])?(?:ال|ل)?(?=..)")
Keys = NDArray[np.uint32]
Rows = NDArray[np.int64]


def ngrams(passages: Sequence[Sequence[str]]) -> tuple[Rows, Keys]:
    """The n-grams of all passages, each once a passage: the passage's number, and a stable 32-bit hash of the n-gram."""
    words = [word for passage in passages for word in passage]
    if not words:
        return np.empty(0, np.int64), np.empty(0, np.uint32)
    owner = np.repeat(np.arange(len(passages)), [len(passage) for passage in passages])
    edge, key = _substrings(words)
    word = np.repeat(np.arange(len(words)), np.diff(edge))
    start = np.arange(edge[-1])
    rows, keys = [], []
    for n in LETTERS:
        inside = start + n <= edge[word + 1] + 1
        rows.append(owner[word[inside]])
        keys.append(key(start[inside], start[inside] + n, n))
    for n in WORDS:
        same = np.flatnonzero(owner[: len(words) - n + 1] == owner[n - 1 :])
        rows.append(owner[same])
        keys.append(key(edge[same], edge[same + n] + 1, _WORD + n))
    found = np.sort(np.concatenate(rows) << 32 | np.concatenate(keys).astype(np.int64))
    once = found[np.diff(found, prepend=-1) != 0]  # np.unique hashes first, which takes four times as long
    return once >> 32, (once & 0xFFFFFFFF).astype(np.uint32)


def word_keys(words: Sequence[str]) -> Keys:
    """The hash that `ngrams` gives to each word alone."""
    edge, key = _substrings(words)
    return key(edge[:-1], edge[1:] + 1, _WORD + 1)


def _substrings(words: Sequence[str]) -> tuple[Rows, Callable[[Rows, Rows, int], Keys]]:
    """Words between spaces: where the spaces stand, and a function that hashes substrings by their starts, ends and kind.

    The hashes come from the prefix sums of a polynomial modulo 2^64, all of them at once (Karp and Rabin, 1987).
    """
    points = np.frombuffer((" " + " ".join(words) + " ").encode("utf-32-le", "surrogatepass"), np.uint32).astype(
        np.uint64
    )
    edge = np.concatenate([[0], np.cumsum(np.fromiter(map(len, words), np.int64, len(words)) + 1)])
    power, inverse = _powers(1 << len(points).bit_length())
    prefix = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_mix(points) * power[: len(points)])])

    def key(start: Rows, end: Rows, kind: int) -> Keys:
        return (_mix((prefix[end] - prefix[start]) * inverse[start] ^ np.uint64(kind)) >> np.uint64(32)).astype(
            np.uint32
        )

    return edge, key


@dataclass(frozen=True)
class Lexicon:
    """Words of one language for the concepts that all languages share.

    Attributes:
        names: of the concepts, in the order of their numbers.
        polarity: of each concept: 1 positive, -1 negative, 0 a negation.
        whole: words to the numbers of their concepts.
        stems: beginnings of words to the numbers of their concepts.
    """

    names: list[str]
    polarity: list[int]
    whole: dict[str, int]
    stems: dict[str, int]
    language: str

    def concept(self, word: str) -> int | None:
        """The number of the word's concept: of the whole word, else of its longest stem."""
        word = word.lstrip("#")
        if self.language == "ar" and (prefix := _ARABIC_PREFIX.match(word)) and prefix.end() and word not in self.whole:
            word = word[prefix.end() :]
        if (found := self.whole.get(word)) is not None:
            return found
        return next(
            (self.stems[word[:end]] for end in range(min(len(word), 16), 2, -1) if word[:end] in self.stems), None
        )

    def weigh(self, passage: Sequence[str]) -> list[int]:
        """The concepts in a passage: the number of each, plus the number of concepts for one that a negation turns."""
        found, negated = [], 0
        for word in passage:
            number = _concept(self.language, word[:LONGEST])
            if number is not None and not self.polarity[number]:
                negated = REACH + 1
            elif number is not None:
                found.append(number + len(self.names) * (negated > 0))
            negated -= negated > 0
        return found


@functools.lru_cache(50_000)
def _concept(language: str, word: str) -> int | None:
    """A word of an article comes again; looking for its stem takes a fifth of the time that an article does."""
    return lexicon(language).concept(word)


@functools.cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language (ISO 639-1); emoji and emoticons, which stand with English, are in every one."""
    header, *lines = [line.split("\t") for line in LEXICON.read_text(encoding="utf-8").splitlines()]
    column = header.index(language)
    whole: dict[str, int] = {}
    stems: dict[str, int] = {}
    for number, line in enumerate(lines):
        for entry in line[header.index("en") if line[0].startswith("emoji") else column].split():
            if entry.endswith("*") or language == "ar":
                stems.setdefault(entry.rstrip("*"), number)
            if not entry.endswith("*"):
                whole.setdefault(entry, number)
    polarity = [{"+": 1, "-": -1}.get(line[1], 0) for line in lines]
    return Lexicon([line[0] for line in lines], polarity, whole, stems, language)


@functools.lru_cache(4)
def _powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The first powers of the base, and of its inverse, modulo 2^64."""
    power, inverse = np.full(size, _BASE, np.uint64), np.full(size, pow(_BASE, -1, 1 << 64), np.uint64)
    power[0] = inverse[0] = 1
    return np.cumprod(power), np.cumprod(inverse)


def _mix(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of the result depends on every bit of `value` (the finaliser of SplitMix64, Steele and others, 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
