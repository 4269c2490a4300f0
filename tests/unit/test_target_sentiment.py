"""The sentiment towards an entity: from the words about it, and not from words about others."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from msgspec.structs import replace

from agents import entities, sentiment
from agents.sentiment import target as target_sentiment
from streams.records import (
    Article,
    Entities,
    Entity,
    EntityType,
    Mention,
    NotAnalysed,
    Sentiment,
    TargetSentiment,
)

BAD = "Prosecutors accused {} of stealing millions and called it a shameful fraud. The judge said {} was cruel and dishonest."
GOOD = "Residents thanked {} warmly for the generous donation that saved the hospital. The mayor praised {} for its great work."


def analysed(text: str, language: str = "en", title: str | None = None) -> tuple[Entities, Sentiment]:
    article = Article(id="1", text=text, title=title, language=language, declared=None, fields={})
    (found,) = entities.analyse([article])
    (tone,) = sentiment.analyse([replace(article, entities=found)])
    assert isinstance(found, Entities)
    assert isinstance(tone, Sentiment)
    return found, tone


def towards(text: str, language: str = "en", title: str | None = None) -> dict[str, TargetSentiment]:
    _, tone = analysed(text, language, title)
    return {target.name: target for target in tone.targets}


def test_two_entities_in_one_article_have_different_sentiments() -> None:
    sentiments = towards(BAD.replace("{}", "Viktor Orlov") + " " + GOOD.replace("{}", "Acme Corporation"))
    assert (sentiments["Viktor Orlov"].label, sentiments["Acme Corporation"].label) == ("negative", "positive")


def test_the_name_itself_changes_no_sentiment() -> None:
    for name in ("Viktor Orlov", "Angela Merkel", "Joe Biden"):
        assert towards(BAD.replace("{}", name))[name].label == "negative"
        assert towards(GOOD.replace("{}", name))[name].label == "positive"


def test_the_title_counts_as_a_sentence() -> None:
    text = "Angela Merkel came to Berlin on Tuesday."
    neutral, blamed = (
        towards(text, title=title)["Angela Merkel"]
        for title in (None, "Angela Merkel blamed for shameful fraud disaster")
    )
    assert blamed.score < neutral.score - 0.1


def test_places_and_other_languages_are_left_out() -> None:
    found, tone = analysed("Angela Merkel went to Paris, and everybody there praised her.")
    assert {entity.name for entity in found.items} == {"Angela Merkel", "Paris"}
    assert [target.name for target in tone.targets] == ["Angela Merkel"]
    found, tone = analysed("Le juge a condamné Viktor Orlov pour une fraude honteuse.", "fr")
    assert [entity.name for entity in found.items] == ["Viktor Orlov"]
    assert tone.targets == []


@pytest.mark.parametrize("title", ["Angela Merkel", "Angela Merkel: 12"])
def test_a_name_alone_is_left_out(title: str) -> None:
    found, tone = analysed("The weather was good, and nobody said a word.", title=title)
    assert [entity.name for entity in found.items] == ["Angela Merkel"]
    assert tone.targets == []


def test_names_are_found_in_text_with_mark_up() -> None:
    marked = "<p>Prosecutors &amp; police accused <b>Viktor&nbsp;Orlov</b> of a shameful fraud.</p>"
    plain = "Prosecutors & police accused Viktor Orlov of a shameful fraud."
    assert towards(marked) == towards(plain)
    assert towards(plain)["Viktor Orlov"].label == "negative"


def test_the_targets_stand_in_the_order_of_the_entities() -> None:
    found, tone = analysed(GOOD.replace("{}", "Acme Corporation") + " " + BAD.replace("{}", "Viktor Orlov") * 2)
    names = [entity.name for entity in found.items if entity.type != "LOCATION"]
    assert [target.name for target in tone.targets] == names


@pytest.mark.parametrize(
    "entities",
    [None, NotAnalysed(reason="no_model_for_language"), Entities(model="m/1", items=[])],
)
def test_without_entities_there_are_no_targets(entities: Entities | NotAnalysed | None) -> None:
    article = Article(id="1", text=BAD, title=None, language="en", declared=None, entities=entities, fields={})
    (tone,) = sentiment.analyse([article])
    assert isinstance(tone, Sentiment)
    assert tone.targets == []


def test_a_mention_that_is_not_in_the_text_does_not_count() -> None:
    mention = Mention(field="text", start=0, end=len(BAD) + 1, text=BAD + "x")
    found = Entities(model="m/1", items=[Entity(name="Orlov", type="PERSON", count=1, mentions=[mention])])
    (tone,) = sentiment.analyse(
        [Article(id="1", text=BAD, title=None, language="en", declared=None, entities=found, fields={})]
    )
    assert isinstance(tone, Sentiment)
    assert tone.targets == []


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
    contexts = [target_sentiment.contexts(text, bounds, [name]) for name in names[:-1]]
    return [*contexts[:2], target_sentiment.contexts(text, bounds, [names[1], names[-1]]), [], *contexts[2:]]


def person(number: int, kind: EntityType = "PERSON") -> Entity:
    return Entity(name=f"Person{number}", type=kind, count=1, mentions=[])


def test_many_entities_together_have_the_same_sentiments_as_each_alone() -> None:
    number = 2 * target_sentiment.BATCH_CONTEXTS + 7
    contexts = contexts_of_a_list(number)
    people = [person(each, "LOCATION" if each % 5 == 4 else "PERSON") for each in range(len(contexts))]
    together = target_sentiment.towards_each(zip(people, contexts, strict=True), "en")
    alone = [target_sentiment.towards_each([each], "en") for each in zip(people, contexts, strict=True)]
    assert together == [target for targets in alone for target in targets]
    assert len(together) > number // 2


def test_many_entities_together_take_less_time_than_each_alone() -> None:
    of_people = [
        (person(number), contexts)
        for number, contexts in enumerate(contexts_of_a_list(target_sentiment.BATCH_CONTEXTS))
    ]
    together, alone = [], []
    for _ in range(3):
        start = time.process_time()
        target_sentiment.towards_each(of_people, "en")
        between = time.process_time()
        for each in of_people:
            target_sentiment.towards_each([each], "en")
        together.append(between - start)
        alone.append(time.process_time() - between)
    assert min(together) < 0.75 * min(alone)
