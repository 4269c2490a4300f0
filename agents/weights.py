"""The trained sentiment model: the weights of each language, and the probabilities that they give to passages."""

from __future__ import annotations

import functools
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.features import Keys, lexicon, ngrams
from agents.passages import is_word
from streams.errors import TelexError

FILE = Path(__file__).parent / "models" / "sentiment.npz"
# A passage with fewer words counts as having so many: one strong word alone is no strong passage.
FEWEST = 8
# The rarity of an n-gram is stored in steps of 1/20, in a byte: it lies between 1 and 10.
RARITY = 20

Rows = NDArray[np.int64]
Sums = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """Weights of hashed features, three a feature: negative, neutral, positive.

    Attributes:
        keys: the hashes, ascending.
        weights: of each hash, in steps of `step`.
    """

    keys: Keys
    weights: NDArray[np.int8]
    step: float

    def find(self, keys: Keys) -> tuple[Rows, NDArray[np.bool_]]:
        """Where the hashes stand that the table has, and which of `keys` they are."""
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[at] == keys
        return at[known], known

    def sums(self, at: Rows, rows: Rows, count: int) -> Sums:
        """The summed weights of the features `at`, for each of `count` passages."""
        weights = self.weights[at].astype(np.float64)
        summed = [np.bincount(rows, weights[:, label], count) for label in range(3)]
        return np.stack(summed, axis=1, dtype=np.float64) * np.float64(self.step)


@dataclass(frozen=True)
class Weights:
    """What was learnt for one language.

    Attributes:
        ngrams: weights of the n-grams that its labelled texts have.
        rarity: inverse document frequency of each of them.
        words: weights of many more words, learnt through word vectors; None where there are none.
        concepts: weights of the lexicon's concepts, then of the same under a negation.
        bias, scale: of the calibration: probabilities are softmax(scale * logits + bias).
    """

    ngrams: Table
    rarity: NDArray[np.float64]
    words: Table | None
    concepts: Sums
    bias: Sums
    scale: float

    def logits(self, passages: Sequence[Sequence[str]], language: str) -> Sums:
        """The weight of each label in each passage, before calibration."""
        count = len(passages)
        rows, keys = ngrams(passages)
        at, known = self.ngrams.find(keys)
        # An n-gram that was never seen is as rare as the rarest: a passage of mostly unknown ones is weighed lightly.
        squares = (
            np.bincount(rows[known], self.rarity[at] ** 2, count) + np.bincount(rows[~known], minlength=count) * self.rarity.max() ** 2
        )
        logits: Sums = self.ngrams.sums(at, rows[known], count) / np.sqrt(np.maximum(squares, 1.0))[:, None]
        if self.words:
            at, known = self.words.find(keys)
            logits += self.words.sums(at, rows[known], count) / np.maximum(np.bincount(rows[known], minlength=count), 1)[:, None]
        own = lexicon(language)
        for row, passage in enumerate(passages):
            if found := own.weigh(passage):
                logits[row] += self.concepts[found].sum(axis=0) / concept_norm(passage)
        return logits

    def probabilities(self, passages: Sequence[Sequence[str]], language: str) -> Sums:
        """The calibrated probability of negative, neutral and positive in each passage."""
        return softmax(self.scale * self.logits(passages, language) + self.bias)


def concept_norm(passage: Sequence[str]) -> float:
    """What the concepts of a passage are divided by: the square root of its words."""
    return float(np.sqrt(max(FEWEST, sum(map(is_word, passage)))))


def softmax(logits: Sums) -> Sums:
    """Probabilities from logits, row by row."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


@functools.cache
def load() -> dict[str, Weights]:
    """The weights of every language that the model was trained on (ISO 639-1). Raises TelexError when the file is no model."""
    try:
        with np.load(FILE, allow_pickle=False) as arrays:
            return {code: _weights(arrays, code) for code in map(str, arrays["languages"])}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise TelexError(f"The sentiment model {FILE} cannot be read ({error}): install Telex again.") from error


def _weights(arrays: np.lib.npyio.NpzFile, code: str) -> Weights:
    calibration = arrays[f"{code}.calibration"].astype(np.float64)
    return Weights(
        ngrams=_table(arrays, f"{code}.ngrams"),
        rarity=arrays[f"{code}.rarity"].astype(np.float64) / RARITY,
        words=_table(arrays, f"{code}.words") if f"{code}.words.keys" in arrays else None,
        concepts=arrays[f"{code}.concepts"].astype(np.float64),
        bias=calibration[:3],
        scale=float(calibration[3]),
    )


def _table(arrays: np.lib.npyio.NpzFile, name: str) -> Table:
    return Table(arrays[f"{name}.keys"], arrays[f"{name}.weights"], float(arrays[f"{name}.step"]))
