"""Numbers the words of texts, so that a text is an array, and each word is looked up once."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from agents.stories.words import pieces, stem, tokens, word_hash

# Tokens, and characters of tokens and pieces, after which all are forgotten: some 65 MB. Texts repeat their words.
MOST_TOKENS, MOST_CHARACTERS = 100_000, 5_000_000
# Characters of the longest piece that is kept. In scripts without spaces a piece is a paragraph.
_LONGEST_PIECE = 40

# The numbers of the tokens of a text, in their order.
Numbers = NDArray[np.uint32]


class Vocabulary(dict[str, bytes]):
    """The tokens of the texts that were read last. The keys are pieces of text, the values the numbers of their tokens.

    Attributes:
        forms: of each token, by its number: the form that `words.tokens` gives.
        stems: of each token, by its number: its `words.stem`.
    """

    def __init__(self) -> None:
        self._kinds, self._hashes, self._lengths = (np.zeros(1 << 10, np.uint32) for _ in range(3))
        self._forget()

    def _forget(self) -> None:
        self.clear()
        self.forms: list[str] = []
        self.stems: list[bytes] = []
        self._numbers: dict[tuple[str, int], int] = {}
        self._characters = 0

    def numbers(self, *texts: str) -> list[Numbers]:
        """The tokens of normalized texts. Their numbers are valid until the next call."""
        if len(self.forms) > MOST_TOKENS or self._characters > MOST_CHARACTERS:
            self._forget()
        return [np.frombuffer(b"".join(map(self.__getitem__, pieces(text))), np.uint32) for text in texts]

    def kinds(self, numbers: Numbers) -> Numbers:
        """The kind of each token: BREAK, WORD, CAPITALISED or NUMBER."""
        return self._kinds.take(numbers)

    def hashes(self, numbers: Numbers) -> Numbers:
        """The `word_hash` of each token."""
        return self._hashes.take(numbers)

    def lengths(self, numbers: Numbers) -> Numbers:
        """The characters of each token."""
        return self._lengths.take(numbers)

    def __missing__(self, piece: str) -> bytes:
        numbers = b"".join([self._number(*token).to_bytes(4, sys.byteorder) for token in tokens(piece)])
        if len(piece) <= _LONGEST_PIECE:
            self[piece] = numbers
            self._characters += len(piece)
        return numbers

    def _number(self, form: str, kind: int) -> int:
        new = len(self.forms)
        number = self._numbers.setdefault((form, kind), new)
        if number == new:
            if new == len(self._kinds):
                self._kinds, self._hashes, self._lengths = (
                    np.concatenate((each, np.zeros_like(each))) for each in (self._kinds, self._hashes, self._lengths)
                )
            self.forms.append(form)
            self.stems.append(stem(form))
            self._characters += len(form)
            self._kinds[new], self._hashes[new], self._lengths[new] = kind, word_hash(form), len(form)
        return number
