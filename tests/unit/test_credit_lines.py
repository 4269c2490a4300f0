"""Credit lines: by-lines and the names of editors have no sentiment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from agents import entities
from agents.normalization.credit_lines import _CREDIT_LINE, find_credit_lines, without_credit_lines
from agents.sentiment import analyse
from streams.records import Article, Entities, NotAnalysed, Sentiment
from tests.support.growth import LINEAR, growth


@pytest.mark.parametrize(
    ("credit", "language"),
    [
        ("By Grace Goodwin\n\n{}", "en"),
        ("{}\n\n(Reporting by Hope Love in Berlin; Editing by Joy Killer)", "en"),
        ("{} (Additional reporting by Victor Best)", "en"),
        ("{}\n\n— Reuters", "en"),
        ("{}\n\n(Reportage de Victoire Bon, édité par Claire Mort)", "fr"),
        ("Von Gut Lieb\n\n{}", "de"),
        ("{}\n\n(Reporte de Dolores Guerra; editado por Victoria Paz)", "es"),
    ],
)
def test_credit_lines_change_no_sentiment(credit: str, language: str) -> None:
    text = {
        "en": "The parliament meets on Monday to discuss the timetable of the new law.",
        "fr": "Le parlement se réunit lundi pour discuter du calendrier de la nouvelle loi.",
        "de": "Das Parlament tritt am Montag zusammen, um über den Zeitplan des Gesetzes zu beraten.",
        "es": "El parlamento se reúne el lunes para hablar del calendario de la nueva ley.",
    }[language]
    with_it, without = (
        analyse([Article(id="1", text=each, title=None, language=language, declared=None, fields={})])[0]
        for each in (credit.format(text), text)
    )
    assert with_it == without


@pytest.mark.parametrize("text", ["By Grace Goodwin", "(Reporting by Hope Love; Editing by Joy Killer)"])
def test_a_credit_line_alone_has_no_sentiment(text: str) -> None:
    [answer] = analyse([Article(id="1", text=text, title=None, language="en", declared=None, fields={})])
    assert isinstance(answer, NotAnalysed)
    assert answer.reason == "text_too_short"


def test_a_person_in_a_credit_line_has_no_sentiment() -> None:
    text = "The parliament meets in London on Monday.\n\n(Reporting by Victor Best; Editing by Hope Hughes)"
    written = Article(id="1", text=text, title=None, language="en", declared=None, fields={})
    [named] = entities.analyse([written])
    assert isinstance(named, Entities)
    assert [item for item in named.items if item.type == "PERSON"]
    [found] = analyse([replace(written, entities=named)])
    assert isinstance(found, Sentiment)
    assert found.targets == []


# The beginnings of credit lines, without their ends.
HOSTILE = (
    "unemployment fell ",
    "shares 5% ",
    "(Editing by A ",
    "By A ",
    "By A, A ",
    "par a ",
    "Reuters/",
    "(",
    "edited and ",
)


@pytest.mark.parametrize("words", HOSTILE)
def test_the_beginnings_of_credit_lines_are_no_credit_line(words: str) -> None:
    text = words * 1_000
    assert without_credit_lines(text) == text


def test_of_thousands_of_credit_lines_nothing_is_left() -> None:
    assert without_credit_lines("(Editing by A)" * 5_000) == ""


@given(st.lists(st.sampled_from([*HOSTILE, "Editing by A", "(Editing by A)", "Reuters", "\n", " ", "x"]), max_size=12))
def test_the_pattern_is_tried_at_every_place_where_it_can_match(parts: list[str]) -> None:
    text = "".join(parts)
    assert find_credit_lines(text) == [match.span() for match in _CREDIT_LINE.finditer(text)]


@pytest.mark.parametrize("words", [*HOSTILE, "(Editing by A)", "By A\n"])
def test_the_time_grows_in_proportion_to_the_length(words: str) -> None:
    assert growth(without_credit_lines, lambda size: (words * size)[:size], 5_000) <= LINEAR
