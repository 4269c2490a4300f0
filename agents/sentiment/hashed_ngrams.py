"""Hashed n-grams of letters and words, the features of the sentiment model."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

# Lengths of the n-grams of letters, which stay inside a word and its two edges, and of the n-grams of words.
LETTERS, WORDS = range(2, 6), range(1, 3)
# The kinds of word n-grams are numbered from here: no length of a letter n-gram reaches it.
_WORD_KIND = 0x100
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64

Keys = NDArray[np.uint32]
Rows = NDArray[np.int64]


def hash_ngrams(passages: Sequence[Sequence[str]]) -> tuple[Rows, Keys]:
    """The distinct n-grams of each passage: the number of the passage, and a stable 32-bit hash of the n-gram."""
    words = [word for passage in passages for word in passage]
    if not words:
        return np.empty(0, np.int64), np.empty(0, np.uint32)
    passage_of_word = np.repeat(np.arange(len(passages)), [len(passage) for passage in passages])
    spaces, hash_substrings = _substring_hashes(words)
    word = np.repeat(np.arange(len(words)), np.diff(spaces))
    start = np.arange(spaces[-1])
    rows, keys = [], []
    for n in LETTERS:
        inside_word = start + n <= spaces[word + 1] + 1
        rows.append(passage_of_word[word[inside_word]])
        keys.append(hash_substrings(start[inside_word], start[inside_word] + n, n))
    for n in WORDS:
        in_one_passage = np.flatnonzero(passage_of_word[: len(words) - n + 1] == passage_of_word[n - 1 :])
        rows.append(passage_of_word[in_one_passage])
        keys.append(hash_substrings(spaces[in_one_passage], spaces[in_one_passage + n] + 1, _WORD_KIND + n))
    # One sort of rows and keys together takes a quarter of the time of np.unique, which hashes first.
    pairs = np.sort(np.concatenate(rows) << 32 | np.concatenate(keys).astype(np.int64))
    distinct = pairs[np.diff(pairs, prepend=-1) != 0]
    return distinct >> 32, (distinct & 0xFFFFFFFF).astype(np.uint32)


def hash_words(words: Sequence[str]) -> Keys:
    """The hash that `hash_ngrams` gives to each word alone."""
    spaces, hash_substrings = _substring_hashes(words)
    return hash_substrings(spaces[:-1], spaces[1:] + 1, _WORD_KIND + 1)


def _substring_hashes(words: Sequence[str]) -> tuple[Rows, Callable[[Rows, Rows, int], Keys]]:
    """The offsets of the spaces around words, and a function that hashes substrings by their starts, ends and kind.

    The hashes come from the prefix sums of a polynomial modulo 2^64, all of them at once (Karp and Rabin, 1987).
    """
    code_points = np.frombuffer((" " + " ".join(words) + " ").encode("utf-32-le", "surrogatepass"), np.uint32)
    spaces = np.concatenate([[0], np.cumsum(np.fromiter(map(len, words), np.int64, len(words)) + 1)])
    power, inverse = _powers(1 << len(code_points).bit_length())
    terms = _mix(code_points.astype(np.uint64)) * power[: len(code_points)]
    prefix_sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(terms)])

    def hash_substrings(start: Rows, end: Rows, kind: int) -> Keys:
        polynomial = (prefix_sums[end] - prefix_sums[start]) * inverse[start]
        return (_mix(polynomial ^ np.uint64(kind)) >> np.uint64(32)).astype(np.uint32)

    return spaces, hash_substrings


@functools.lru_cache(4)
def _powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The first powers of the base, and of its inverse, modulo 2^64."""
    power, inverse = np.full(size, _BASE, np.uint64), np.full(size, pow(_BASE, -1, 1 << 64), np.uint64)
    power[0] = inverse[0] = 1
    return np.cumprod(power), np.cumprod(inverse)


def _mix(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of the result depends on every bit of `value` (finaliser of SplitMix64; Steele and others, 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
