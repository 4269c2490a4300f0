"""People who must not be taken for one: relatives, namesakes, rulers, father and son."""

from __future__ import annotations

import pytest

from tests.support.coreference import grouped

JUNIOR = "Donald Trump spoke. His eldest son, Donald Trump Jr., introduced him. Donald Trump won. Trump Jr. left."


@pytest.mark.parametrize(
    ("text", "mentions", "language", "expected"),
    [
        (
            JUNIOR,
            "Donald Trump|Donald Trump Jr.|Donald Trump|Trump Jr.",
            "en",
            "Donald Trump, Donald Trump|Donald Trump Jr., Trump Jr.",
        ),
        (
            "Ken Griffey, Griffey Jr., Griffey",
            "Ken Griffey|Griffey Jr.|Griffey",
            "en",
            "Ken Griffey|Griffey Jr.|Griffey",
        ),
        ("Henry Gates III met Henry Gates.", "Henry Gates III|Henry Gates", "en", "Henry Gates III|Henry Gates"),
        ("Cal Ripken Jr. waved. Ripken left.", "Cal Ripken Jr.|Ripken", "en", "Cal Ripken Jr., Ripken"),
        (
            "George Bush won. His son George W. Bush too.",
            "George Bush|George W. Bush",
            "en",
            "George Bush|George W. Bush",
        ),
        (
            "Macron et son épouse, Brigitte Macron. Macron dit",
            "Macron|Brigitte Macron|Macron",
            "fr",
            "Macron, Macron|Brigitte Macron",
        ),
        ("President Trump and Melania Trump. Trump", "Trump|Melania Trump|Trump", "en", "Trump, Trump|Melania Trump"),
        (
            "Biden spoke. His son Hunter Biden was tried. Biden",
            "Biden|Hunter Biden|Biden",
            "en",
            "Biden, Biden|Hunter Biden",
        ),
        ("Le Pen est mort, dit sa fille Marine Le Pen.", "Le Pen|Marine Le Pen", "fr", "Le Pen|Marine Le Pen"),
        ("Brigitte Macron, l'épouse du président. Macron", "Brigitte Macron|Macron", "fr", "Brigitte Macron|Macron"),
        (
            "Bob Menendez, Menendez, Nadine Menendez",
            "Bob Menendez|Menendez|Nadine Menendez",
            "en",
            "Bob Menendez, Menendez|Nadine Menendez",
        ),
        ("Bill and Hillary Clinton. Clinton", "Bill|Hillary Clinton|Clinton", "en", "Bill|Hillary Clinton|Clinton"),
        (
            "Bill et Hillary Clinton. Bill Clinton",
            "Bill|Hillary Clinton|Bill Clinton",
            "fr",
            "Bill, Bill Clinton|Hillary Clinton",
        ),
        ("Emmanuel Macron. Les Macron", "Emmanuel Macron|Macron", "fr", "Emmanuel Macron|Macron"),
        ("Barack Obama. The Obama family", "Barack Obama|Obama", "en", "Barack Obama|Obama"),
        (
            "Mr. Trump, Mrs. Trump, Ivanka Trump, Trump",
            "Trump|Trump|Ivanka Trump|Trump",
            "en",
            "Trump|Trump, Ivanka Trump|Trump",
        ),
        (
            "King Charles met Charles Michel. Charles",
            "Charles|Charles Michel|Charles",
            "en",
            "Charles, Charles|Charles Michel",
        ),
        (
            "Queen Elizabeth met Elizabeth Taylor.",
            "Queen Elizabeth|Elizabeth Taylor",
            "en",
            "Queen Elizabeth|Elizabeth Taylor",
        ),
        (
            "Le roi Philippe a reçu Philippe Martinez. Philippe",
            "Philippe|Philippe Martinez|Philippe",
            "fr",
            "Philippe, Philippe|Philippe Martinez",
        ),
        ("Kong Harald mødte Harald Eia.", "Harald|Harald Eia", "da", "Harald|Harald Eia"),
        ("King Charles III left. Charles smiled.", "Charles III|Charles", "en", "Charles III, Charles"),
        ("Петров приехал с женой, Ольгой Петровой.", "Петров|Ольгой Петровой", "ru", "Петров|Ольгой Петровой"),
    ],
)
def test_relatives_and_namesakes_are_two_people(text: str, mentions: str, language: str, expected: str) -> None:
    found = sorted(map(sorted, grouped(text, *mentions.split("|"), language=language)))
    assert found == sorted(sorted(each.split(", ")) for each in expected.split("|"))


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("John Smith came with his wife, Ann Jones. Jones said", "John Smith|Ann Jones|Jones"),
        ("Macron spoke. Later Emmanuel Macron left.", "Macron|Emmanuel Macron"),
        ("Charles Michel spoke. Charles left.", "Charles Michel|Charles"),
        ("Macron and Angela Merkel met. Merkel left.", "Macron|Angela Merkel|Merkel"),
    ],
)
def test_a_part_of_a_name_beside_no_relative_names_the_person(text: str, mentions: str) -> None:
    *_, full, part = mentions.split("|")
    assert {full, part} in map(set, grouped(text, *mentions.split("|"), language="en"))
