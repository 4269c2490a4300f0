"""The trained sentiment model: the weights of each language, and the probabilities that they give to passages."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.arrays import stored
from agents.sentiment.features import Keys, lexicon, ngrams
from agents.sentiment.passages import is_word
from agents.sentiment.phrases import Phrases

FILE = Path(__file__).parents[1] / "models" / "sentiment.npz"
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
class Calibration:
    """How much the n-grams and concepts, and the network, count in one language, and how sure the answer is.

    Attributes:
        bias: of each label.
        scales: of the n-grams and concepts, and of the network.
        doubt: the part of the texts of which the words say nothing, however clear they are: without it, answers that are 0.95 sure
            are right in 0.88 of the cases.
    """

    bias: Sums
    scales: Sums
    doubt: float

    def probabilities(self, linear: Sums, network: Sums) -> Sums:
        """The probability of each label in each passage."""
        found = softmax(self.scales[0] * linear + self.scales[1] * network + self.bias)
        doubted: Sums = (1 - self.doubt) * found + self.doubt / found.shape[1]
        return doubted


@dataclass(frozen=True)
class Weights:
    """What was learnt for one language.

    Attributes:
        ngrams: weights of the n-grams that its labelled texts have.
        rarity: inverse document frequency of each of them.
        concepts: weights of the lexicon's concepts, then of the same under a negation.
        phrases: the network, which all languages share.
        calibration: what turns both into probabilities.
    """

    ngrams: Table
    rarity: NDArray[np.float64]
    concepts: Sums
    phrases: Phrases
    calibration: Calibration

    def logits(self, passages: Sequence[Sequence[str]], language: str) -> tuple[Sums, Sums]:
        """What speaks for each label in each passage, before calibration: the n-grams and concepts, and the network."""
        return self._ngrams_and_concepts(passages, language), self.phrases.logits(passages)

    def _ngrams_and_concepts(self, passages: Sequence[Sequence[str]], language: str) -> Sums:
        count = len(passages)
        rows, keys = ngrams(passages)
        at, known = self.ngrams.find(keys)
        # An n-gram that was never seen is as rare as the rarest: a passage of mostly unknown ones is weighed lightly.
        squares = (
            np.bincount(rows[known], self.rarity[at] ** 2, count)
            + np.bincount(rows[~known], minlength=count) * self.rarity.max() ** 2
        )
        logits: Sums = self.ngrams.sums(at, rows[known], count) / np.sqrt(np.maximum(squares, 1.0))[:, None]
        own = lexicon(language)
        for row, passage in enumerate(passages):
            if found := own.weigh(passage):
                logits[row] += self.concepts[found].sum(axis=0) / concept_norm(passage)
        return logits

    def probabilities(self, passages: Sequence[Sequence[str]], language: str) -> Sums:
        """The calibrated probability of negative, neutral and positive in each passage."""
        return self.calibration.probabilities(*self.logits(passages, language))


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
    with stored(FILE, "sentiment model") as arrays:
        phrases = _phrases(arrays)
        return {code: _weights(arrays, code, phrases) for code in map(str, arrays["languages"])}


def _weights(arrays: np.lib.npyio.NpzFile, code: str, phrases: Phrases) -> Weights:
    calibration = arrays[f"{code}.calibration"].astype(np.float64)
    return Weights(
        ngrams=Table(
            arrays[f"{code}.ngrams.keys"], arrays[f"{code}.ngrams.weights"], float(arrays[f"{code}.ngrams.step"])
        ),
        rarity=arrays[f"{code}.rarity"].astype(np.float64) / RARITY,
        concepts=arrays[f"{code}.concepts"].astype(np.float64),
        phrases=phrases,
        calibration=Calibration(calibration[:3], calibration[3:5], float(calibration[5])),
    )


def _phrases(arrays: np.lib.npyio.NpzFile) -> Phrases:
    return Phrases(
        keys=arrays["phrases.keys"],
        vectors=arrays["phrases.vectors"],
        filters=arrays["phrases.filters"].astype(np.float32),
        threshold=arrays["phrases.threshold"].astype(np.float32),
        outputs=[arrays[f"phrases.outputs.{part}"].astype(np.float64) for part in range(3)],
        steps=arrays["phrases.steps"],
    )
