"""The form in which a language writes a word most often: "Biden" before "biden" before "BIDEN".

The vectors of a spaCy model list the forms by how often the text of the web has them
(https://nlp.stanford.edu/projects/glove/, https://fasttext.cc/docs/en/crawl-vectors.html). The pieces of Telex's
encoder have probabilities, which tell less, and the same for all languages.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from agents.encoder.encoder import encoder
from agents.encoder.tokenizer import Tokenizer
from agents.entities.recognition import ner
from agents.entities.recognition.encoder_model import EncoderModel
from agents.entities.recognition.spacy_model import SpacyModel

if TYPE_CHECKING:
    from spacy.vocab import Vocab

# Vectors with fewer keys than this, or with keys in another order, tell nothing about the case of words.
LEAST_KEYS = 100_000
# An unknown word in capitals of at most this many letters stays as it is: it is an acronym.
LONGEST_ACRONYM = 3
# A form of several pieces must be e to the power of this times as probable as the one with a capital. The names that
# the encoder has no piece for are many, and most of their small forms have shorter, more common pieces.
LEAST_LEAD = 5.0

_VOWEL = re.compile(r"[aeiouyàâäåæéèêëíîïóôöøúùûüýœаеёиоуыэюяєії]", re.IGNORECASE)


class WordCase(Protocol):
    """How a language writes its words most often."""

    def usual(self, word: str) -> str:
        """The most common form of a word in capitals."""

    def is_usually_small(self, word: str) -> bool:
        """Whether a word with one capital, in a headline in title case, is more common without it."""


class CaseOfVectors:
    """The usual case of words, by the vectors of a spaCy model.

    Args:
        vocab: the vocabulary of the model.
    """

    def __init__(self, vocab: Vocab) -> None:
        self._vectors = vocab.vectors

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
        """The most common form of a word in capitals."""
        capitalised = word[0] + word[1:].lower()
        best = min((word.lower(), capitalised, word), key=self.rank)
        if self.rank(best) < float("inf"):
            return best
        return _form_of_unknown(word)

    def is_usually_small(self, word: str) -> bool:
        """Whether a word with one capital is more common without it."""
        return self.rank(word.lower()) < self.rank(word)


class CaseOfPieces:
    """The usual case of words, by the probabilities of the encoder's pieces.

    Args:
        tokenizer: of the encoder.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def usual(self, word: str) -> str:
        """The most common form of a word in capitals."""
        capitalised = word[0] + word[1:].lower()
        _, pieces = self._tokenizer.likelihood(capitalised)
        best = capitalised if pieces == 1 else _form_of_unknown(word)
        for form in (word.lower(), word):
            if self._is_more_common(form, best):
                best = form
        return best

    def is_usually_small(self, word: str) -> bool:
        """Never: the encoder finds more names in a headline in title case than in the same words without it."""
        return False

    def _is_more_common(self, form: str, other: str) -> bool:
        (own, pieces), (others, _) = self._tokenizer.likelihood(form), self._tokenizer.likelihood(other)
        return own > others + (LEAST_LEAD if pieces > 1 else 0)


def _form_of_unknown(word: str) -> str:
    """The form of an unknown word in capitals: it is a name, or an acronym."""
    return word[0] + word[1:].lower() if len(word) > LONGEST_ACRONYM and _VOWEL.search(word) else word


# For each spaCy model in memory.
_cases_of_vectors: WeakKeyDictionary[SpacyModel, CaseOfVectors] = WeakKeyDictionary()


def word_case_of(language: str) -> WordCase | None:
    """How a language writes its words most often; None if its model does not tell. Loads the model."""
    model = ner.load(language)
    if isinstance(model, EncoderModel):
        return CaseOfPieces(encoder().tokenizer)
    if not isinstance(model, SpacyModel) or not _tell_case(model.pipeline.vocab):
        return None
    if model not in _cases_of_vectors:
        _cases_of_vectors[model] = CaseOfVectors(model.pipeline.vocab)
    return _cases_of_vectors[model]


def _tell_case(vocab: Vocab) -> bool:
    return bool(vocab.vectors.mode == "default" and vocab.vectors.n_keys >= LEAST_KEYS)
