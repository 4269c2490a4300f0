"""The sentiment towards an entity: from the words about it, and not from words about others."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest

from agents import entities
from agents.sentiment import target as target_sentiment
from streams.records import Article, Entities, EntityType, NotAnalysed, Sentiment

BAD = "Prosecutors accused {} of stealing millions and called it a shameful fraud. The judge said {} was cruel and dishonest."
GOOD = "Residents thanked {} warmly for the generous donation that saved the hospital. The mayor praised {} for its great work."


def towards(text: str, language: str = "en", title: str | None = None) -> dict[str, Sentiment | NotAnalysed | None]:
    (found,) = entities.analyse([Article(id="1", text=text, title=title, language=language, declared=None, fields={})])
    assert isinstance(found, Entities)
    return {entity.name: entity.sentiment for entity in found.items}


def label(found: Sentiment | NotAnalysed | None) -> str:
    assert isinstance(found, Sentiment)
    return found.label


def test_two_entities_in_one_article_have_different_sentiments() -> None:
    found = towards(BAD.replace("{}", "Viktor Orlov") + " " + GOOD.replace("{}", "Acme Corporation"))
    assert (label(found["Viktor Orlov"]), label(found["Acme Corporation"])) == ("negative", "positive")


def test_the_name_itself_changes_no_sentiment() -> None:
    for name in ("Viktor Orlov", "Angela Merkel", "Joe Biden"):
        assert label(towards(BAD.replace("{}", name))[name]) == "negative"
        assert label(towards(GOOD.replace("{}", name))[name]) == "positive"


def test_the_title_counts_as_a_sentence() -> None:
    text = "Angela Merkel came to Berlin on Tuesday."
    neutral, blamed = (
        towards(text, title=title)["Angela Merkel"]
        for title in (None, "Angela Merkel blamed for shameful fraud disaster")
    )
    assert isinstance(neutral, Sentiment)
    assert isinstance(blamed, Sentiment)
    assert blamed.score < neutral.score - 0.1


def test_other_types_and_languages_are_not_analysed() -> None:
    assert towards("Angela Merkel went to Paris.")["Paris"] == NotAnalysed(reason="no_model_for_type")
    assert towards("Le juge a condamné Viktor Orlov pour une fraude honteuse.", "fr")["Viktor Orlov"] == NotAnalysed(
        reason="no_model_for_language"
    )


@pytest.mark.parametrize("text", ["Angela Merkel", "Angela Merkel: 12"])
def test_a_name_alone_has_no_sentiment(text: str) -> None:
    assert towards(text)["Angela Merkel"] == NotAnalysed(reason="text_too_short", model=target_sentiment.MODEL)


def test_sentences_do_not_end_after_a_title_or_an_initial() -> None:
    text = "Mr. Biden met John F. Kennedy. “It was good.” Dr. Who left.\nThe end"
    bounds = target_sentiment.sentence_bounds(text)
    assert [text[start:end].strip() for start, end in pairwise(bounds)] == [
        "Mr. Biden met John F. Kennedy.",
        "“It was good.”",
        "Dr. Who left.",
        "The end",
    ]


def test_an_endless_sentence_is_read_around_the_name_only() -> None:
    endless = "word " * 200_000
    text = f"{endless}Angela Merkel {endless}"
    start = text.index("Angela")
    (before, after), *others = target_sentiment.contexts(
        text, target_sentiment.sentence_bounds(text), [(start, start + 13)] * 3
    )
    assert not others
    assert max(len(before), len(after)) <= target_sentiment.MAX_CONTEXT_LENGTH


def test_only_the_first_sentences_that_name_an_entity_are_read() -> None:
    text = "Angela Merkel spoke. " * 1000
    names = [(at, at + 13) for at in range(0, len(text), 21)]
    assert (
        len(target_sentiment.contexts(text, target_sentiment.sentence_bounds(text), names))
        == target_sentiment.MAX_SENTENCES
    )


def contexts_of_a_list(number: int) -> list[list[target_sentiment.Context]]:
    """The contexts of people who stand in one sentence, some of them in two."""
    text = (
        "The judge praised "
        + ", ".join(f"Person{each} Cruel{each % 7}" for each in range(number))
        + ". He blamed Person1 for the fraud."
    )
    bounds = target_sentiment.sentence_bounds(text)
    names = [match.span() for match in re.finditer(r"Person\d+", text)]
    found = [target_sentiment.contexts(text, bounds, [name]) for name in names[:-1]]
    return [*found[:2], target_sentiment.contexts(text, bounds, [names[1], names[-1]]), [], *found[2:]]


def test_many_entities_together_have_the_same_sentiments_as_each_alone() -> None:
    number = 2 * target_sentiment.BATCH_CONTEXTS + 7
    contexts = contexts_of_a_list(number)
    kinds: list[EntityType] = ["LOCATION" if each % 5 == 4 else "PERSON" for each in range(len(contexts))]
    together = target_sentiment.towards_each(zip(contexts, kinds, strict=True), "en")
    assert together == [
        target_sentiment.towards(found, kind, "en") for found, kind in zip(contexts, kinds, strict=True)
    ]
    assert sum(isinstance(each, Sentiment) for each in together) > number // 2


def test_many_entities_together_take_less_time_than_each_alone() -> None:
    contexts = contexts_of_a_list(target_sentiment.BATCH_CONTEXTS)
    together, alone = [], []
    for _ in range(3):
        start = time.process_time()
        target_sentiment.towards_each([(found, "PERSON") for found in contexts], "en")
        between = time.process_time()
        for found in contexts:
            target_sentiment.towards(found, "PERSON", "en")
        together.append(between - start)
        alone.append(time.process_time() - between)
    assert min(together) < 0.75 * min(alone)
