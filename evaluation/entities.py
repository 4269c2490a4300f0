"""The accuracy of the entities stage: spans and types on annotated sentences, next to those of the model alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from agents.entities.recognition import ner
from agents.entities.recognition.labels import entity_type
from evaluation import capitals, other_systems, places
from evaluation.data import Data, Tagged
from evaluation.measures import Counts, micro_f1
from evaluation.tables import Cell, Table, confidence
from streams.records import Article, Entities, Entity
from streams.worker import analysers

_TAGS = {"PERSON": "PER", "ORGANIZATION": "ORG", "LOCATION": "LOC"}
# The first sentences of each text that are measured: all of them would take hours.
MEASURED_SENTENCES = 1_000
# Sentences of each text whose entities count for the calibration.
SURE_SENTENCES = 300
Spans = frozenset[tuple[int, int, str]]


def tables(data: Data) -> Iterator[Table]:
    """The tables of the entities stage: for each annotated text in a language that has a model."""
    analysed = analysers.find("entities").models()
    rows = [
        _row(source, language, analysed[language], sentences)
        for source, language, sentences in _texts(data)
        if language in analysed
    ]
    if rows:
        yield Table("entities", "People, places and organisations: exactly the span and the type", rows)
        others = list(_of_others(data))
        if others:
            yield Table("entities_others", "Others on the same text: F1", others)
        sure = [
            each
            for _, language, sentences in _texts(data)
            if language in analysed
            for each in _sure(sentences[:SURE_SENTENCES], language)
        ]
        if sure:
            yield confidence("entities_confidence", "entities of all these texts", sure)
        yield Table(
            "capitals",
            "The same in capitals and in title case, on the first sentences of each text",
            list(_in_capitals(data)),
        )
    yield from places.tables()


def _texts(data: Data) -> Iterator[tuple[str, str, Sequence[Tagged]]]:
    """Source, language and the first sentences of each text."""
    for source, language, sentences in data.tagged():
        yield source, language, sentences[:MEASURED_SENTENCES]


def _row(source: str, language: str, model: str, sentences: Sequence[Tagged]) -> dict[str, Cell]:
    labelled = [of_types(sentence.spans) for sentence in sentences]
    answers = answers_of(sentences, language)
    counts = counts_of(labelled, answers)
    right, answered, wanted = (int(number) for number in counts.sum(axis=0))
    return {
        "text": source,
        "language": language,
        "model": model,
        "sentences": len(sentences),
        "names": wanted,
        "precision": right / max(answered, 1),
        "recall": right / max(wanted, 1),
        "F1": micro_f1(counts),
        "F1 of the model alone": _f1_of_model_alone(labelled, sentences, language),
        **{f"F1 {tag}": _f1_of(tag, labelled, answers) for tag in _TAGS.values()},
    }


def _of_others(data: Data) -> Iterator[dict[str, Cell]]:
    """A row for each annotated text and each other system that is installed and reads its language."""
    systems = other_systems.entities()
    for source, language, sentences in _texts(data):
        labelled = [of_types(sentence.spans) for sentence in sentences]
        for system, (known_language, find) in systems.items():
            if language == known_language:
                found = [
                    frozenset(
                        (start, end, _TAGS.get(entity_type(label) or "", "")) for start, end, label in find(each.text)
                    )
                    for each in sentences
                ]
                yield {
                    "text": source,
                    "language": language,
                    "system": system,
                    "F1": micro_f1(counts_of(labelled, [of_types(spans) for spans in found])),
                    "F1 of Telex": micro_f1(counts_of(labelled, answers_of(sentences, language))).value,
                }


def _in_capitals(data: Data) -> Iterator[dict[str, Cell]]:
    """A row for each annotated text in a language that has a model."""
    for source, language, sentences in _texts(data):
        if language not in ner.packages():
            continue
        row: dict[str, Cell] = {"text": source, "language": language}
        for form, changed in capitals.in_each_form(sentences):
            row["sentences"] = len(changed)
            labelled = [of_types(sentence.spans) for sentence in changed]
            row[f"F1 {form}"] = micro_f1(counts_of(labelled, answers_of(changed, language)))
        yield row


def answers_of(sentences: Sequence[Tagged], language: str) -> list[Spans]:
    """The spans that the entities stage finds in each sentence, with their tags."""
    return [
        frozenset(
            (mention.start, mention.end, _TAGS[entity.type])
            for entity in entities
            if entity.type in _TAGS
            for mention in entity.mentions
        )
        for entities in _entities(sentences, language)
    ]


def _entities(sentences: Sequence[Tagged], language: str) -> Iterator[Sequence[Entity]]:
    """The entities that the stage finds in each sentence."""
    return (_entities_of(each.text, language) for each in sentences)


@cache
def _entities_of(text: str, language: str) -> Sequence[Entity]:
    """The entities of a text. Several tables ask for those of the same sentences."""
    article = Article(id="1", text=text, title=None, language=language, declared=None, fields={})
    [analysis] = analysers.find("entities").analyse([article])
    return analysis.items if isinstance(analysis, Entities) else ()


def _sure(sentences: Sequence[Tagged], language: str) -> Iterator[tuple[float, bool]]:
    """The confidence of each entity that has one, and whether its first mention is labelled so."""
    for sentence, entities in zip(sentences, _entities(sentences, language), strict=True):
        for entity in entities:
            first = entity.mentions[0]
            if entity.confidence is not None and entity.type in _TAGS:
                yield entity.confidence, (first.start, first.end, _TAGS[entity.type]) in sentence.spans


def counts_of(labelled: Sequence[Spans], answers: Sequence[Spans]) -> Counts:
    """For each sentence how many spans are right, answered, and labelled."""
    return np.array([(len(gold & given), len(given), len(gold)) for gold, given in zip(labelled, answers, strict=True)])


def _f1_of_model_alone(labelled: Sequence[Spans], sentences: Sequence[Tagged], language: str) -> float | None:
    """The F1 without the rules of Telex; None if another analyser than Telex's own reads the language."""
    if language not in ner.packages():
        return None
    return micro_f1(
        counts_of(labelled, [of_types(_model_alone(sentence.text, language)) for sentence in sentences])
    ).value


def _model_alone(text: str, language: str) -> Spans:
    [spans] = ner.spans(language, [text])
    return frozenset((span.start, span.end, _TAGS.get(entity_type(span.label) or "", "")) for span in spans)


def of_types(spans: Spans) -> Spans:
    """The spans without MISC: half of the texts do not mark it, and each of the others means something else by it."""
    return frozenset(span for span in spans if span[2] in _TAGS.values())


def _f1_of(tag: str, labelled: Sequence[Spans], answers: Sequence[Spans]) -> float:
    gold, given = (
        [frozenset(span for span in spans if span[2] == tag) for spans in sentences]
        for sentences in (labelled, answers)
    )
    right = sum(len(gold_spans & given_spans) for gold_spans, given_spans in zip(gold, given, strict=True))
    return 2 * right / max(sum(map(len, gold)) + sum(map(len, given)), 1)
