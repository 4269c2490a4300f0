"""The entities of hostile texts: exact mentions, and a time in proportion to the length."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import entities
from streams.records import Entities
from tests.support.entity_texts import FRENCH, article, found

SENTENCE_END = re.compile(r"(?<=\w{3})\. ")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: SENTENCE_END.sub(".\r\n\r\n", text),
        lambda text: text.replace("M. ", "M.\u00a0").replace("Mme ", "Mme\u202f"),
        lambda text: text.replace("'", "\u2019"),
        lambda text: (
            "\U0001f1eb\U0001f1f7\U0001f468\u200d\U0001f469\u200d\U0001f467 " + SENTENCE_END.sub(" \U0001f600. ", text)
        ),
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace("Macron", "Ma\u00adcron").replace("Attal", "\u200bAttal\u200b"),
    ],
    ids=[
        "CRLF",
        "non-breaking spaces",
        "typographic apostrophes",
        "emoji",
        "combining marks",
        "signs that are not seen",
    ],
)
def test_how_a_text_is_written_changes_neither_names_nor_the_exactness_of_mentions(change: object) -> None:
    text = change(FRENCH)  # type: ignore[operator]
    as_read = {unicodedata.normalize("NFC", name): item.count for name, item in found(text).items()}
    assert {
        name: as_read.get(name) for name in ("Emmanuel Macron", "Gabriel Attal", "ONU", "États-Unis", "Marseille")
    } == {
        "Emmanuel Macron": 2,
        "Gabriel Attal": 2,
        "ONU": 2,
        "États-Unis": 2,
        "Marseille": 1,
    }


@given(st.text(max_size=300), st.text(max_size=50) | st.none(), st.sampled_from(["fr", "en"]))
@settings(max_examples=60, deadline=None)
def test_any_text_has_exact_mentions(text: str, title: str | None, code: str) -> None:
    found(text, code, title)


@given(
    st.lists(
        st.sampled_from([*FRENCH.split(), "\n\n", "\u00a0", "e\u0301", "\U0001f600", "(", "l'", "M.", "-", "\r\n"]),
        max_size=60,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_news_has_exact_mentions(parts: list[str]) -> None:
    found(" ".join(parts))
    found("".join(parts))


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f600" * 50_000,
        "a" * 100_000,
        "Paris " * 20_000,
        "(" * 50_000 + "Paris",
        " ".join(f"M. A{number} Dupont" for number in range(3_000)),
        "Paris" + "\n\n" * 30_000 + "Rome",
        "l'" * 30_000,
        "e" + "\u0301" * 50_000,
    ],
    ids=["emoji", "one word", "one name", "brackets", "one surname", "line breaks", "elisions", "marks"],
)
def test_hostile_texts_are_survived(text: str) -> None:
    found(text)


def listed_people(number: int) -> str:
    """People in one sentence, each of whom has another name."""
    return (
        "Present were " + ", ".join(f"{FIRST[each % len(FIRST)]} {family_name(each)}" for each in range(number)) + "."
    )


def named_and_named_again(number: int) -> str:
    """People and organisations that come again under a part of the name."""
    return " ".join(
        f"{FIRST[each % len(FIRST)]} {family_name(each)} left the {family_name(each + 7)} National Bank. {family_name(each)} was angry."
        for each in range(number // 3)
    )


def acronyms(number: int) -> str:
    """Acronyms, all of them different."""
    capitals = ("".join(chr(65 + each // 26**place % 26) for place in range(3)) for each in range(0, 7 * number, 7))
    return "Members are " + ", ".join(capitals) + "."


FIRST = ("John", "Mary", "Peter", "Anna", "Paul", "Laura", "Mark", "Susan")


def family_name(number: int) -> str:
    syllables = ("ba", "co", "di", "fu", "ge", "ha", "ki", "lo", "ma", "ne", "po", "ra", "si", "tu", "vo", "wen")
    return "".join(syllables[number >> place & 15] for place in (0, 4, 8)).capitalize() + "son"


@pytest.mark.parametrize("written", [listed_people, named_and_named_again, acronyms])
def test_the_time_grows_with_the_number_of_names(written: Callable[[int], str]) -> None:
    found("Angela Merkel met Joe Biden.", "en")  # which loads the models
    times = []
    for number in (300, 600, 1_200):
        start = time.process_time()
        [result] = entities.analyse([article(written(number), "en")])
        times.append((time.process_time() - start) / number)
        assert isinstance(result, Entities)
        assert len(result.items) > number / 2
    # What is quadratic takes four times as long for each.
    assert times[2] < 2.5 * times[0]
    assert times[1] < 2.5 * times[0]
