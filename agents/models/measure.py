"""The figures of the sentiment model: macro-F1 with its interval, calibration, and what trivial models reach on the same texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.features import lexicon
from agents.passages import tokens
from agents.sentiment import LABELS, MODEL, analyse
from streams.records import Article, Sentiment

RESAMPLES = 1000
BINS = 10
START, END = "<!-- figures -->", "<!-- end of figures -->"
Numbers = NDArray[np.int64]


def report(samples: Sequence[tuple[str, int, str, str]], folder: Path) -> None:
    """Print the figures of (text, label, language, corpus) by corpus; write them to figures.json and README.md in `folder`."""
    figures = {corpus: _figures([sample for sample in samples if sample[3] == corpus]) for corpus in dict.fromkeys(s[3] for s in samples)}
    (folder / "figures.json").write_text(json.dumps({"model": MODEL, "corpora": figures}, indent=2) + "\n", encoding="utf-8")
    written = table(figures)
    print(written)
    readme = folder / "README.md"
    if readme.exists() and START in (text := readme.read_text(encoding="utf-8")):
        readme.write_text(f"{text[: text.index(START)]}{START}\n{written}\n{text[text.index(END) :]}", encoding="utf-8")


def macro_f1(labels: Numbers, said: Numbers) -> float:
    """The mean F1 of the three labels; what was not analysed (-1) is wrong."""
    right = [np.sum((labels == label) & (said == label)) for label in range(3)]
    return float(np.mean([2 * hits / max(np.sum(labels == label) + np.sum(said == label), 1) for label, hits in enumerate(right)]))


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error in ten bins of equal width (Naeini and others, 2015)."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return float(sum(abs(confidence[bins == b].sum() - right[bins == b].sum()) for b in range(BINS)) / max(len(right), 1))


def _figures(samples: Sequence[tuple[str, int, str, str]]) -> dict[str, float | int]:
    labels = np.array([label for _, label, _, _ in samples])
    results = analyse([_article(text, language) for text, _, language, _ in samples])
    said = np.array([LABELS.index(result.label) if isinstance(result, Sentiment) else -1 for result in results])
    confidence = np.array([result.confidence for result in results if isinstance(result, Sentiment)])
    low, high = _interval(labels, said, macro_f1)
    return {
        "texts": len(samples),
        "not_analysed": int(np.sum(said < 0)),
        "macro_f1": round(macro_f1(labels, said), 3),
        "macro_f1_low": round(low, 3),
        "macro_f1_high": round(high, 3),
        "accuracy": round(float(np.mean(labels == said)), 3),
        "ece": round(calibration_error(confidence, (labels == said)[said >= 0]), 3),
        "opposite": round(float(np.mean((np.abs(labels - said) == 2) & (said >= 0))), 3),
        "majority_macro_f1": round(macro_f1(labels, np.full_like(labels, np.bincount(labels).argmax())), 3),
        "lexicon_macro_f1": round(macro_f1(labels, np.array([_counted(text, language) for text, _, language, _ in samples])), 3),
    }


def _counted(text: str, language: str) -> int:
    """The label by counting the lexicon's words alone."""
    own = lexicon(language)
    turned = [-own.polarity[c - len(own.names)] if c >= len(own.names) else own.polarity[c] for c in own.weigh(tokens(text))]
    return int(np.sign(sum(turned))) + 1


def _interval(labels: Numbers, said: Numbers, figure: Callable[[Numbers, Numbers], float]) -> tuple[float, float]:
    """The bootstrap's 95 % interval."""
    random = np.random.default_rng(0)
    drawn = [random.integers(0, len(labels), len(labels)) for _ in range(RESAMPLES)]
    low, high = np.quantile([figure(labels[at], said[at]) for at in drawn], [0.025, 0.975])
    return float(low), float(high)


def table(figures: dict[str, dict[str, float | int]]) -> str:
    """The figures as a table in Markdown."""
    lines = [
        "| texts | number | macro-F1 (95 %) | ECE | opposite | not analysed | lexicon alone | majority |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for corpus, f in figures.items():
        name = "news, en" if corpus == "news" else f"tweets, {corpus}"
        f1 = f"{f['macro_f1']:.3f} ({f['macro_f1_low']:.3f}–{f['macro_f1_high']:.3f})"
        opposite = f"{100 * f['opposite']:.1f} %"
        others = f"{f['not_analysed']} | {f['lexicon_macro_f1']:.3f} | {f['majority_macro_f1']:.3f}"
        lines.append(f"| {name} | {f['texts']} | {f1} | {f['ece']:.3f} | {opposite} | {others} |")
    return "\n".join(lines)


def _article(text: str, language: str) -> Article:
    return Article(id="1", text=text, title=None, language=language, declared=None, fields={})
