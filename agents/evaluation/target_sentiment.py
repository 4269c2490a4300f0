"""The accuracy of the sentiment towards people and organisations, on English news sentences kept from the training."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from agents.evaluation.data import Data, Opinion, held_out
from agents.evaluation.measures import macro_f1
from agents.evaluation.sentiment import answer, of_answers, of_commonest, stage_answers
from agents.evaluation.tables import Cell, Table
from agents.sentiment import target as target_sentiment


def tables(data: Data) -> Iterator[Table]:
    """The table, where there are such sentences."""
    held = [each for each in data.targets() if held_out(each)]
    if not held:
        return
    labels = np.array([each.label for each in held])
    sentiments = [
        target_sentiment.towards(
            [target_sentiment.context(each.text, each.start, each.end)], "PERSON", target_sentiment.LANGUAGES[0]
        )
        for each in held
    ]
    of_sentences = stage_answers(
        [Opinion(each.text, each.label, target_sentiment.LANGUAGES[0], each.group) for each in held]
    )
    row: dict[str, Cell] = {
        "texts": "news, en",
        "targets": len(held),
        **of_answers(labels, [answer(each) for each in sentiments]),
        "macro-F1 of the sentence's sentiment": macro_f1(labels, np.array([label for label, _ in of_sentences])).value,
        **of_commonest(labels),
    }
    yield Table(
        "target_sentiment",
        "Sentiment towards a person or organisation, three classes, on text that was not trained on",
        [row],
    )
