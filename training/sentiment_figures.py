"""The figures of the sentiment model: macro-F1 with its interval, calibration, and the figures of trivial models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from agents.sentiment import weights
from agents.sentiment.analyser import MODEL
from evaluation.data import Opinion
from evaluation.measures import Estimate, calibration_error, least_calibration_error, macro_f1
from evaluation.sentiment import figures, stage_answers
from evaluation.tables import Cell

FIGURES = Path(__file__).with_name("sentiment_figures.json")
PAGE = weights.FILE.with_name("README.md")
START, END = "<!-- figures -->", "<!-- end of figures -->"
# The label of a text, the label that the model gave it, and the confidence.
Answer = tuple[int, int, float]


def report(corpora: Mapping[str, Sequence[Opinion]], unseen: Mapping[str, Sequence[Answer]]) -> None:
    """Print the figures of each corpus, and write them to sentiment_figures.json and into the page of the models.

    Args:
        corpora: texts that the model did not learn from.
        unseen: the answers in cross-validation on the texts that it learnt from.
    """
    measured = {corpus: _figures(texts) for corpus, texts in corpora.items()}
    crossed = {corpus: _cross_validated(answers) for corpus, answers in unseen.items()}
    figures_file = {"model": MODEL, "corpora": measured, "cross_validated": crossed}
    FIGURES.write_text(json.dumps(figures_file, indent=2) + "\n", encoding="utf-8")
    written = f"{table(measured)}\n\n{cross_validated_table(crossed)}"
    print(written)
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(f"{text[: text.index(START)]}{START}\n{written}\n{text[text.index(END) :]}", encoding="utf-8")


def _figures(texts: Sequence[Opinion]) -> dict[str, float | int]:
    answers = stage_answers(texts)
    found = figures(texts, answers)
    macro = found["macro-F1"]
    assert isinstance(macro, Estimate)
    right = sum(label == each.label for (label, _), each in zip(answers, texts, strict=True))
    return {
        "texts": len(texts),
        "not_analysed": _number(found["not analysed"]),
        "macro_f1": round(macro.value, 3),
        "macro_f1_low": round(macro.low, 3),
        "macro_f1_high": round(macro.high, 3),
        "accuracy": round(right / len(texts), 3),
        "ece": round(_number(found["calibration error"]), 3),
        "least_ece": round(_number(found["least to expect"]), 3),
        "opposite": round(_number(found["opposite"]), 3),
        "majority_macro_f1": round(_number(found["macro-F1 of the commonest label"]), 3),
        "lexicon_macro_f1": round(_number(found["macro-F1 of counted words"]), 3),
    }


def _cross_validated(answers: Sequence[Answer]) -> dict[str, float | int]:
    labels, given = np.array([label for label, _, _ in answers]), np.array([said for _, said, _ in answers])
    sure = [(confidence, label == said) for label, said, confidence in answers]
    return {
        "texts": len(answers),
        "macro_f1": round(macro_f1(labels, given).value, 3),
        "ece": round(calibration_error(sure) or 0.0, 3),
        "least_ece": round(least_calibration_error([confidence for confidence, _ in sure]) or 0.0, 3),
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
    for corpus, f in measured.items():
        f1 = f"{f['macro_f1']:.3f} ({f['macro_f1_low']:.3f}–{f['macro_f1_high']:.3f})"
        opposite = f"{100 * f['opposite']:.1f} %"
        others = f"{f['not_analysed']} | {f['lexicon_macro_f1']:.3f} | {f['majority_macro_f1']:.3f}"
        lines.append(
            f"| {_name(corpus)} | {f['texts']} | {f1} | {f['ece']:.3f} | {f['least_ece']:.3f} | {opposite} | {others} |"
        )
    return "\n".join(lines)


def cross_validated_table(crossed: dict[str, dict[str, float | int]]) -> str:
    """The figures of cross-validation as a table in Markdown."""
    lines = ["| cross-validation on the training part | number | macro-F1 | ECE | least |", "|---|---|---|---|---|"]
    for corpus, f in crossed.items():
        lines.append(
            f"| {_name(corpus)} | {f['texts']} | {f['macro_f1']:.3f} | {f['ece']:.3f} | {f['least_ece']:.3f} |"
        )
    return "\n".join(lines)


def _name(corpus: str) -> str:
    return "news, en" if corpus == "news" else f"tweets, {corpus}"
