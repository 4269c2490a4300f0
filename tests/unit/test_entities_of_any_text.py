"""The entities of hostile texts: exact mentions, and a time in proportion to the length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import entities
from tests.support.coreference import made_up_name
from tests.support.entity_texts import FRENCH, article, found
from tests.support.growth import LINEAR, growth

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
def test_another_spelling_of_a_text_has_the_same_names_and_exact_mentions(change: Callable[[str], str]) -> None:
    text = change(FRENCH)
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


# Hostile texts with a number of fragments, and how often each entity is mentioned in 2,500 of them. The model finds
# one name in each chunk of a text that repeats it.
HOSTILE: dict[str, tuple[Callable[[int], str], dict[str, int]]] = {
    "emoji": (lambda number: "\U0001f600" * number, {}),
    "one word": (lambda number: "a" * number, {}),
    "one name": (lambda number: "Paris " * number, {"Paris": 2}),
    "brackets": (lambda number: "(" * number + "Paris", {"Paris": 1}),
    "line breaks": (lambda number: "Paris" + "\n\n" * number + "Rome", {"Paris": 1}),
    "elisions": (lambda number: "l'" * number, {}),
    "marks": (lambda number: "e" + "\u0301" * number, {}),
    "marks in turn": (lambda number: "e" + "\u0315\u0300" * number, {}),
    "capitals": (lambda number: "PARIS " * number, {"Paris": 2}),
    "handles": (lambda number: "@Paris " * number, {}),
    "quotation marks": (lambda number: '"Paris" ' * number, {"Paris": 2_500}),
    "titles": (lambda number: "M. " * number + "Dupont", {}),
}


def one_surname(number: int) -> str:
    """Many people with one surname."""
    return " ".join(f"M. A{each} Dupont" for each in range(number))


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_text_has_exact_mentions_of_the_names_in_it(kind: str) -> None:
    make, counts = HOSTILE[kind]
    assert {name: item.count for name, item in found(make(2_500)).items()} == counts


def test_a_surname_that_comes_thousands_of_times_has_exact_mentions() -> None:
    assert {item.type for item in found(one_surname(3_000)).values()} == {"PERSON"}


@pytest.mark.parametrize("make", [*(make for make, _ in HOSTILE.values()), one_surname], ids=[*HOSTILE, "one surname"])
def test_the_time_grows_in_proportion_to_the_length(make: Callable[[int], str]) -> None:
    assert growth(lambda text: entities.analyse([article(text)]), make, 150) <= LINEAR


FIRST_NAMES = ("John", "Mary", "Peter", "Anna", "Paul", "Laura", "Mark", "Susan")


def family_name(number: int) -> str:
    return f"{made_up_name(number)}son"


def listed_people(number: int) -> str:
    """People in one sentence, each of whom has another name."""
    names = (f"{FIRST_NAMES[each % len(FIRST_NAMES)]} {family_name(each)}" for each in range(number))
    return f"Present were {', '.join(names)}."


def named_and_named_again(number: int) -> str:
    """People and organisations, each of which comes again under a part of the name."""
    return " ".join(
        f"{FIRST_NAMES[each % len(FIRST_NAMES)]} {family_name(each)} left the {family_name(each + 7)} National Bank. "
        f"{family_name(each)} was angry."
        for each in range(number // 3)
    )


def acronyms(number: int) -> str:
    """Acronyms, all of them different."""
    capitals = ("".join(chr(65 + each // 26**place % 26) for place in range(3)) for each in range(0, 7 * number, 7))
    return f"Members are {', '.join(capitals)}."


@pytest.mark.parametrize("make", [listed_people, named_and_named_again, acronyms])
def test_hundreds_of_different_names_are_as_many_entities(make: Callable[[int], str]) -> None:
    assert len(found(make(600), "en")) > 300


@pytest.mark.parametrize("make", [listed_people, named_and_named_again, acronyms])
def test_the_time_grows_with_the_number_of_names(make: Callable[[int], str]) -> None:
    assert growth(lambda text: entities.analyse([article(text, "en")]), make, 75) <= LINEAR
