"""The sentiment of words with their neighbours: a small convolutional network over word vectors, in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.sentiment.hashed_ngrams import Keys, hash_words

# A passage with fewer words counts as one of so many: one strong word alone is not a strong passage.
MIN_WORDS = 6

Sums = NDArray[np.float64]
Whole = NDArray[np.float32]


@dataclass(frozen=True)
class PhraseNetwork:
    """The network: filters over each word and its neighbours, then weights for their means and maxima over a passage.

    All its numbers are whole and small, so every sum is exact in floating point: 127 * 127 * 3 neighbours * 48
    dimensions are less than 2^24. The result is therefore the same in any order, on any processor and together with any
    other passage.

    Attributes:
        keys: hashes of the words of all languages, ascending.
        vectors: of each word, int8.
        filters: by neighbour (left, the word itself, right), dimension and filter, from -127 to 127.
        threshold: of each filter; a smaller answer counts as 0.
        outputs: weights for negative, neutral and positive, of the mean vector, the mean answer and the largest answer
            of each filter.
        steps: the value of 1 in each of these three outputs.
    """

    keys: Keys
    vectors: NDArray[np.int8]
    filters: Whole
    threshold: Whole
    outputs: Sequence[Sums]
    steps: Sums

    def logits(self, passages: Sequence[Sequence[str]]) -> Sums:
        """Logits of negative, neutral and positive for each passage, in any of the languages."""
        words = [word.lstrip("#") or word for passage in passages for word in passage]
        sizes = np.array([len(passage) for passage in passages], np.int64)
        # A row of zeros stands before each passage and behind the last one, so words of different passages are no
        # neighbours.
        starts = np.concatenate([[0], np.cumsum(sizes + 1)[:-1]])
        row_of_word = np.arange(len(words)) + np.repeat(np.arange(len(passages)), sizes) + 1
        word_keys = hash_words(words)
        positions = np.searchsorted(self.keys, word_keys).clip(max=len(self.keys) - 1)
        known = self.keys[positions] == word_keys
        vectors = np.zeros((len(words) + len(passages) + 1, self.vectors.shape[1]), np.float32)
        vectors[row_of_word[known]] = self.vectors[positions[known]]
        present = np.zeros((len(vectors), 1), np.float32)
        present[row_of_word[known]] = 1
        answers = vectors @ self.filters[1] - self.threshold
        answers[1:] += vectors[:-1] @ self.filters[0]
        answers[:-1] += vectors[1:] @ self.filters[2]
        answers = np.maximum(answers, 0) * present
        word_counts = np.maximum(np.add.reduceat(present, starts, dtype=np.float64), MIN_WORDS)
        parts: list[Sums] = [
            np.add.reduceat(vectors, starts, dtype=np.float64) @ self.outputs[0] / word_counts,
            np.add.reduceat(answers, starts, dtype=np.float64) @ self.outputs[1] / word_counts,
            np.maximum.reduceat(answers, starts).astype(np.float64) @ self.outputs[2],
        ]
        logits: Sums = parts[0] * self.steps[0] + parts[1] * self.steps[1] + parts[2] * self.steps[2]
        return logits
