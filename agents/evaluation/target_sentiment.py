"""How right the sentiment towards people and organisations is: those in sentences of English news that were not trained on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from agents import target_sentiment
from agents.evaluation.data import Data, Opinion, held_out
from agents.evaluation.measures import calibration_error, macro_f1
from agents.evaluation.sentiment import said
from agents.evaluation.tables import Cell, Table
from agents.sentiment import LABELS
from streams.records import Sentiment


def tables(data: Data) -> Iterator[Table]:
    """The table, where there are such sentences."""
    held = [each for each in data.targets() if held_out(each)]
    if not held:
        return
    labels = np.array([each.label for each in held])
    found = [
        target_sentiment.towards([target_sentiment.context(each.text, each.start, each.end)], "PERSON", target_sentiment.LANGUAGES[0])
        for each in held
    ]
    answers = [(LABELS.index(each.label), each.confidence) if isinstance(each, Sentiment) else (-1, 0.0) for each in found]
    given = np.array([label for label, _ in answers])
    of_sentences = said([Opinion(each.text, each.label, target_sentiment.LANGUAGES[0], each.group) for each in held])
    row: dict[str, Cell] = {
        "texts": "news, en",
        "targets": len(held),
        "macro-F1": macro_f1(labels, given),
        "calibration error": calibration_error(
            [(confidence, label == gold) for (label, confidence), gold in zip(answers, labels, strict=True) if label >= 0]
        ),
        "opposite": float(np.mean((np.abs(labels - given) == 2) & (given >= 0))),
        "not analysed": int(np.sum(given < 0)),
        "macro-F1 of the sentence's sentiment": macro_f1(labels, np.array([label for label, _ in of_sentences])).value,
        "macro-F1 of the commonest label": macro_f1(labels, np.full_like(labels, np.bincount(labels).argmax())).value,
    }
    yield Table("target_sentiment", "Sentiment towards a person or organisation, three classes, on text that was not trained on", [row])
