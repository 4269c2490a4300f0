"""Names with case endings: the forms of one name are one entity."""

from __future__ import annotations

import pytest

from agents.entities import inflection
from tests.support.coreference import grouped


@pytest.mark.parametrize(
    ("name", "form", "language"),
    [
        ("Mette Frederiksen", "Frederiksens", "da"),
        ("Wladimir Putin", "Putins", "de"),
        ("Alexander Stubb", "Stubbia", "fi"),
        ("Andrej Plenković", "Plenkoviću", "hr"),
        ("Orbán Viktor", "Orbánnal", "hu"),
        ("Jonas Gahr Støre", "Støres", "nb"),
        ("Сергей Лавров", "Лаврова", "ru"),
        ("Владимир Зеленский", "Зеленскому", "ru"),
        ("Мария Захарова", "Захаровой", "ru"),
        ("Robert Fico", "Fica", "sk"),
        ("Zuzana Čaputová", "Čaputovej", "sk"),
        ("Rafael Nadal", "Nadalom", "sr"),
        ("Donald Tusk", "Tuska", "pl"),
        ("Andrzej Duda", "Dudzie", "pl"),
        ("Edgars Rinkēvičs", "Rinkēviča", "lv"),
        ("Kaja Kallas", "Kallase", "et"),
        ("Қасым-Жомарт Тоқаев", "Тоқаевтың", "kk"),
        ("ג'ו ביידן", "שביידן", "he"),
        ("جو بايدن", "وبايدن", "ar"),
        ("岸田文雄", "岸田", "ja"),
    ],
)
def test_a_name_in_another_case_is_the_same_name(name: str, form: str, language: str) -> None:
    assert grouped(f"{name}; {form}", name, form, language=language) == [[name, form]]


@pytest.mark.parametrize(
    ("name", "other", "language"),
    [
        ("Sanna Marin", "Maria", "fi"),
        ("Иван Петров", "Иванов", "ru"),
        ("Ivan Horvat", "Ivana Horvat", "hr"),
        ("Merkel", "Merkels", "en"),
        ("Mario Draghi", "Marine Draghi", "ro"),
        ("岸田文雄", "岸本", "ja"),
    ],
)
def test_a_name_that_only_ends_like_a_case_is_another_name(name: str, other: str, language: str) -> None:
    assert len(grouped(f"{name}; {other}", name, other, language=language)) == 2


@pytest.mark.parametrize(
    ("names_", "language"),
    [
        (("Москва", "Москве", "Москвы"), "ru"),
        (("România", "României"), "ro"),
        (("Sverige", "Sveriges"), "sv"),
        (("HDZ", "HDZ-a"), "hr"),
    ],
)
def test_places_and_organisations_have_cases_too(names_: tuple[str, ...], language: str) -> None:
    assert len(grouped("; ".join(names_), *names_, kind="LOCATION", language=language)) == 1


def test_thousands_of_names_with_one_ending_stay_apart() -> None:
    words = {f"name{number}ban" for number in range(20_000)}
    assert len(set(inflection.base_words(words, "hu").values())) == len(words)
