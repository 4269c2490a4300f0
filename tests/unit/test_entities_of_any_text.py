"""The entities of hostile texts: exact mentions, and a time in proportion to the length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import entities
from agents.entities.recognition import encoder_model
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


# Hostile texts with a number of fragments, and the words that the names in them may have.
HOSTILE: dict[str, tuple[Callable[[int], str], set[str]]] = {
    "emoji": (lambda number: "\U0001f600" * number, set()),
    "one word": (lambda number: "a" * number, set()),
    "one name": (lambda number: "Paris " * number, {"Paris"}),
    "brackets": (lambda number: "(" * number + "Paris", {"Paris"}),
    "line breaks": (lambda number: "Paris" + "\n\n" * number + "Rome", {"Paris", "Rome"}),
    "elisions": (lambda number: "l'" * number, set()),
    "marks": (lambda number: "e" + "\u0301" * number, set()),
    "marks in turn": (lambda number: "e" + "\u0315\u0300" * number, set()),
    "capitals": (lambda number: "PARIS " * number, {"Paris"}),
    "handles": (lambda number: "@Paris " * number, set()),
    "quotation marks": (lambda number: '"Paris" ' * number, {"Paris"}),
    "titles": (lambda number: "M. " * number + "Dupont", {"Dupont"}),
}


def one_surname(number: int) -> str:
    """Many people with one surname."""
    return " ".join(f"M. A{each} Dupont" for each in range(number))


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_text_has_exact_mentions_of_the_names_in_it(kind: str) -> None:
    make, words = HOSTILE[kind]
    assert {word for name in found(make(2_500)) for word in name.split()} <= words


@pytest.mark.parametrize("kind", ["brackets", "line breaks", "quotation marks"])
def test_a_name_among_thousands_of_signs_is_found(kind: str) -> None:
    make, _ = HOSTILE[kind]
    assert "Paris" in found(make(2_500))


def test_a_surname_that_comes_thousands_of_times_has_exact_mentions() -> None:
    assert sum(item.count for name, item in found(one_surname(3_000)).items() if "Dupont" in name) > 400


@pytest.mark.parametrize("make", [*(make for make, _ in HOSTILE.values()), one_surname], ids=[*HOSTILE, "one surname"])
def test_the_time_grows_in_proportion_to_the_length(make: Callable[[int], str]) -> None:
    assert growth(lambda text: entities.analyse([article(text)]), make, 150) <= LINEAR


def test_the_end_of_a_very_long_text_has_the_names_of_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_model, "LONGEST_READ", 2_000)
    beginning = "Angela Merkel visited Paris. "
    text = beginning + "It was a quiet day, and nobody spoke. " * 60 + beginning + "Olaf Scholz left."
    assert {name: item.count for name, item in found(text, "en").items()} == {"Angela Merkel": 2, "Paris": 2}


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
    return " ".join(f"The {each} said it would sue." for each in capitals)


@pytest.mark.parametrize("make", [listed_people, named_and_named_again, acronyms])
def test_hundreds_of_different_names_are_as_many_entities(make: Callable[[int], str]) -> None:
    assert len(found(make(600), "en")) > 150


@pytest.mark.parametrize("make", [listed_people, named_and_named_again, acronyms])
def test_the_time_grows_with_the_number_of_names(make: Callable[[int], str]) -> None:
    assert growth(lambda text: entities.analyse([article(text, "en")]), make, 75) <= LINEAR
