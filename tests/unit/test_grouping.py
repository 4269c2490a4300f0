"""Which names are one entity: what an article says in different words, and who must never be taken for one."""

from __future__ import annotations

import pytest

from agents import names
from agents.grouping import group
from agents.mentions import Found
from streams.records import EntityType


def entities(text: str, *mentions: str, language: str = "fr", kind: EntityType = "PERSON") -> list[list[str]]:
    """The names in each entity, when the text has these mentions one after the other; `name/TYPE` for one of another type."""
    found, at = [], 0
    for mention in mentions:
        name, _, other = mention.partition("/")
        at = text.index(name, at)
        title = names.title(text, at, language)
        own: EntityType = other or kind  # type: ignore[assignment]
        found.append(Found("text", at, at + len(name), name, "PERSON" if title else own, title))
        at += len(name)
    return sorted([mention.name for mention in each.mentions] for each in group(found, {"text": text}, language))


def test_a_surname_is_the_person_whose_it_is() -> None:
    text = "Jake Sullivan, Yoav Gallant, M. Sullivan, Sullivan"
    assert entities(text, "Jake Sullivan", "Yoav Gallant", "Sullivan", "Sullivan") == [
        ["Jake Sullivan", "Sullivan", "Sullivan"],
        ["Yoav Gallant"],
    ]


def test_a_surname_of_two_people_is_neither() -> None:
    assert entities("Bill Clinton, Hillary Clinton, Clinton", "Bill Clinton", "Hillary Clinton", "Clinton") == [
        ["Bill Clinton"],
        ["Clinton"],
        ["Hillary Clinton"],
    ]


def test_a_title_tells_which_of_two_people_is_meant() -> None:
    text = "M. Bill Clinton, Mme Hillary Clinton, Mme Clinton, M. Clinton"
    assert entities(text, "Bill Clinton", "Hillary Clinton", "Clinton", "Clinton") == [
        ["Bill Clinton", "Clinton"],
        ["Hillary Clinton", "Clinton"],
    ]


def test_mr_and_mrs_are_two_people() -> None:
    text = "Mr. Obama and Mrs. Obama, Mr. Obama"
    assert entities(text, "Obama", "Obama", "Obama", language="en") == [["Obama"], ["Obama", "Obama"]]


def test_two_first_names_are_two_people() -> None:
    assert entities("Jean Dupont, Marie Dupont", "Jean Dupont", "Marie Dupont") == [["Jean Dupont"], ["Marie Dupont"]]


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
        ("Yoon Suk Yeol", "Yoon"),
        ("Keir Starmer", "Keir"),
        ("NICOLAS SARKOZY", "Sarkozy"),
        ("Nicolás Maduro", "Maduro"),
    ],
)
def test_a_part_of_a_name_is_the_person(full: str, part: str) -> None:
    assert entities(f"{full}; {part}", full, part) == [[full, part]]
    assert entities(f"{part}; {full}", part, full) == [[full, part]]


@pytest.mark.parametrize(
    ("name", "other"),
    [("Karine Jean-Pierre", "Pierre"), ("Joe Biden", "Hunter Biden"), ("J. Biden", "H. Biden"), ("Jean Dupont", "Dupond")],
)
def test_who_only_sounds_alike_is_somebody_else(name: str, other: str) -> None:
    assert len(entities(f"{name}; {other}", name, other)) == 2


def test_an_initial_of_two_people_is_neither() -> None:
    assert len(entities("John Smith; Jane Smith; J. Smith", "John Smith", "Jane Smith", "J. Smith")) == 3


def test_articles_accents_capitals_and_hyphens_make_no_other_place() -> None:
    spellings = ("États-Unis", "Etats-Unis", "ÉTATS-UNIS", "États Unis")
    assert entities("; ".join(spellings), *spellings, kind="LOCATION") == [list(spellings)]


def test_full_stops_make_no_other_acronym() -> None:
    assert entities("U.S.; US", "U.S.", "US", kind="LOCATION", language="en") == [["U.S.", "US"]]


