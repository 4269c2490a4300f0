"""The trained sentiment model: weights for each language, and the probabilities of passages by these weights."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.model_files import open_model_file
from agents.sentiment.hashed_ngrams import Keys, hash_ngrams
from agents.sentiment.lexicon import lexicon
from agents.sentiment.passages import Passage
from agents.sentiment.phrase_network import PhraseNetwork

FILE = Path(__file__).parents[1] / "models" / "sentiment.npz"
# A passage with fewer words counts as one of so many: one strong word alone is not a strong passage.
MIN_WORDS = 8
# The inverse document frequency (IDF) of an n-gram lies between 1 and 10. It is stored in a byte, in steps of 1/20.
IDF_STEPS = 20

Rows = NDArray[np.int64]
Sums = NDArray[np.float64]


@dataclass(frozen=True)
class WeightTable:
    """Weights of hashed features. Each feature has three: negative, neutral, positive.

    Attributes:
        keys: the hashes, ascending.
        weights: of each hash, in multiples of `step`.
    """

    keys: Keys
    weights: NDArray[np.int8]
    step: float

    def find(self, keys: Keys) -> tuple[Rows, NDArray[np.bool_]]:
        """The positions in the table of the hashes that it has, and which of `keys` these are."""
        positions = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[positions] == keys
        return positions[known], known

    def sums(self, positions: Rows, rows: Rows, count: int) -> Sums:
        """The summed weights of features in each of `count` passages.

        Args:
            positions: of the features in the table.
            rows: the number of the passage of each feature.
            count: the number of passages.
        """
        weights = self.weights[positions].astype(np.float64)
        sums = [np.bincount(rows, weights[:, label], count) for label in range(3)]
        return np.stack(sums, axis=1, dtype=np.float64) * np.float64(self.step)


@dataclass(frozen=True)
class Calibration:
    """Turns the logits of one language into calibrated probabilities.

    Attributes:
        bias: of each label.
        scales: of the linear logits (n-grams and lexicon), and of the network's.
        doubt: the share of texts whose words do not show their label, however clear they look. Without it, answers with
            a confidence of 0.95 are right in 0.88 of the cases.
    """

    bias: Sums
    scales: Sums
    doubt: float

    def probabilities(self, linear: Sums, network: Sums) -> Sums:
        """The probability of each label in each passage."""
        confident = softmax(self.scales[0] * linear + self.scales[1] * network + self.bias)
        calibrated: Sums = (1 - self.doubt) * confident + self.doubt / confident.shape[1]
        return calibrated


@dataclass(frozen=True)
class LanguageWeights:
    """The trained weights of one language.

    Attributes:
        ngram_weights: of the n-grams in its labelled texts.
        idf: the inverse document frequency of each of these n-grams.
        lexicon_weights: of the lexicon's concepts, then of the same concepts under a negation.
        network: the network, which all languages share.
        calibration: turns the logits into probabilities.
    """

    ngram_weights: WeightTable
    idf: NDArray[np.float64]
    lexicon_weights: Sums
    network: PhraseNetwork
    calibration: Calibration

    def logits(self, passages: Sequence[Passage], language: str) -> tuple[Sums, Sums]:
        """The logits of each label in each passage: of n-grams and lexicon, and of the network."""
        return self._linear_logits(passages, language), self.network.logits([passage.tokens for passage in passages])

    def _linear_logits(self, passages: Sequence[Passage], language: str) -> Sums:
        count = len(passages)
        rows, keys = hash_ngrams([passage.tokens for passage in passages])
        positions, known = self.ngram_weights.find(keys)
        # An unknown n-gram is as rare as the rarest known one, so a passage of mostly unknown n-grams has small logits.
        squares = (
            np.bincount(rows[known], self.idf[positions] ** 2, count)
            + np.bincount(rows[~known], minlength=count) * self.idf.max() ** 2
        )
        logits: Sums = (
            self.ngram_weights.sums(positions, rows[known], count) / np.sqrt(np.maximum(squares, 1.0))[:, None]
        )
        language_lexicon = lexicon(language)
        for row, passage in enumerate(passages):
            if concepts := language_lexicon.concepts_in(passage.tokens):
                logits[row] += self.lexicon_weights[concepts].sum(axis=0) / lexicon_norm(len(passage.words))
        return logits

    def probabilities(self, passages: Sequence[Passage], language: str) -> Sums:
        """The calibrated probability of negative, neutral and positive in each passage."""
        return self.calibration.probabilities(*self.logits(passages, language))


def lexicon_norm(word_count: int) -> float:
    """The divisor of the lexicon's logits in a passage: the square root of its number of words."""
    return float(np.sqrt(max(MIN_WORDS, word_count)))


def softmax(logits: Sums) -> Sums:
    """Probabilities from logits, row by row."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


@functools.cache
def load() -> dict[str, LanguageWeights]:
    """Load the weights of all languages (ISO 639-1). Raises TelexError when the file cannot be read."""
    with open_model_file(FILE, "sentiment model") as arrays:
        network = _network(arrays)
        return {code: _language_weights(arrays, code, network) for code in map(str, arrays["languages"])}


def _language_weights(arrays: np.lib.npyio.NpzFile, code: str, network: PhraseNetwork) -> LanguageWeights:
    calibration = arrays[f"{code}.calibration"].astype(np.float64)
    return LanguageWeights(
        ngram_weights=WeightTable(
            arrays[f"{code}.ngrams.keys"], arrays[f"{code}.ngrams.weights"], float(arrays[f"{code}.ngrams.step"])
        ),
        idf=arrays[f"{code}.rarity"].astype(np.float64) / IDF_STEPS,
        lexicon_weights=arrays[f"{code}.concepts"].astype(np.float64),
        network=network,
        calibration=Calibration(calibration[:3], calibration[3:5], float(calibration[5])),
    )


def _network(arrays: np.lib.npyio.NpzFile) -> PhraseNetwork:
    return PhraseNetwork(
        keys=arrays["phrases.keys"],
        vectors=arrays["phrases.vectors"],
        filters=arrays["phrases.filters"].astype(np.float32),
        threshold=arrays["phrases.threshold"].astype(np.float32),
        outputs=[arrays[f"phrases.outputs.{part}"].astype(np.float64) for part in range(3)],
        steps=arrays["phrases.steps"],
    )
