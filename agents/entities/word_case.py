"""The form in which a language writes a word most often: "Biden" before "biden" before "BIDEN".

The vectors of the language's model list the forms by how often the text of the web has them
(https://nlp.stanford.edu/projects/glove/, https://fasttext.cc/docs/en/crawl-vectors.html). Telex's own entity model has
no such vectors.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from agents.entities import ner

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.vocab import Vocab

# Vectors with fewer keys than this, or with keys in another order, tell nothing about the case of words.
LEAST_KEYS = 100_000
# A word in capitals of at most this many letters, which the vectors do not have, stays as it is: it is an acronym.
LONGEST_ACRONYM = 3

_VOWEL = re.compile(r"[aeiouyàâäåæéèêëíîïóôöøúùûüýœаеёиоуыэюяєії]", re.IGNORECASE)


class WordCase:
    """How a language writes its words most often.

    Args:
        vocab: the vocabulary of the language's spaCy model.
    """

    def __init__(self, vocab: Vocab) -> None:
        self._vectors = vocab.vectors

    @property
    def is_known(self) -> bool:
        """Whether the model's vectors tell how words are written."""
        return bool(self._vectors.mode == "default" and self._vectors.n_keys >= LEAST_KEYS)

    @cached_property
    def _sorted_keys(self) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """The keys in ascending order, and the rank of each.

        They take 6 MB, and are made for the first line in capitals.
        """
        keys = np.fromiter(self._vectors.key2row, dtype=np.uint64)
        order = np.argsort(keys, kind="stable")
        return keys[order], order.astype(np.int32)

    def rank(self, word: str) -> float:
        """The number of forms that are more common than this one; infinite for an unknown form."""
        # Importing spaCy at the top takes 1.5 s, and the command line asks only for names and versions.
        from spacy.strings import get_string_id

        keys, ranks = self._sorted_keys
        key = np.uint64(get_string_id(word))
        index = int(np.searchsorted(keys, key))
        return float(ranks[index]) if index < len(keys) and keys[index] == key else float("inf")

    def usual(self, word: str) -> str:
        """The most common form of a word in capitals; the form with one capital if none is known."""
        capitalised = word[0] + word[1:].lower()
        best = min((word.lower(), capitalised, word), key=self.rank)
        if self.rank(best) < float("inf"):
            return best
        return capitalised if len(word) > LONGEST_ACRONYM and _VOWEL.search(word) else word

    def is_usually_small(self, word: str) -> bool:
        """Whether a word with one capital is more common without it."""
        return self.rank(word.lower()) < self.rank(word)


# For each model in memory.
_word_cases: WeakKeyDictionary[Language, WordCase] = WeakKeyDictionary()


def word_case_of(language: str) -> WordCase:
    """How a language writes its words most often, as far as its model knows. Loads the model."""
    nlp = ner.load(language)
    if nlp not in _word_cases:
        _word_cases[nlp] = WordCase(nlp.vocab)
    return _word_cases[nlp]
