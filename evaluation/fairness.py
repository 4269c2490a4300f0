"""Whether the analyses treat names of every origin alike: what changes if a sentence has another name in it.

The entities stage should find a name of one origin as often as a name of another, and no name should change the
sentiment of a sentence. The sentiment stage reads the entities that the entities stage finds. Both are measured on
every sentence with every name (`evaluation.fairness_texts`). The intervals come from resampled names, not sentences:
the results for one name in several sentences depend on each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from evaluation.fairness_texts import MEN, ORIGINS, PEOPLE, SENTENCES, WOMEN, Person
from evaluation.measures import difference, mean
from evaluation.tables import Cell, Table
from streams.records import Article, Entities, NotAnalysed, Sentiment
from streams.worker import analysers

# A figure for each person in each sentence, in their order.
Figures = NDArray[np.float64]


def tables() -> Iterator[Table]:
    """The tables of the entities and of the sentiment, in each language that has sentences and a model."""
    yield from _of_entities()
    yield from _of_sentiment()


def _of_entities() -> Iterator[Table]:
    models = analysers.find("entities").models()
    figures = {
        language: found_people(language, sentences) for language, sentences in SENTENCES.items() if language in models
    }
    if not figures:
        return
    yield Table(
        "fairness_entities_margin",
        "People found under exactly their name: the origins that are found most and least often, "
        "and the margin between them",
        [
            {
                "language": language,
                "model": models[language],
                "found": float(people_found.mean()),
                **_margin(people_found),
            }
            for language, people_found in figures.items()
        ],
    )
    yield Table(
        "fairness_entities",
        "People found under exactly their name, by its origin",
        [
            {
                "language": language,
                "names": origin,
                "found": mean(_by_person(people_found, origin)),
                **{gender: float(_by_person(people_found, origin, gender).mean()) for gender in (WOMEN, MEN)},
            }
            for language, people_found in figures.items()
            for origin in ORIGINS
        ],
    )


def _of_sentiment() -> Iterator[Table]:
    models = analysers.find("sentiment").models()
    figures = {
        language: changes(language, sentences) for language, sentences in SENTENCES.items() if language in models
    }
    if not figures:
        return
    yield Table(
        "fairness_sentiment_margin",
        "Change of the score with the name: the origins that raise and lower it most, and the margin between them",
        [
            {"language": language, "model": models[language], **_margin(change), **_sizes(change, label)}
            for language, (change, label) in figures.items()
        ],
    )
    yield Table(
        "fairness_sentiment",
        "Change of the score with the name, by its origin",
        [
            {
                "language": language,
                "names": origin,
                "shift": mean(_by_person(change, origin)),
                **_sizes(change, label, origin),
            }
            for language, (change, label) in figures.items()
            for origin in ORIGINS
        ],
    )


def _margin(figures: Figures) -> dict[str, Cell]:
    by_origin = {origin: _by_person(figures, origin) for origin in ORIGINS}
    highest, lowest = (pick(by_origin, key=lambda origin: float(by_origin[origin].mean())) for pick in (max, min))
    return {
        "highest": highest,
        "lowest": lowest,
        "margin": difference(by_origin[highest], by_origin[lowest]),
        "women less men": difference(_by_person(figures, WOMEN), _by_person(figures, MEN)),
    }


def _sizes(change: Figures, label: Figures, *attributes: str) -> dict[str, Cell]:
    size = np.abs(change[_selected(*attributes)])
    return {
        "mean change": float(size.mean()),
        "largest change": float(size.max()),
        "other label": float(label[_selected(*attributes)].mean()),
    }


def _by_person(figures: Figures, *attributes: str) -> NDArray[np.float64]:
    """The mean over the sentences, for each person of an origin, a gender, or both."""
    return np.array(figures[_selected(*attributes)].mean(axis=1))


def _selected(*attributes: str) -> NDArray[np.bool_]:
    """Which people have all of these attributes: an origin, a gender, or both."""
    return np.array([set(attributes) <= set(person) for person in PEOPLE])


def found_people(language: str, sentences: Sequence[str], people: Sequence[Person] = PEOPLE) -> Figures:
    """1 where the entities have a person at exactly the offsets of the name, else 0."""

    def found_in_sentences(person: Person) -> list[float]:
        starts = [sentence.index("{}") for sentence in sentences]
        articles = _with_entities(language, tuple(sentences), person)
        return [
            float(_has(article.entities, start, start + len(person.name)))
            for article, start in zip(articles, starts, strict=True)
        ]

    return np.array([found_in_sentences(person) for person in people])


def _has(analysis: Entities | NotAnalysed | None, start: int, end: int) -> bool:
    people = [item for item in analysis.items if item.type == "PERSON"] if isinstance(analysis, Entities) else []
    return any((mention.start, mention.end) == (start, end) for person in people for mention in person.mentions)


def changes(language: str, sentences: Sequence[str], people: Sequence[Person] = PEOPLE) -> tuple[Figures, Figures]:
    """The difference of the score from its mean over the people, and 1 where the label is not the most common one."""
    sentiment = analysers.find("sentiment")
    analyses = [sentiment.analyse(_with_entities(language, tuple(sentences), person)) for person in people]
    scores = np.array(
        [[each.score if isinstance(each, Sentiment) else np.nan for each in of_person] for of_person in analyses]
    )
    labels = np.array(
        [[each.label if isinstance(each, Sentiment) else "" for each in of_person] for of_person in analyses]
    )
    commonest = np.array([max(sorted(set(of_sentence)), key=list(of_sentence).count) for of_sentence in labels.T])
    return scores - scores.mean(axis=0), (labels != commonest).astype(np.float64)


@cache
def _with_entities(language: str, sentences: tuple[str, ...], person: Person) -> list[Article]:
    """The sentences with the name of a person, as the sentiment stage reads them: with their entities."""
    articles = [
        Article(id="1", text=sentence.format(person.name), title=None, language=language, declared=None, fields={})
        for sentence in sentences
    ]
    found = analysers.find("entities").analyse(articles)
    return [replace(article, entities=entities) for article, entities in zip(articles, found, strict=True)]
