"""What the words of a passage say together: a small convolutional network over word vectors, in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.sentiment.features import Keys, word_keys

# A passage with fewer words counts as having so many: one strong word alone is no strong passage.
FEWEST = 6

Sums = NDArray[np.float64]
Whole = NDArray[np.float32]


@dataclass(frozen=True)
class Phrases:
    """The network: each word with its neighbours goes through filters; their means and maxima over a passage are weighed.

    All numbers in it are whole and small, so that every sum is exact in floating point, and with it the same in any order, on any
    processor and whatever is read beside it: 127 * 127 * 3 neighbours * 48 dimensions are less than 2^24.

    Attributes:
        keys: hashes of the words of all languages, ascending.
        vectors: of each word, int8.
        filters: by neighbour (left, the word itself, right), dimension and filter, from -127 to 127.
        threshold: of each filter; what does not reach it counts as nothing.
        outputs: what the mean vector, the mean answer of each filter and the largest one add to negative, neutral and positive.
        steps: what 1 in each of these three comes to.
    """

    keys: Keys
    vectors: NDArray[np.int8]
    filters: Whole
    threshold: Whole
    outputs: Sequence[Sums]
    steps: Sums

    def logits(self, passages: Sequence[Sequence[str]]) -> Sums:
        """What is said for negative, neutral and positive in each passage, in any of the languages."""
        words = [word.lstrip("#") or word for passage in passages for word in passage]
        sizes = np.array([len(passage) for passage in passages], np.int64)
        # A row of zeros stands before each passage, and one behind the last: no word is a neighbour of one in another passage.
        starts = np.concatenate([[0], np.cumsum(sizes + 1)[:-1]])
        row = np.arange(len(words)) + np.repeat(np.arange(len(passages)), sizes) + 1
        found = np.searchsorted(self.keys, keys := word_keys(words)).clip(max=len(self.keys) - 1)
        known = self.keys[found] == keys
        said = np.zeros((len(words) + len(passages) + 1, self.vectors.shape[1]), np.float32)
        said[row[known]] = self.vectors[found[known]]
        present = np.zeros((len(said), 1), np.float32)
        present[row[known]] = 1
        answer = said @ self.filters[1] - self.threshold
        answer[1:] += said[:-1] @ self.filters[0]
        answer[:-1] += said[1:] @ self.filters[2]
        answer = np.maximum(answer, 0) * present
        number = np.maximum(np.add.reduceat(present, starts, dtype=np.float64), FEWEST)
        parts: list[Sums] = [
            np.add.reduceat(said, starts, dtype=np.float64) @ self.outputs[0] / number,
            np.add.reduceat(answer, starts, dtype=np.float64) @ self.outputs[1] / number,
            np.maximum.reduceat(answer, starts).astype(np.float64) @ self.outputs[2],
        ]
        logits: Sums = parts[0] * self.steps[0] + parts[1] * self.steps[1] + parts[2] * self.steps[2]
        return logits