def test_an_acronym_in_parentheses_is_what_stands_before_it() -> None:
    text = "Organisation des Nations unies (ONU) et OMS. ONU"
    assert entities(text, "Organisation des Nations unies", "ONU", "OMS", "ONU", kind="ORGANIZATION") == [
        ["OMS"],
        ["Organisation des Nations unies", "ONU", "ONU"],
    ]
    text = "NTSB (National Transportation Safety Board)"
    assert len(entities(text, "NTSB", "National Transportation Safety Board", kind="ORGANIZATION", language="en")) == 1


def test_two_organisations_with_one_acronym_are_two() -> None:
    text = "Parti socialiste (PS), Premiers secours (PS)"
    assert entities(text, "Parti socialiste", "PS", "Premiers secours", "PS", kind="ORGANIZATION") == [
        ["Parti socialiste", "PS", "PS"],
        ["Premiers secours"],
    ]


def test_what_stands_in_parentheses_and_is_no_acronym_stays_apart() -> None:
    assert len(entities("Assemblée nationale (LFI)", "Assemblée nationale", "LFI", kind="ORGANIZATION")) == 2
    assert len(entities("Reims (Marne)", "Reims", "Marne", kind="LOCATION")) == 2


def test_a_title_makes_a_person_of_what_the_model_took_for_something_else() -> None:
    text = "M. Biden, Biden, Joe Biden"
    assert entities(text, "Biden/LOCATION", "Biden/LOCATION", "Joe Biden") == [["Joe Biden", "Biden", "Biden"]]


def test_a_place_with_the_surname_of_a_person_stays_a_place() -> None:
    assert len(entities("Denzel Washington; Washington", "Denzel Washington", "Washington/LOCATION", language="en")) == 2


def test_a_surname_of_no_particular_kind_is_the_person_s() -> None:
    assert len(entities("Benjamin Netanyahu; Netanyahu", "Benjamin Netanyahu", "Netanyahu/MISC")) == 1


@pytest.mark.parametrize(
    ("text", "name", "language", "kind"),
    [
        ("l'ONU", "ONU", "fr", "ORGANIZATION"),
        ("L'ONU", "ONU", "fr", "ORGANIZATION"),
        ("des États-Unis", "États-Unis", "fr", "LOCATION"),
        ("L'Oréal", "L'Oréal", "fr", "ORGANIZATION"),
        ("Le Monde", "Le Monde", "fr", "ORGANIZATION"),
        ("d'Ormesson", "d'Ormesson", "fr", "PERSON"),
        ("de Gaulle", "de Gaulle", "fr", "PERSON"),
        ("qu'Emmanuel Macron", "Emmanuel Macron", "fr", "PERSON"),
        ("M. Sullivan", "Sullivan", "fr", "PERSON"),
        ("Mme Karine Jean-Pierre", "Karine Jean-Pierre", "fr", "PERSON"),
        ("« Hamas »", "Hamas", "fr", "ORGANIZATION"),
        ("the White House", "White House", "en", "ORGANIZATION"),
        ("The European Central Bank", "European Central Bank", "en", "ORGANIZATION"),
        ("The Hague", "The Hague", "en", "LOCATION"),
        ("Joe Biden's", "Joe Biden", "en", "PERSON"),
        ("M. Night Shyamalan", "M. Night Shyamalan", "en", "PERSON"),
        ("Group of Seven (G7", "Group of Seven", "en", "ORGANIZATION"),
        ("Apple Inc.", "Apple Inc.", "en", "ORGANIZATION"),
        ("Hamas\n\nLa porte-parole", "Hamas", "fr", "ORGANIZATION"),
        ("- - -", "", "fr", "MISC"),
    ],
)
def test_a_span_is_cut_to_the_name(text: str, name: str, language: str, kind: EntityType) -> None:
    start, end = names.trim(text, 0, len(text), language, kind)
    assert text[start:end] == name
