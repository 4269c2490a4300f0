"""How well the letters of a text fit a language: for the languages that eldc does not know, and among close relatives.

The model is distilled from the n-gram models of lingua 1.4.2 (Apache 2.0) by training/distil_language.py: for each of 56 languages
that are written in Latin or Cyrillic letters, the two, three and four letters in a row that its words are likeliest to have.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.arrays import stored

MODEL = "telex-language/1"
FILE = Path(__file__).parents[1] / "models" / "language.npz"
LENGTHS = (2, 3, 4)
# A cost is stored in steps of 1/16, in a byte.
STEP = 16
# Words are read until they have so many letters: more tell no more, and this bounds the time.
ENOUGH = 300
# Words whose costs are kept, some 7 MB: three of four words in an article were in one before.
READ = 10_000


@dataclass(frozen=True)
class Table:
    """The languages of a script.

    Attributes:
        languages: of the columns.
        costs: of each n-gram in each language, in steps of 1/16.
        usual: the mean cost of an n-gram on running text of each language.
    """

    languages: list[str]
    costs: NDArray[np.uint8]
    usual: NDArray[np.float32]


@dataclass(frozen=True)
class Fit:
    """What each language of the script would make of some words.

    Attributes:
        costs: -log of the likelihood of their n-grams in each language, by its code.
        usual: what they usually are for text of so many n-grams.
        ngrams: how many of them some language has.
        unknown: the share that no language has.
    """

    costs: dict[str, float]
    usual: dict[str, float]
    ngrams: int
    unknown: float

    def features(self, letters: float) -> tuple[str, list[float]]:
        """The language that fits best, and what the probability that it is right depends on.

        Args:
            letters: how much the text says, in letters.
        """
        (code, first), (_, second) = sorted(self.costs.items(), key=lambda item: item[1])[:2]
        lead, length = second - first, math.log(max(letters, 1.0))
        unusual = max(min((first - self.usual[code]) / self.ngrams, 2.0), -0.5)
        return code, [
            1.0,
            min(lead / math.sqrt(self.ngrams), 8.0),
            min(lead, 20.0) / 10,
            unusual,
            self.unknown,
            length,
            unusual * length,
        ]


@dataclass(frozen=True)
class Model:
    """The distilled model.

    Attributes:
        rows: of each n-gram.
        tables: by the script, as `prose` calls it.
        weights: of the features of the confidence, in their order.
        learnt: by language, what a word says for it and against its relative, in nats.
    """

    rows: dict[str, int]
    tables: dict[str, Table]
    weights: NDArray[np.float64]
    learnt: dict[str, dict[str, float]]
    _read: dict[tuple[str, str], tuple[NDArray[np.int64], int, int]] = field(default_factory=dict, repr=False)

    def fit(self, words: Sequence[str], script: str) -> Fit | None:
        """How the first words (in small letters) fit each language of the script; None when no language has any of their n-grams."""
        table = self.tables.get(script)
        if not table:
            return None
        costs, found, seen, letters = np.zeros(len(table.languages), np.int64), 0, 0, 0
        for word in words:
            of_word, found_in_word, seen_in_word = self._of_word(word, script)
            costs += of_word
            found, seen, letters = found + found_in_word, seen + seen_in_word, letters + len(word)
            if letters > ENOUGH:
                break
        if not found:
            return None
        return Fit(
            costs=dict(zip(table.languages, (costs / STEP).tolist(), strict=True)),
            usual=dict(zip(table.languages, (table.usual * found).tolist(), strict=True)),
            ngrams=found,
            unknown=1 - found / seen,
        )

    def _of_word(self, word: str, script: str) -> tuple[NDArray[np.int64], int, int]:
        """What the n-grams of a word cost in each language of the script, how many of them some language has, and how many there are."""
        known = self._read.get((script, word))
        if known is None:
            ngrams = [word[start : start + length] for length in LENGTHS for start in range(len(word) - length + 1)]
            rows = [row for ngram in ngrams if (row := self.rows.get(ngram)) is not None]
            known = self.tables[script].costs[rows].sum(axis=0, dtype=np.int64), len(rows), len(ngrams)
            if len(self._read) >= READ:
                self._read.clear()
            self._read[script, word] = known
        return known

    def best(self, fit: Fit, letters: float) -> tuple[str, float]:
        """The language that fits best, and the probability that it is right."""
        code, features = fit.features(letters)
        return code, 1.0 / (1.0 + math.exp(-float(np.dot(self.weights, features))))


@functools.cache
def languages() -> frozenset[str]:
    """The languages that the model can tell (ISO 639-1), without loading the rest of it. Raises TelexError when its file is none."""
    with stored(FILE, "language model") as arrays:
        names = [*(f"{script}.languages" for script in arrays["scripts"]), "learnt"]
        return frozenset(str(code) for name in names for code in arrays[name])


@functools.cache
def load() -> Model:
    """The model. Raises TelexError when its file is none."""
    with stored(FILE, "language model") as arrays:
        ngrams = arrays["ngrams"].tobytes().decode().split("\n")
        tables = {
            script: Table(
                [str(code) for code in arrays[f"{script}.languages"]],
                arrays[f"{script}.costs"],
                arrays[f"{script}.usual"],
            )
            for script in map(str, arrays["scripts"])
        }
        learnt = {
            str(code): dict(
                zip(
                    arrays[f"{code}.words"].tobytes().decode().split("\n"),
                    (arrays[f"{code}.nats"] / STEP).tolist(),
                    strict=True,
                )
            )
            for code in arrays["learnt"]
        }
        return Model(
            {ngram: row for row, ngram in enumerate(ngrams)}, tables, arrays["confidence"].astype(np.float64), learnt
        )
