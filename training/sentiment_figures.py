"""The figures of the sentiment model: macro-F1 with its interval, calibration, and the figures of trivial models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from agents.normalization import normalize
from agents.sentiment import weights
from agents.sentiment.limits import TEXT_LENGTH
from agents.sentiment.ngram_reading import MODEL, read
from evaluation.data import Opinion
from evaluation.measures import Estimate, calibration_error, least_calibration_error, macro_f1
from evaluation.sentiment import Answer, answer, figures
from evaluation.tables import Cell

FIGURES = Path(__file__).with_name("sentiment_figures.json")
PAGE = weights.FILE.with_name("README.md")
START, END = "<!-- figures -->", "<!-- end of figures -->"
# The label of a text, the label that the model gave it, and the confidence.
Prediction = tuple[int, int, float]


def report(corpora: Mapping[str, Sequence[Opinion]], unseen: Mapping[str, Sequence[Prediction]]) -> None:
    """Print the figures of each corpus, and write them to sentiment_figures.json and into the page of the models.

    Args:
        corpora: texts that the model did not learn from.
        unseen: the predictions of cross-validation for the texts that it learnt from.
    """
    measured = {corpus: _figures(texts) for corpus, texts in corpora.items()}
    crossed = {corpus: _cross_validated(predictions) for corpus, predictions in unseen.items()}
    figures_file = {"model": MODEL, "corpora": measured, "cross_validated": crossed}
    FIGURES.write_text(json.dumps(figures_file, indent=2) + "\n", encoding="utf-8")
    tables = f"{table(measured)}\n\n{cross_validated_table(crossed)}"
    print(tables)
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(f"{text[: text.index(START)]}{START}\n{tables}\n{text[text.index(END) :]}", encoding="utf-8")


def _answers(texts: Sequence[Opinion]) -> list[Answer]:
    return [
        answer(read({"title": normalize(""), "text": normalize(each.text[:TEXT_LENGTH])}, [], each.language))
        for each in texts
    ]


def _figures(texts: Sequence[Opinion]) -> dict[str, float | int]:
    predictions = _answers(texts)
    measures = figures(texts, predictions)
    macro = measures["macro-F1"]
    assert isinstance(macro, Estimate)
    correct = sum(label == each.label for (label, _), each in zip(predictions, texts, strict=True))
    return {
        "texts": len(texts),
        "not_analysed": _number(measures["not analysed"]),
        "macro_f1": round(macro.value, 3),
        "macro_f1_low": round(macro.low, 3),
        "macro_f1_high": round(macro.high, 3),
        "accuracy": round(correct / len(texts), 3),
        "ece": round(_number(measures["calibration error"]), 3),
        "least_ece": round(_number(measures["least to expect"]), 3),
        "opposite": round(_number(measures["opposite"]), 3),
        "majority_macro_f1": round(_number(measures["macro-F1 of the commonest label"]), 3),
        "lexicon_macro_f1": round(_number(measures["macro-F1 of counted words"]), 3),
    }


def _cross_validated(predictions: Sequence[Prediction]) -> dict[str, float | int]:
    labels = np.array([label for label, _, _ in predictions])
    predicted = np.array([label for _, label, _ in predictions])
    confidences = [(confidence, label == predicted_label) for label, predicted_label, confidence in predictions]
    return {
        "texts": len(predictions),
        "macro_f1": round(macro_f1(labels, predicted).value, 3),
        "ece": round(calibration_error(confidences) or 0.0, 3),
        "least_ece": round(least_calibration_error([confidence for confidence, _ in confidences]) or 0.0, 3),
    }


def _number(cell: Cell) -> float | int:
    assert isinstance(cell, float | int)
    return cell


def table(measured: dict[str, dict[str, float | int]]) -> str:
    """The figures as a table in Markdown."""
    lines = [
        "| texts | number | macro-F1 (95 %) | ECE | least | opposite | not analysed | lexicon alone | majority |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for corpus, row in measured.items():
        f1 = f"{row['macro_f1']:.3f} ({row['macro_f1_low']:.3f}–{row['macro_f1_high']:.3f})"
        opposite = f"{100 * row['opposite']:.1f} %"
        others = f"{row['not_analysed']} | {row['lexicon_macro_f1']:.3f} | {row['majority_macro_f1']:.3f}"
        lines.append(
            f"| {_name(corpus)} | {row['texts']} | {f1} | {row['ece']:.3f} | {row['least_ece']:.3f} | {opposite} | {others} |"
        )
    return "\n".join(lines)


def cross_validated_table(crossed: dict[str, dict[str, float | int]]) -> str:
    """The figures of cross-validation as a table in Markdown."""
    lines = ["| cross-validation on the training part | number | macro-F1 | ECE | least |", "|---|---|---|---|---|"]
    for corpus, row in crossed.items():
        lines.append(
            f"| {_name(corpus)} | {row['texts']} | {row['macro_f1']:.3f} | {row['ece']:.3f} | {row['least_ece']:.3f} |"
        )
    return "\n".join(lines)


def _name(corpus: str) -> str:
    return "news, en" if corpus == "news" else f"tweets, {corpus}"
