"""How well the letters of a text fit each language: for languages that eldc does not know, and for close languages.

The model is distilled from the n-gram models of lingua 1.4.2 (Apache 2.0) by training/distil_language.py: for each
of 56 languages that are written in Latin or Cyrillic letters, it has the likeliest sequences of two, three and four
letters inside a word.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.model_files import open_model_file

MODEL = "telex-language/1"
FILE = Path(__file__).parents[1] / "models" / "language.npz"
LENGTHS = (2, 3, 4)
# A cost is stored in a byte, in steps of 1/16.
STEPS_PER_NAT = 16
# Words are read until they have so many letters: more letters do not improve the answer, and the limit bounds the time.
MAX_LETTERS = 300
# Words whose costs are cached, some 7 MB: three of four words of an article stood in an article before.
CACHED_WORDS = 10_000


# The costs of a word's n-grams in each language of a script, the number of n-grams that the model has, and the number
# of all.
WordCosts = tuple[NDArray[np.int64], int, int]


@dataclass(frozen=True)
class Table:
    """The n-gram costs in the languages of one script. A cost is the negative logarithm of a likelihood, in nats.

    Attributes:
        languages: the languages of the columns (ISO 639-1).
        costs: of each n-gram in each language, in steps of 1/16.
        usual_costs: the mean cost of an n-gram in running text of each language.
    """

    languages: list[str]
    costs: NDArray[np.uint8]
    usual_costs: NDArray[np.float32]


@dataclass(frozen=True)
class Fit:
    """How well some words fit each language of their script.

    Attributes:
        costs: the cost of their n-grams in each language, by its code.
        usual_costs: the usual cost of so many n-grams in each language.
        known_ngrams: the number of their n-grams that the model has.
        unknown_share: the share of their n-grams that the model does not have.
    """

    costs: dict[str, float]
    usual_costs: dict[str, float]
    known_ngrams: int
    unknown_share: float

    def features(self, letters: float) -> tuple[str, list[float]]:
        """The language that fits best, and the features of the probability that it is right.

        Args:
            letters: the weighted letters of the text.
        """
        (code, first), (_, second) = sorted(self.costs.items(), key=lambda item: item[1])[:2]
        lead, length = second - first, math.log(max(letters, 1.0))
        excess = max(min((first - self.usual_costs[code]) / self.known_ngrams, 2.0), -0.5)
        return code, [
            1.0,
            min(lead / math.sqrt(self.known_ngrams), 8.0),
            min(lead, 20.0) / 10,
            excess,
            self.unknown_share,
            length,
            excess * length,
        ]


@dataclass(frozen=True)
class Model:
    """The distilled model.

    Attributes:
        rows: the row of each n-gram in the tables.
        tables: by the name of the script, see `scripts.script_of_letter`.
        weights: of the features of the confidence, in their order.
        word_evidence: by language, the evidence of a word for it and against the close language, in nats.
    """

    rows: dict[str, int]
    tables: dict[str, Table]
    weights: NDArray[np.float64]
    word_evidence: dict[str, dict[str, float]]
    _cached_word_costs: dict[tuple[str, str], WordCosts] = field(default_factory=dict, repr=False)

    def fit(self, words: Sequence[str], script: str) -> Fit | None:
        """How well words fit each language of the script; None when the model has none of their n-grams.

        Args:
            words: in lower case; the first ones count, see `MAX_LETTERS`.
            script: the script of the words, such as Latin.
        """
        table = self.tables.get(script)
        if not table:
            return None
        costs, known_ngrams, ngrams, letters = np.zeros(len(table.languages), np.int64), 0, 0, 0
        for word in words:
            word_costs, known_in_word, ngrams_in_word = self._word_costs(word, script)
            costs += word_costs
            known_ngrams, ngrams, letters = known_ngrams + known_in_word, ngrams + ngrams_in_word, letters + len(word)
            if letters > MAX_LETTERS:
                break
        if not known_ngrams:
            return None
        return Fit(
            costs=dict(zip(table.languages, (costs / STEPS_PER_NAT).tolist(), strict=True)),
            usual_costs=dict(zip(table.languages, (table.usual_costs * known_ngrams).tolist(), strict=True)),
            known_ngrams=known_ngrams,
            unknown_share=1 - known_ngrams / ngrams,
        )

    def _word_costs(self, word: str, script: str) -> WordCosts:
        cached = self._cached_word_costs.get((script, word))
        if cached is None:
            ngrams = [word[start : start + length] for length in LENGTHS for start in range(len(word) - length + 1)]
            rows = [row for ngram in ngrams if (row := self.rows.get(ngram)) is not None]
            cached = self.tables[script].costs[rows].sum(axis=0, dtype=np.int64), len(rows), len(ngrams)
            if len(self._cached_word_costs) >= CACHED_WORDS:
                self._cached_word_costs.clear()
            self._cached_word_costs[script, word] = cached
        return cached

    def best(self, fit: Fit, letters: float) -> tuple[str, float]:
        """The language that fits best, and the probability that it is right."""
        code, features = fit.features(letters)
        return code, 1.0 / (1.0 + math.exp(-float(np.dot(self.weights, features))))


@functools.cache
def languages() -> frozenset[str]:
    """The languages of the model (ISO 639-1); loads nothing else. Raises TelexError when its file is unreadable."""
    with open_model_file(FILE, "language model") as arrays:
        array_names = [*(f"{script}.languages" for script in arrays["scripts"]), "learnt"]
        return frozenset(str(code) for name in array_names for code in arrays[name])


@functools.cache
def load() -> Model:
    """Load the model. Raises TelexError when its file cannot be read."""
    with open_model_file(FILE, "language model") as arrays:
        ngrams = arrays["ngrams"].tobytes().decode().split("\n")
        tables = {
            script: Table(
                [str(code) for code in arrays[f"{script}.languages"]],
                arrays[f"{script}.costs"],
                arrays[f"{script}.usual"],
            )
            for script in map(str, arrays["scripts"])
        }
        word_evidence = {
            str(code): dict(
                zip(
                    arrays[f"{code}.words"].tobytes().decode().split("\n"),
                    (arrays[f"{code}.nats"] / STEPS_PER_NAT).tolist(),
                    strict=True,
                )
            )
            for code in arrays["learnt"]
        }
        return Model(
            {ngram: row for row, ngram in enumerate(ngrams)},
            tables,
            arrays["confidence"].astype(np.float64),
            word_evidence,
        )
