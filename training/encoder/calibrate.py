"""Fits the confidence of the exported encoder, and writes it into its file.

    python -m training.encoder.calibrate --encoder agents/models/encoder --names FOLDER --sentiment FOLDER

It fits on the development texts: for names, the logit of the probability that all tags of a name are right (Platt,
1999); for sentiment, a scale and a bias for each label in each language (Guo and others, 2017,
https://arxiv.org/abs/1706.04599). It prints the expected calibration error of a fit on one half, measured on the other.
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from agents.encoder.encoder import WINDOW, Encoder
from agents.encoder.tokenizer import Pieces
from agents.sentiment.encoder_reading import LANGUAGES, NAME
from evaluation.data import Opinion, Target, held_out
from evaluation.measures import calibration_error
from training.encoder.texts import news_opinions, news_targets, opinions, sources

# Sentences of each source with names, and texts of each language with a sentiment.
SENTENCES, TEXTS = 100, 800
Floats = NDArray[np.float64]


def main() -> None:
    """Fit, print the figures, and write the file."""
    parser = argparse.ArgumentParser(description="Fit the confidence of the exported encoder.")
    parser.add_argument("--encoder", type=Path, required=True, help="folder of the exported encoder")
    parser.add_argument("--names", type=Path, required=True, help="folder with NAME.dev.tsv")
    parser.add_argument("--sentiment", type=Path, required=True, help="folder with the texts that have a sentiment")
    arguments = parser.parse_args()
    encoder = Encoder(arguments.encoder)
    fitted = {"names.calibration": _of_names(encoder, arguments.names)} | _of_sentiment(encoder, arguments.sentiment)
    file = arguments.encoder / "encoder.npz"
    with np.load(file, allow_pickle=False) as arrays:
        kept = {name: arrays[name] for name in arrays.files}
    np.savez(file, allow_pickle=False, **kept | fitted)


def _of_names(encoder: Encoder, folder: Path) -> Floats:
    encoder._calibration = np.array([1.0, 0.0], np.float32)
    found: list[tuple[float, bool]] = []
    for source in sources(folder, "dev"):
        for sentence in source.sentences[:SENTENCES]:
            for name in encoder.names(sentence.text):
                if name.kind != "MISC":
                    found.append((name.confidence, (name.start, name.end, name.kind) in sentence.spans))
    logits = np.array([_logit(probability) for probability, _ in found])
    right = np.array([is_right for _, is_right in found])

    def fit(chosen: NDArray[np.bool_]) -> Floats:
        def loss(values: Floats) -> float:
            scores = values[0] * logits[chosen] + values[1]
            return float(np.mean(np.logaddexp(0, np.where(right[chosen], -scores, scores))))

        values: Floats = minimize(loss, np.array([1.0, 0.0])).x.astype(np.float32)
        return values

    half = np.arange(len(found)) % 2 == 0
    slope, offset = fit(half)
    sure = 1 / (1 + np.exp(-(slope * logits[~half] + offset)))
    print(f"names: {len(found)}, error of calibration {calibration_error(list(zip(sure, right[~half], strict=True)))}")
    return fit(np.ones(len(found), bool))


def _logit(probability: float) -> float:
    likely = min(max(probability, 1e-6), 1 - 1e-6)
    return float(np.log(likely / (1 - likely)))


def _of_sentiment(encoder: Encoder, folder: Path) -> dict[str, NDArray[np.float32]]:
    _, measured = opinions(folder)
    measured += [opinion for opinion in news_opinions(folder) if held_out(opinion)]
    by_language: defaultdict[str, list[Opinion]] = defaultdict(list)
    for opinion in measured:
        if opinion.language in LANGUAGES:
            by_language[opinion.language].append(opinion)
    fitted = {}
    for language, all_of_language in sorted(by_language.items()):
        of_language = all_of_language[:: math.ceil(len(all_of_language) / TEXTS)]
        logits = np.array([encoder.sentiments(_read(encoder, each.text), [])[0] for each in of_language])
        labels = np.array([each.label for each in of_language])
        fitted[f"sentiment.calibration.{language}"] = _fit(f"sentiment {language}", logits, labels)
    targets = [target for target in news_targets(folder) if held_out(target)]
    logits = np.array([_towards(encoder, each) for each in targets])
    return fitted | {"towards.calibration": _fit("towards", logits, np.array([each.label for each in targets]))}


def _towards(encoder: Encoder, target: Target) -> NDArray[np.float32]:
    """The logits of a text that has NAME in the place of the name, as the stage reads it."""
    text = target.text[: target.start] + NAME + target.text[target.end :]
    _, of_names = encoder.sentiments(_read(encoder, text), [(target.start, target.start + len(NAME))])
    found: NDArray[np.float32] = of_names[0]
    return found


def _read(encoder: Encoder, text: str) -> Pieces:
    [pieces] = encoder.tokenizer.read([text])
    return pieces.first(WINDOW)


def _fit(name: str, logits: Floats, labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """The scale and the bias of each label, as four numbers."""

    def loss_of(chosen: NDArray[np.bool_]) -> Callable[[Floats], float]:
        def loss(values: Floats) -> float:
            scores = values[0] * logits[chosen] + values[1:]
            right = scores[np.arange(len(scores)), labels[chosen]]
            penalty = 0.01 * float(np.sum(values[1:] ** 2))
            return float(np.mean(np.logaddexp.reduce(scores, axis=1) - right)) + penalty

        return loss

    half = np.arange(len(labels)) % 2 == 0
    values = minimize(loss_of(half), np.array([1.0, 0.0, 0.0, 0.0])).x
    scores = values[0] * logits[~half] + values[1:]
    probabilities = np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, None])
    answers = probabilities.argmax(axis=1)
    sure = list(zip(probabilities.max(axis=1), answers == labels[~half], strict=True))
    print(
        f"{name}: {len(labels)}, macro-F1 {_macro_f1(answers, labels[~half]):.3f}, error of calibration {calibration_error(sure)}"
    )
    whole: NDArray[np.float32] = minimize(loss_of(np.ones(len(labels), bool)), np.array([1.0, 0.0, 0.0, 0.0])).x.astype(
        np.float32
    )
    return whole


def _macro_f1(answers: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    scores = []
    for label in sorted(set(labels.tolist())):
        right = int(((answers == label) & (labels == label)).sum())
        scores.append(2 * right / max(int((answers == label).sum()) + int((labels == label).sum()), 1))
    return float(np.mean(scores))


if __name__ == "__main__":
    main()
