"""What a person or an organisation is called changes no sentiment, neither of the article nor towards the name."""

from __future__ import annotations

import re

import pytest

from agents.sentiment import analyse
from agents.sentiment.encoder_reading import LANGUAGES
from streams.records import Article, Entities, Entity, EntityType, Mention, Sentiment

TITLE = "{}: 12 rows"
TEXT = (
    "<p>{} spoke on Monday about the <b>budget</b> of the town. The office accused {} of a shameful fraud &amp; more. "
    "Shares fell 9% when {}, who had died aged 84, was praised. It was a good day for Paris.</p>"
)
NAMES = (
    "Hope Love",
    "John F. Kennedy",
    "Wonderful Success",
    "Dr. Killer",
    "Ng",
    "Profit Warning!",
    "Мария Горе",
    "李明",
)


def with_the_name(name: str, kind: EntityType, language: str) -> Sentiment:
    """The sentiment of the article about a name; its targets have no names."""
    written = {"title": TITLE.replace("{}", name), "text": TEXT.replace("{}", name)}
    mentions = [
        Mention(field=field, start=match.start(), end=match.end(), text=name)
        for field in ("title", "text")
        for match in re.finditer(re.escape(name), written[field])
    ]
    found = Entities(model="m/1", items=[Entity(name="it", type=kind, count=len(mentions), mentions=mentions)])
    [tone] = analyse([Article(id="1", language=language, declared=None, entities=found, fields={}, **written)])
    assert isinstance(tone, Sentiment)
    return tone


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_name_of_a_person_changes_no_sentiment(language: str) -> None:
    first, *others = [with_the_name(name, "PERSON", language) for name in NAMES]
    assert all(other == first for other in others)


def test_the_name_of_an_organisation_changes_no_sentiment_towards_it() -> None:
    first, *others = [with_the_name(name, "ORGANIZATION", "en") for name in NAMES]
    assert first.targets
    assert all(other == first for other in others)


def test_the_name_of_a_place_counts() -> None:
    first, *others = [with_the_name(name, "LOCATION", "en") for name in NAMES]
    assert any(other != first for other in others)
