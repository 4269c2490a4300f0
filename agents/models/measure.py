"""The figures of the sentiment model: macro-F1 with its interval, calibration, and what trivial models reach on the same texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.evaluation.data import Opinion
from agents.evaluation.measures import Estimate
from agents.evaluation.sentiment import figures, said
from agents.evaluation.tables import Cell
from agents.sentiment import MODEL

START, END = "<!-- figures -->", "<!-- end of figures -->"


def report(corpora: Mapping[str, Sequence[Opinion]], folder: Path) -> None:
    """Print the figures of the texts of each corpus; write them to figures.json and README.md in `folder`."""
    measured = {corpus: _figures(texts) for corpus, texts in corpora.items()}
    (folder / "figures.json").write_text(json.dumps({"model": MODEL, "corpora": measured}, indent=2) + "\n", encoding="utf-8")
    written = table(measured)
    print(written)
    readme = folder / "README.md"
    if readme.exists() and START in (text := readme.read_text(encoding="utf-8")):
        readme.write_text(f"{text[: text.index(START)]}{START}\n{written}\n{text[text.index(END) :]}", encoding="utf-8")


def _figures(texts: Sequence[Opinion]) -> dict[str, float | int]:
    answers = said(texts)
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
        "opposite": round(_number(found["opposite"]), 3),
        "majority_macro_f1": round(_number(found["macro-F1 of the commonest label"]), 3),
        "lexicon_macro_f1": round(_number(found["macro-F1 of counted words"]), 3),
    }


def _number(cell: Cell) -> float | int:
    assert isinstance(cell, float | int)
    return cell


def table(measured: dict[str, dict[str, float | int]]) -> str:
    """The figures as a table in Markdown."""
    lines = [
        "| texts | number | macro-F1 (95 %) | ECE | opposite | not analysed | lexicon alone | majority |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for corpus, f in measured.items():
        name = "news, en" if corpus == "news" else f"tweets, {corpus}"
        f1 = f"{f['macro_f1']:.3f} ({f['macro_f1_low']:.3f}–{f['macro_f1_high']:.3f})"
        opposite = f"{100 * f['opposite']:.1f} %"
        others = f"{f['not_analysed']} | {f['lexicon_macro_f1']:.3f} | {f['majority_macro_f1']:.3f}"
        lines.append(f"| {name} | {f['texts']} | {f1} | {f['ece']:.3f} | {opposite} | {others} |")
    return "\n".join(lines)
