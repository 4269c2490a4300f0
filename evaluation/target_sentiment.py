"""The accuracy of the sentiment towards people and organisations, on English news sentences kept from the training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from agents.sentiment import target as target_sentiment
from evaluation.data import Data, Opinion, Target, held_out
from evaluation.measures import macro_f1
from evaluation.sentiment import Answer, answer, of_answers, of_commonest, stage_answers
from evaluation.tables import Cell, Table
from streams.records import Article, Entities, Entity, Mention, NotAnalysed, Sentiment
from streams.worker import analysers


def tables(data: Data) -> Iterator[Table]:
    """The table, where there are such sentences."""
    held = [each for each in data.targets() if held_out(each)]
    if not held:
        return
    labels = np.array([each.label for each in held])
    answers = _answers(held)
    of_sentences = stage_answers(
        [Opinion(each.text, each.label, target_sentiment.LANGUAGES[0], each.group) for each in held]
    )
    row: dict[str, Cell] = {
        "texts": "news, en",
        "targets": len(held),
        **of_answers(labels, answers),
        "macro-F1 of the sentence's sentiment": macro_f1(labels, np.array([label for label, _ in of_sentences])).value,
        **of_commonest(labels),
    }
    yield Table(
        "target_sentiment",
        "Sentiment towards a person or organisation, three classes, on text that was not trained on",
        [row],
    )


def _answers(samples: Sequence[Target]) -> list[Answer]:
    """The answer of the sentiment stage for each sample, whose only entity is the one that the label is about."""
    answers = []
    for analysis in analysers.find("sentiment").analyse([_article(sample) for sample in samples]):
        targets = analysis.targets if isinstance(analysis, Sentiment) else []
        answers.append(answer(targets[0] if targets else NotAnalysed(reason="text_too_short")))
    return answers


def _article(sample: Target) -> Article:
    name = sample.text[sample.start : sample.end]
    mention = Mention(field="text", start=sample.start, end=sample.end, text=name)
    entity = Entity(name=name, type="PERSON", count=1, mentions=[mention])
    return Article(
        id="1",
        text=sample.text,
        title=None,
        language=target_sentiment.LANGUAGES[0],
        declared=None,
        entities=Entities(model="labels", items=[entity]),
        fields={},
    )
