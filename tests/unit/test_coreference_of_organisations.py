"""Which names are one organisation or place: spellings, acronyms and short forms."""

from __future__ import annotations

import pytest

from tests.support.coreference import grouped


def test_spellings_of_a_place_are_one_place() -> None:
    spellings = ("États-Unis", "Etats-Unis", "ÉTATS-UNIS", "États Unis")
    assert grouped("; ".join(spellings), *spellings, kind="LOCATION") == [list(spellings)]


def test_an_acronym_with_full_stops_is_the_same_acronym() -> None:
    assert grouped("U.S.; US", "U.S.", "US", kind="LOCATION", language="en") == [["U.S.", "US"]]


def test_an_acronym_in_parentheses_stands_for_the_name_before_it() -> None:
    text = "Organisation des Nations unies (ONU) et OMS. ONU"
    assert grouped(text, "Organisation des Nations unies", "ONU", "OMS", "ONU", kind="ORGANIZATION") == [
        ["OMS"],
        ["Organisation des Nations unies", "ONU", "ONU"],
    ]
    text = "NTSB (National Transportation Safety Board)"
    assert len(grouped(text, "NTSB", "National Transportation Safety Board", kind="ORGANIZATION", language="en")) == 1


@pytest.mark.parametrize(
    ("short", "name", "language"),
    [
        ("Cedeao", "Communauté économique des États de l'Afrique de l'Ouest", "fr"),
        ("Frp", "Fremskrittspartiet", "nb"),
        ("МИД", "Министерство иностранных дел", "ru"),
    ],
)
def test_a_short_form_in_parentheses_may_be_written_in_small_letters(short: str, name: str, language: str) -> None:
    for text, mentions in ((f"{name} ({short})", (name, short)), (f"{short} ({name})", (short, name))):
        assert len(grouped(text, *mentions, kind="ORGANIZATION", language=language)) == 1


def test_an_acronym_stands_for_the_only_name_that_gives_it() -> None:
    text = "The EPA is late. The Environmental Protection Agency; the Department of Justice, DOJ"
    agencies = ("EPA", "Environmental Protection Agency", "Department of Justice", "DOJ")
    assert len(grouped(text, *agencies, kind="ORGANIZATION", language="en")) == 2
    text = "CDU; Christlich Demokratische Union; Club der Unentwegten"
    clubs = ("CDU", "Christlich Demokratische Union", "Club der Unentwegten")
    assert len(grouped(text, *clubs, kind="ORGANIZATION", language="de")) == 3
    assert len(grouped("Paul Smith; PS", "Paul Smith/PERSON", "PS", kind="ORGANIZATION", language="en")) == 2


@pytest.mark.parametrize("short", ["Mitsubishi", "Mitsubishi Motors Corp"])
def test_a_short_name_means_the_organisation_that_was_named_before(short: str) -> None:
    assert len(grouped(f"Mitsubishi Motors; {short}", "Mitsubishi Motors", short, kind="ORGANIZATION")) == 1


@pytest.mark.parametrize(
    "named",
    [("Novo Nordisk", "Novo Nordisk Fonden"), ("Bank of England", "Bank of Canada", "Bank"), ("Air France-KLM", "KLM")],
)
def test_a_name_inside_another_name_is_another_organisation(named: tuple[str, ...]) -> None:
    assert len(grouped("; ".join(named), *named, kind="ORGANIZATION")) == len(named)


def test_two_organisations_with_one_acronym_are_two() -> None:
    text = "Parti socialiste (PS), Premiers secours (PS)"
    assert grouped(text, "Parti socialiste", "PS", "Premiers secours", "PS", kind="ORGANIZATION") == [
        ["Parti socialiste", "PS", "PS"],
        ["Premiers secours"],
    ]


def test_a_name_in_parentheses_that_is_no_acronym_stays_apart() -> None:
    assert len(grouped("Assemblée nationale (LFI)", "Assemblée nationale", "LFI", kind="ORGANIZATION")) == 2
    assert len(grouped("Reims (Marne)", "Reims", "Marne", kind="LOCATION")) == 2
