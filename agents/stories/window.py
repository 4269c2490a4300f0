"""The fingerprints of the articles in the window, with an index of their sequences of words and of their terms.

All arrays have one row for each article that the window can hold, so that the memory has a limit by construction. A new
article takes the row of the oldest one. Memory is taken when a row is first written.

The index is a hash table whose buckets have WAYS places. A new entry takes the place of the oldest one in its bucket,
and nothing is ever removed. So the time for an article does not grow with the window. An entry may be of an article
that has left the window, or of another key: it only brings a candidate that is then compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.stories.fingerprint import SKETCH, TERMS, Fingerprint, Hashes

# Hashes of a sketch in the index, the smallest ones. Two texts that share three tenths of their sequences have two of
# these in common with a probability of 0.998.
SKETCH_KEYS = 24
KEYS = SKETCH_KEYS + TERMS
# Places of a bucket, half of which are used when the window is full. Of a key that many articles have, the newest
# entries stay.
WAYS = 16
# Bits of an entry: the row, and a part of the key that tells it from the other keys of its bucket.
_TAG_BITS = 10
_TAG = np.uint32((1 << _TAG_BITS) - 1)
_ROW_SHIFT, _AGE_BITS = np.uint32(_TAG_BITS), 32 - _TAG_BITS
MOST_ROWS = 1 << _AGE_BITS
# Counters of the articles that have a term. Terms that share one count as more frequent than they are.
_COUNTERS = 1 << 20
_COUNTER = np.uint32(_COUNTERS - 1)
# Bytes of memory for an article: its row in each array, its share of the table, and its strings in Python.
BYTES = 4 * SKETCH + 4 * TERMS + 8 * KEYS + KEYS // 8 + 8 + 8 + 2 + 400
# A term's articles are compared with at least this many articles. A window that is almost empty does not know yet which
# words are rare.
_LEAST_ARTICLES = 64
# Steps of a rarity in a factor of two.
_STEPS = 16
_MOST_COUNTED = 1 << 16
# By the number of articles.
_LOGARITHMS = np.array([round(_STEPS * math.log2(number + 1)) for number in range(_MOST_COUNTED)], np.int64)
# One number adds up the entries of an article: from bit 0 on the rarities of the common terms, from bit 20 on their
# number, from bit 31 on the number of common sequences of words. An article has at most WAYS entries of each key, so no
# sum runs over. From bit 40 on stands the age of the article, counted in articles.
_TERM, _SEQUENCE, _AGE_SHIFT = 1 << 20, 1 << 31, 40
_RARITIES, _TERMS, _EVIDENCE = _TERM - 1, _SEQUENCE - _TERM, (1 << _AGE_SHIFT) - 1

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Candidates:
    """Articles of the window that may be like another one, by their rows.

    Attributes:
        edits: those with common sequences of words, the most first.
        reports: those with common terms, the rarest first.
    """

    edits: Rows
    reports: Rows


class Window:
    """The articles of the last hours, oldest first.

    Args:
        capacity: most articles; at most MOST_ROWS.
        dimensions: of the embeddings; 0 where there are none.

    Attributes:
        live: the number of articles.
        digests, times: of each row; times in milliseconds.
        terms: the terms of each row, with 0 in unused places.
        embeddings: the embedding of each row; 0 where an article has none.
    """

    def __init__(self, capacity: int, dimensions: int = 0) -> None:
        self.capacity = min(capacity, MOST_ROWS)
        self.live = 0
        self._next = 0
        self.digests = np.zeros(self.capacity, np.uint64)
        self.times = np.zeros(self.capacity, np.int64)
        self.terms = np.zeros((self.capacity, TERMS), np.uint32)
        self.embeddings = np.zeros((self.capacity, dimensions), np.int8)
        self._sketches = np.zeros((self.capacity, SKETCH), np.uint32)
        self._sketch_sizes = np.zeros(self.capacity, np.uint16)
        # On average half of a bucket is of articles in the window.
        self._buckets = max(1, self.capacity * KEYS * 2 // WAYS)
        self._entries = np.zeros((self._buckets, WAYS), np.uint32)
        # The place in each bucket that the next entry takes; it runs over at 256, a multiple of WAYS.
        self._ways = np.zeros(self._buckets, np.uint8)
        self._counts = np.zeros(_COUNTERS, np.int32)

    @property
    def oldest(self) -> int:
        """The row of the oldest article. There has to be one."""
        return (self._next - self.live) % self.capacity

    @property
    def newest(self) -> int:
        """The row of the newest article. There has to be one."""
        return (self._next - 1) % self.capacity

    @property
    def is_full(self) -> bool:
        """Whether the next article takes the row of the oldest one."""
        return self.live == self.capacity

    def sketches(self, rows: Rows) -> tuple[Hashes, NDArray[np.uint16]]:
        """The sketches of articles, a row for each, and their sizes. The values behind a sketch are not defined."""
        return self._sketches.take(rows, axis=0), self._sketch_sizes.take(rows)

    def add(self, article: Fingerprint, time_ms: int) -> int:
        """Add an article and return its row. The window must not be full."""
        row = self._next
        self.digests[row], self.times[row] = article.digest, time_ms
        self._sketch_sizes[row] = len(article.sketch)
        self._sketches[row, : len(article.sketch)] = article.sketch
        self.terms[row] = 0
        self.terms[row, : len(article.terms)] = article.terms
        # Of a state that another encoder left, or none, the embeddings do not count.
        fits = len(article.embedding) == self.embeddings.shape[1]
        self.embeddings[row] = article.embedding if fits else 0
        keys = _keys(article)
        buckets = self._bucket(keys)
        ways = self._ways[buckets]
        self._entries[buckets, ways % WAYS] = np.uint32(row << _TAG_BITS) | (keys & _TAG)
        self._ways[buckets] = ways + np.uint8(1)
        self._counts[article.terms & _COUNTER] += 1
        self._next = (row + 1) % self.capacity
        self.live += 1
        return row

    def drop_oldest(self) -> int:
        """Forget the oldest article and return its row."""
        row = self.oldest
        terms = self.terms[row]
        self._counts[terms[terms > 0] & _COUNTER] -= 1
        self.live -= 1
        return row

    def rarity(self, terms: Hashes) -> NDArray[np.int64]:
        """How rare terms are in the window: whole steps, _STEPS for each halving of the articles that have them.

        Whole numbers, so that every machine decides the same way.
        """
        highest = _LOGARITHMS[min(max(self.live, _LEAST_ARTICLES), len(_LOGARITHMS) - 1)]
        counts = self._counts.take(terms & _COUNTER, mode="clip")
        rarity: NDArray[np.int64] = np.maximum(highest - _LOGARITHMS.take(counts, mode="clip"), 0)
        return rarity

    def candidates(self, article: Fingerprint, most_edits: int, most_reports: int) -> Candidates:
        """The articles that share most sequences of words, and those that share the rarest terms."""
        keys = _keys(article)
        sequences = len(keys) - len(article.terms)
        evidence = np.full(len(keys), _SEQUENCE, np.int64)
        evidence[sequences:] = self.rarity(article.terms) + _TERM
        ages, found = self._found(keys, evidence)
        # One common sequence is chance, unless the text has no more.
        is_edit, is_report = found >= min(2, sequences) * _SEQUENCE, (found & _TERMS) > 0
        edits = _heaviest(ages[is_edit], found[is_edit] // _SEQUENCE, most_edits)
        reports = _heaviest(ages[is_report], found[is_report] & _RARITIES, most_reports)
        return Candidates(self._rows_of(edits), self._rows_of(reports))

    def _found(self, keys: Hashes, evidence: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The ages of the articles that have any of the keys, ascending, and for each the sum of the keys' evidence."""
        entries = self._entries.take(self._bucket(keys), axis=0)
        at = np.flatnonzero(((entries ^ keys[:, None]) & _TAG) == 0)
        ages = (self._next - 1 - (entries.take(at) >> _ROW_SHIFT).astype(np.int64)) % self.capacity
        found = (ages << _AGE_SHIFT) | evidence.take(at // WAYS)
        found = found[ages < self.live]
        if not len(found):
            return found, found
        found.sort()
        ages = found >> _AGE_SHIFT
        is_other = np.ones(len(ages), np.bool_)
        np.not_equal(ages[1:], ages[:-1], out=is_other[1:])
        begins = np.flatnonzero(is_other)
        return ages[begins], np.add.reduceat(found & _EVIDENCE, begins)

    def _rows_of(self, ages: Rows) -> Rows:
        return (self._next - 1 - ages) % self.capacity

    def _bucket(self, keys: Hashes) -> NDArray[np.int64]:
        # Fibonacci hashing (Knuth, The Art of Computer Programming 3, section 6.4), scaled to the number of buckets.
        buckets = (keys * np.uint32(2_654_435_769)).astype(np.uint64) * np.uint64(self._buckets) >> np.uint64(32)
        return buckets.view(np.int64)


def _keys(article: Fingerprint) -> Hashes:
    return np.concatenate((article.sketch[:SKETCH_KEYS], article.terms))


def _heaviest(ages: Rows, weights: NDArray[np.int64], most: int) -> Rows:
    """The ages of the articles of the highest weights. Of articles that weigh as much the newest comes first."""
    # Numbers are sorted faster than `np.argsort` finds their order.
    order = ages - (weights << _AGE_BITS)
    order.sort()
    return order[:most] & (MOST_ROWS - 1)
