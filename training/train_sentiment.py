"""Trains the sentiment model, writes it to agents/models/sentiment.npz, and measures what was written.

    python -m training.train_sentiment --data FOLDER

FOLDER holds tweets.LANGUAGE.train.jsonl and .val.jsonl (cardiffnlp/xlm-t) and newsmtsc.train.jsonl (fhamborg/NewsMTSC).
It needs the packages of the group `training`, and takes six minutes of one core. Two runs on one machine write the same
bytes.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import scipy.optimize
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from agents.sentiment import weights
from agents.sentiment.phrase_network import PhraseNetwork
from agents.sentiment.weights import IDF_STEPS, Calibration
from evaluation.data import TWEETS, Opinion, fold, held_out, news, tweets
from training.fit_sentiment import fit, passage_of, passages_in
from training.sentiment_figures import Prediction, report
from training.weight_files import write

FOLDS = 5
NEWS = "newsmtsc.train.jsonl"


def main() -> None:
    """Train the model, write it, and measure what was written."""
    parser = argparse.ArgumentParser(description="Train the sentiment model and measure it.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled tweets and news")
    folder: Path = parser.parse_args().data
    missing = [name for name in _files() if not (folder / name).is_file()]
    if missing:
        sys.exit(
            f"There is no training data in {folder}: {', '.join(missing)} must be there (see agents/models/README.md)."
        )
    train, held = (
        [opinion for code in TWEETS for opinion in tweets(folder / _tweets(code, part), code)]
        for part in ("train", "val")
    )
    corpora = {code: [opinion for opinion in held if opinion.language == code] for code in TWEETS} | {"news": []}
    for opinion in news(folder / NEWS):
        (corpora["news"] if held_out(opinion) else train).append(opinion)
    # The order of sums, and with it the last bits, must not depend on the number of cores.
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    with threadpool_limits(1):
        arrays, unseen = _model(train)
        write(weights.FILE, arrays)
    report(corpora, unseen)


def _files() -> list[str]:
    return [NEWS, *(_tweets(code, part) for code in TWEETS for part in ("train", "val"))]


def _tweets(code: str, part: str) -> str:
    return f"tweets.{TWEETS[code]}.{part}.jsonl"


def _model(samples: list[Opinion]) -> tuple[dict[str, NDArray[Any]], dict[str, list[Prediction]]]:
    """The arrays of the model, and the predictions of cross-validation.

    The model is fitted on all samples. It is calibrated on the logits of models that had not seen a sample (five
    folds).
    """
    # Imported here: without data the script ends before it needs the packages.
    from training.word_vectors import word_vectors

    vectors = word_vectors({code: [passage.tokens for passage in passages_in(samples, code)] for code in TWEETS})
    logits = np.zeros((2, len(samples), 3))
    for part in range(FOLDS):
        print(f"fold {part + 1} of {FOLDS}", file=sys.stderr)
        fitted = fit([sample for sample in samples if fold(sample, FOLDS) != part], vectors)
        for code in TWEETS:
            held_back = [
                number
                for number, sample in enumerate(samples)
                if sample.language == code and fold(sample, FOLDS) == part
            ]
            logits[:, held_back] = fitted[code].logits([passage_of(samples[number]) for number in held_back], code)
    learnt = fit(samples, vectors)
    arrays: dict[str, NDArray[Any]] = {"languages": np.array(list(TWEETS))} | _network_arrays(learnt["en"].network)
    labels = np.array([sample.label for sample in samples])
    for code, language_weights in learnt.items():
        in_language = np.array([sample.language == code for sample in samples])
        calibration = fit_calibration(logits[:, in_language], labels[in_language])
        values = np.array([*calibration.bias, *calibration.scales, calibration.doubt], np.float32)
        arrays |= _arrays(code, language_weights) | {f"{code}.calibration": values}
    return arrays, _cross_validated(samples, logits)


def fit_calibration(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> Calibration:
    """The biases, the two scales and the doubt with the smallest log loss.

    This is temperature scaling (Guo et al., 2017) with more parameters.
    """

    def from_parameters(parameters: NDArray[np.float64]) -> Calibration:
        return Calibration(parameters[:3], parameters[3:5], float(1 / (1 + np.exp(-parameters[5]))))

    def loss(parameters: NDArray[np.float64]) -> float:
        likelihoods = from_parameters(parameters).probabilities(*logits)[np.arange(len(labels)), labels]
        return float(
            -np.log(likelihoods).mean() + 1e-3 * (parameters[:3] ** 2).sum() + 1e-4 * (parameters[5] + 2.5) ** 2
        )

    return from_parameters(scipy.optimize.minimize(loss, np.array([0.0, 0, 0, 0.5, 0.5, -2.5]), method="L-BFGS-B").x)


def _cross_validated(samples: list[Opinion], logits: NDArray[np.float64]) -> dict[str, list[Prediction]]:
    """The predictions of models that had not seen a text, calibrated on the other texts, by corpus."""
    predictions: dict[str, list[Prediction]] = {}
    for code in TWEETS:
        for part in range(FOLDS):
            members = [number for number, sample in enumerate(samples) if sample.language == code]
            seen = [number for number in members if fold(samples[number], FOLDS) != part]
            unseen = [number for number in members if fold(samples[number], FOLDS) == part]
            calibration = fit_calibration(logits[:, seen], np.array([samples[number].label for number in seen]))
            for number, probabilities in zip(unseen, calibration.probabilities(*logits[:, unseen]), strict=True):
                corpus = code if samples[number].group.startswith(f"{code} ") else "news"
                predictions.setdefault(corpus, []).append(
                    (samples[number].label, int(probabilities.argmax()), float(probabilities.max()))
                )
    return predictions


def _arrays(code: str, learnt: weights.LanguageWeights) -> dict[str, NDArray[Any]]:
    return {
        f"{code}.rarity": np.round(learnt.idf * IDF_STEPS).astype(np.uint8),
        f"{code}.concepts": learnt.lexicon_weights.astype(np.float32),
        f"{code}.ngrams.keys": learnt.ngram_weights.keys,
        f"{code}.ngrams.weights": learnt.ngram_weights.weights,
        f"{code}.ngrams.step": np.array(learnt.ngram_weights.step, np.float32),
    }


def _network_arrays(phrases: PhraseNetwork) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {
        "phrases.keys": phrases.keys,
        "phrases.vectors": phrases.vectors,
        "phrases.filters": phrases.filters.astype(np.int8),
        "phrases.threshold": phrases.threshold.astype(np.int32),
        "phrases.steps": phrases.steps,
    }
    return arrays | {f"phrases.outputs.{part}": output.astype(np.int16) for part, output in enumerate(phrases.outputs)}


if __name__ == "__main__":
    main()
