"""The accuracy of the sentiment where single words mislead: obituaries, fewer deaths, peace, faint praise.

The passages were written for this. The author of a model or its rules may read those of `development`, but not those of
`held`. Whoever has seen the answers to passages of `held` marks them as development and writes new ones.

"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.measures import share
from evaluation.tables import Cell, Table
from streams.records import Article, Sentiment
from streams.worker import analysers

FILE = Path(__file__).with_name("sentiment_shapes.tsv")
# The separator between the title and the text of a passage that has a title.
TITLE = " :: "


@dataclass(frozen=True)
class Shape:
    """A passage with the label that a reader gives it."""

    half: str
    kind: str
    label: str
    article: Article


def shapes() -> list[Shape]:
    """All passages, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [_shape(row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def _shape(row: dict[str, str]) -> Shape:
    title, _, text = row["text"].rpartition(TITLE)
    article = Article(id="1", text=text, title=title or None, language=row["language"], declared=None, fields={})
    return Shape(row["half"], row["kind"], row["label"], article)


def table() -> Table:
    """How many passages of each kind get their label, and how many the opposite one."""
    passages = shapes()
    given = [
        analysis.label if isinstance(analysis, Sentiment) else ""
        for analysis in analysers.find("sentiment").analyse([each.article for each in passages])
    ]
    kinds = list(dict.fromkeys(each.kind for each in passages))
    rows = [
        _row(kind, [(each, label) for each, label in zip(passages, given, strict=True) if kind in (each.kind, "all")])
        for kind in [*kinds, "all"]
    ]
    return Table("sentiment_shapes", "Shapes of news that words alone tell wrong: the label is right", rows)


def _row(kind: str, answers: Sequence[tuple[Shape, str]]) -> dict[str, Cell]:
    halves = {
        half: [(each.label, label) for each, label in answers if each.half == half] for half in ("development", "held")
    }
    right = {
        half: share(sum(label == gold for gold, label in answered), len(answered)) for half, answered in halves.items()
    }
    opposite = sum({each.label, label} == {"negative", "positive"} for each, label in answers)
    return {"kind": kind, "passages": len(answers), **right, "opposite": opposite}
