"""Where a name begins and ends in what a model found."""

from __future__ import annotations

import pytest

from agents.entities import names
from agents.entities.mention_detection import mention_at
from agents.entities.offices import is_office, without_office
from streams.records import EntityType
from tests.support.growth import LINEAR, growth


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
        ("Sonko Premier ministre", "Sonko", "fr", "PERSON"),
        ("Everton at", "Everton", "en", "ORGANIZATION"),
        ("Lyon contre", "Lyon", "fr", "ORGANIZATION"),
        ("président de la République", "", "fr", "PERSON"),
        ("Premier ministre israélien", "", "fr", "MISC"),
        ("prince William", "William", "fr", "PERSON"),
        ("secrétaire d'État Blinken", "Blinken", "fr", "PERSON"),
        ("Președintele Klaus Iohannis", "Klaus Iohannis", "ro", "PERSON"),
        ("Purtătorul de cuvânt", "", "ro", "PERSON"),
        ("Surabaya dan", "Surabaya", "id", "LOCATION"),
        ("Kim Jong-un", "Kim Jong-un", "en", "PERSON"),
    ],
)
def test_a_span_is_cut_to_the_name_in_it(text: str, name: str, language: str, kind: EntityType) -> None:
    start, end = names.trim(text, 0, len(text), language, kind)
    assert text[start:end] == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('Galeria "Pro Armia"', 'Galeria "Pro Armia"'),
        ("«U» Bucovina", "«U» Bucovina"),
        ('"Pro Armia"', "Pro Armia"),
        ('Pro Armia"', "Pro Armia"),
    ],
)
def test_quotation_marks_around_a_name_are_cut_and_those_around_a_part_of_it_stay(written: str, name: str) -> None:
    start, end = names.trim(written, 0, len(written), "ro", "ORGANIZATION")
    assert written[start:end] == name


def test_a_word_for_people_in_small_letters_is_no_romanian_name_unless_the_whole_text_is_in_small_letters() -> None:
    assert names.trim("La București, elevi au protestat.", 14, 19, "ro", "PERSON") == (14, 14)
    assert names.trim("klaus iohannis vine la cluj", 0, 14, "ro", "PERSON") == (0, 14)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ankara'da", "Ankara"),
        ("Erdoğan'ın", "Erdoğan"),
        ("BAKÜ'YE", "BAKÜ"),
        ("Türkiye Cumhuriyeti'nden", "Türkiye Cumhuriyeti"),
        ("AB'nin", "AB"),
        ("O'Neill'in", "O'Neill"),
        ("Kur'an", "Kur'an"),
        ("L'Équipe", "L'Équipe"),
        ("Ankara", "Ankara"),
    ],
)
def test_a_turkish_ending_belongs_to_the_mention_and_not_to_the_name(written: str, name: str) -> None:
    text = f"{written} bildirdi."
    found = mention_at("text", text, 0, len(name), "LOCATION", "tr")
    assert (found.name, text[found.start : found.end]) == (name, written)
    assert mention_at("text", text, 0, len(written), "LOCATION", "tr") == found


@pytest.mark.parametrize("fragment", ["the ", "Mr. ", "(", "« ", "l'", "ministre ", "président de la ", "A\n\n", "- "])
def test_the_name_in_a_hostile_span_is_inside_it_and_stays_the_same(fragment: str) -> None:
    for text in (fragment * 100 + "Paris", "Paris" + fragment * 100):
        for kind in ("PERSON", "ORGANIZATION"):
            start, end = names.trim(text, 0, len(text), "fr", kind)
            assert 0 <= start <= end <= len(text)
            assert names.trim(text, start, end, "fr", kind) == (start, end) or start == end


@pytest.mark.parametrize("fragment", ["ministre ", "président de la ", "premier ministre ", "vice-", "a "])
def test_the_time_for_offices_grows_in_proportion_to_the_length(fragment: str) -> None:
    read = lambda name: (is_office(name, "fr"), without_office(name, "fr"))  # noqa: E731
    assert growth(read, lambda size: "président " + fragment * (size // len(fragment)), 2_500) <= LINEAR
