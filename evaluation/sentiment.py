"""How right the sentiment is: tweets in seven languages and sentences of English news that were not trained on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from agents.sentiment import ngram_reading
from agents.sentiment.lexicon import lexicon
from agents.sentiment.passages import tokenize
from agents.sentiment.results import LABELS
from evaluation import other_systems, sentiment_shapes, speed
from evaluation.data import Data, Opinion, held_out
from evaluation.measures import Counts, calibration_error, least_calibration_error, macro_f1
from evaluation.tables import Cell, Table, confidence
from streams.records import Analysis, Article, Sentiment, TargetSentiment
from streams.worker import analysers

# The index of the label, -1 for not analysed, and the confidence.
Answer = tuple[int, float]


def tables(data: Data) -> Iterator[Table]:
    """The tables of the sentiment stage."""
    yield sentiment_shapes.table()
    texts = {
        f"tweets, {code}": [each for each in data.tweets("val") if each.language == code]
        for code in ("de", "en", "es", "fr", "it", "pt", "ar")
    }
    texts["news, en"] = [each for each in data.news() if held_out(each)]
    common = [name for name, opinions in texts.items() if opinions]
    languages = analysers.find("sentiment").models()
    texts |= {name: each for name, each in data.other_opinions().items() if each and each[0].language in languages}
    answers = {name: stage_answers(opinions) for name, opinions in texts.items() if opinions}
    if not answers:
        return
    yield Table(
        "sentiment",
        "Three classes on text that was not trained on",
        [{"texts": name, **figures(texts[name], given)} for name, given in answers.items()],
    )
    sure = [
        (confidence, label == opinion.label)
        for name, given in answers.items()
        for (label, confidence), opinion in zip(given, texts[name], strict=True)
        if label >= 0
    ]
    if sure:
        yield confidence("sentiment_confidence", "all of these texts", sure)
    if common:
        yield _others(data, {name: texts[name] for name in common}, {name: answers[name] for name in common})
    texts_by_language = {
        opinions[0].language: [each.text for each in opinions] for opinions in texts.values() if opinions
    }
    yield speed.table("sentiment", {f"all {len(texts_by_language)}": texts_by_language})


def _others(data: Data, texts: Mapping[str, Sequence[Opinion]], answers: Mapping[str, Sequence[Answer]]) -> Table:
    """The figures of other systems. A system that learns does so from the same texts as Telex's own model."""
    train = [*data.tweets("train"), *(each for each in data.news() if not held_out(each))]
    systems = {"Telex": {name: [label for label, _ in given] for name, given in answers.items()}}
    for system, weigh in other_systems.sentiments(train).items():
        given = {
            name: weigh([each.text for each in opinions], opinions[0].language) for name, opinions in texts.items()
        }
        systems[system] = {name: of_texts for name, of_texts in given.items() if of_texts is not None}
    rows: list[dict[str, Cell]] = [
        {"system": system}
        | {name: _macro_f1(opinions, labels[name]) if name in labels else None for name, opinions in texts.items()}
        for system, labels in systems.items()
    ]
    return Table("sentiment_others", "Others on the same texts: macro-F1", rows)


def _macro_f1(texts: Sequence[Opinion], given: Sequence[int]) -> float:
    return macro_f1(np.array([each.label for each in texts]), np.array(given)).value


def figures(texts: Sequence[Opinion], answers: Sequence[Answer]) -> dict[str, Cell]:
    """How right the answers are, and what trivial models reach on the same texts."""
    labels = np.array([each.label for each in texts])
    in_lexicon = [each for each in texts if each.language in ngram_reading.LANGUAGES]
    counted = np.array([_counted(each.text, each.language) for each in in_lexicon])
    return {
        "number": len(texts),
        **of_answers(labels, answers),
        "macro-F1 of counted words": macro_f1(labels, counted).value if in_lexicon else None,
        **of_commonest(labels),
    }


def of_answers(labels: Counts, answers: Sequence[Answer]) -> dict[str, Cell]:
    """How right the answers are, and how sure."""
    given = np.array([label for label, _ in answers])
    sure = [
        (confidence, bool(label == gold))
        for (label, confidence), gold in zip(answers, labels, strict=True)
        if label >= 0
    ]
    return {
        "macro-F1": macro_f1(labels, given),
        "calibration error": calibration_error(sure),
        "least to expect": least_calibration_error([confidence for confidence, _ in sure]),
        "opposite": float(np.mean((np.abs(labels - given) == 2) & (given >= 0))),
        "not analysed": int(np.sum(given < 0)),
    }


def of_commonest(labels: Counts) -> dict[str, Cell]:
    """The figure of a model that always gives the most common label."""
    return {
        "macro-F1 of the commonest label": macro_f1(labels, np.full_like(labels, np.bincount(labels).argmax())).value
    }


def answer(analysis: Analysis) -> Answer:
    """The answer in an analysis."""
    if isinstance(analysis, Sentiment | TargetSentiment):
        return LABELS.index(analysis.label), analysis.confidence
    return -1, 0.0


def stage_answers(texts: Sequence[Opinion]) -> list[Answer]:
    """The answer of the sentiment stage for each text."""
    articles = [
        Article(id="1", text=each.text, title=None, language=each.language, declared=None, fields={}) for each in texts
    ]
    return [answer(analysis) for analysis in analysers.find("sentiment").analyse(articles)]


def _counted(text: str, language: str) -> int:
    """The label by counting the good and the bad words of the lexicon."""
    own = lexicon(language)
    turned = [
        -own.polarity[c - len(own.names)] if c >= len(own.names) else own.polarity[c]
        for c in own.concepts_in(tokenize(text))
    ]
    return int(np.sign(sum(turned))) + 1
