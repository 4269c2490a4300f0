"""Which names are one person: titles, parts of names, first names and initials."""

from __future__ import annotations

import pytest

from agents.entities.coreference import group_mentions
from agents.entities.detected_mention import DetectedMention
from tests.support.coreference import grouped


def test_a_surname_names_the_person_who_has_it() -> None:
    text = "Jake Sullivan, Yoav Gallant, M. Sullivan, Sullivan"
    assert grouped(text, "Jake Sullivan", "Yoav Gallant", "Sullivan", "Sullivan") == [
        ["Jake Sullivan", "Sullivan", "Sullivan"],
        ["Yoav Gallant"],
    ]


def test_a_surname_of_two_people_names_neither() -> None:
    assert grouped("Bill Clinton, Hillary Clinton, Clinton", "Bill Clinton", "Hillary Clinton", "Clinton") == [
        ["Bill Clinton"],
        ["Clinton"],
        ["Hillary Clinton"],
    ]


def test_a_title_tells_which_of_two_people_is_meant() -> None:
    text = "M. Bill Clinton, Mme Hillary Clinton, Mme Clinton, M. Clinton"
    assert grouped(text, "Bill Clinton", "Hillary Clinton", "Clinton", "Clinton") == [
        ["Bill Clinton", "Clinton"],
        ["Hillary Clinton", "Clinton"],
    ]


def test_mr_and_mrs_are_two_people() -> None:
    text = "Mr. Obama and Mrs. Obama, Mr. Obama"
    assert grouped(text, "Obama", "Obama", "Obama", language="en") == [["Obama"], ["Obama", "Obama"]]


def test_two_first_names_are_two_people() -> None:
    assert grouped("Jean Dupont, Marie Dupont", "Jean Dupont", "Marie Dupont") == [["Jean Dupont"], ["Marie Dupont"]]


@pytest.mark.parametrize(
    ("full", "part"),
    [
        ("Ursula von der Leyen", "von der Leyen"),
        ("Ursula von der Leyen", "Leyen"),
        ("Charles de Gaulle", "de Gaulle"),
        ("Karine Jean-Pierre", "Jean-Pierre"),
        ("Claudia Sheinbaum Pardo", "Sheinbaum"),
        ("Claudia Sheinbaum Pardo", "Claudia Sheinbaum"),
        ("Joseph Robinette Biden", "Joseph Biden"),
        ("Joseph Robinette Biden", "Joseph R. Biden"),
        ("Joseph Biden", "J. Biden"),
        ("Luiz Inácio Lula da Silva", "Luiz da Silva"),
        ("Yoon Suk Yeol", "Yoon"),
        ("Keir Starmer", "Keir"),
        ("NICOLAS SARKOZY", "Sarkozy"),
        ("Nicolás Maduro", "Maduro"),
        ("Volodymyr Zelensky", "Zelenskyy"),
        ("Novak Đoković", "Djokovic"),
    ],
)
def test_a_part_of_a_name_names_the_person(full: str, part: str) -> None:
    assert grouped(f"{full}; {part}", full, part) == [[full, part]]
    assert grouped(f"{part}; {full}", part, full) == [[full, part]]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("George W. Bush", "George H. W. Bush"),
        ("Karine Jean-Pierre", "Pierre"),
        ("Joe Biden", "Hunter Biden"),
        ("J. Biden", "H. Biden"),
        ("Jean Dupont", "Dupond"),
    ],
)
def test_people_with_similar_names_are_two_people(name: str, other: str) -> None:
    assert len(grouped(f"{name}; {other}", name, other)) == 2


def test_an_initial_of_two_people_names_neither() -> None:
    assert len(grouped("John Smith; Jane Smith; J. Smith", "John Smith", "Jane Smith", "J. Smith")) == 3


def test_a_surname_names_the_person_who_was_named_before_the_other() -> None:
    text = "Barack Obama, Obama, Michelle Obama, Obama"
    assert grouped(text, "Barack Obama", "Obama", "Michelle Obama", "Obama", language="en") == [
        ["Barack Obama", "Obama", "Obama"],
        ["Michelle Obama"],
    ]


def test_the_text_explains_a_surname_in_the_headline() -> None:
    title, text = "Hoeneß ist zornig", "Uli Hoeneß, sagte Hoeneß; sein Bruder Dieter Hoeneß"
    found = [DetectedMention("title", 0, 6, "Hoeneß", "PERSON", None)]
    found += [
        DetectedMention("text", at, at + len(name), name, "PERSON", None)
        for at, name in ((0, "Uli Hoeneß"), (18, "Hoeneß"), (37, "Dieter Hoeneß"))
    ]
    assert sorted(len(each.mentions) for each in group_mentions(found, {"title": title, "text": text}, "de")) == [1, 3]


def test_a_person_in_the_headline_was_named_before() -> None:
    title, text = "Hillary Clinton", "Bill Clinton, Clinton"
    found = [
        DetectedMention("title", 0, 15, title, "PERSON", None),
        DetectedMention("text", 0, 12, "Bill Clinton", "PERSON", None),
    ]
    found.append(DetectedMention("text", 14, 21, "Clinton", "PERSON", None))
    assert len(group_mentions(found, {"title": title, "text": text}, "en")) == 3


def test_a_title_of_a_woman_does_not_name_a_man() -> None:
    assert grouped("Emmanuel Macron; Mme Macron", "Emmanuel Macron", "Macron") == [["Emmanuel Macron"], ["Macron"]]
    assert grouped("Élisabeth Borne; Mme Borne", "Élisabeth Borne", "Borne") == [["Élisabeth Borne", "Borne"]]
    text = "Brigitte Macron; Mme Macron; Emmanuel Macron; M. Macron; Mme Macron"
    assert grouped(text, "Brigitte Macron", "Macron", "Emmanuel Macron", "Macron", "Macron") == [
        ["Brigitte Macron", "Macron", "Macron"],
        ["Emmanuel Macron", "Macron"],
    ]


def test_a_title_that_shows_one_person_also_shows_the_other() -> None:
    text = "Hillary Clinton, Bill Clinton, Mr. Clinton, Mrs. Clinton"
    assert grouped(text, "Hillary Clinton", "Bill Clinton", "Clinton", "Clinton", language="en") == [
        ["Bill Clinton", "Clinton"],
        ["Hillary Clinton", "Clinton"],
    ]


def test_a_title_corrects_the_type_to_a_person() -> None:
    text = "M. Biden, Biden, Joe Biden"
    assert grouped(text, "Biden/LOCATION", "Biden/LOCATION", "Joe Biden") == [["Joe Biden", "Biden", "Biden"]]


def test_a_place_with_the_surname_of_a_person_stays_a_place() -> None:
    assert len(grouped("Denzel Washington; Washington", "Denzel Washington", "Washington/LOCATION", language="en")) == 2


def test_a_surname_of_the_type_misc_names_the_person() -> None:
    assert len(grouped("Benjamin Netanyahu; Netanyahu", "Benjamin Netanyahu", "Netanyahu/MISC")) == 1


def test_a_surname_of_the_type_organisation_names_a_person_who_was_named_before() -> None:
    assert len(grouped("Jack Grealish; Grealish", "Jack Grealish", "Grealish/ORGANIZATION")) == 1
    firm = "Martin Bouygues; Bouygues; Bouygues; Bouygues"
    assert len(grouped(firm, "Martin Bouygues", *["Bouygues/ORGANIZATION"] * 3)) == 2
    assert len(grouped("Gallimard; Antoine Gallimard", "Gallimard/ORGANIZATION", "Antoine Gallimard")) == 2
