"""Where a name begins and ends in what a model found."""

from __future__ import annotations

import pytest

from agents.entities import names
from agents.entities.chinese_particles import without_particles
from agents.entities.mention_detection import mention_at
from agents.entities.offices import is_office, without_office
from agents.entities.people.generations import end_with_generation
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
        ("Chancellor University", "Chancellor University", "en", "ORGANIZATION"),
        ("Miss Universe", "Miss Universe", "en", "MISC"),
        ("Mrs Merkel", "Merkel", "en", "ORGANIZATION"),
        ("President Obama", "Obama", "en", "PERSON"),
        ("President of the Royal Society", "President of the Royal Society", "en", "PERSON"),
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


def test_the_stays_in_an_english_name_where_it_has_a_capital_inside_a_sentence() -> None:
    inside, first = "He told The Washington Post so.", "So he said. The Washington Post asked."
    for text, name in ((inside, "The Washington Post"), (first, "Washington Post")):
        start = text.index("The")
        start, end = names.trim(text, start, text.index("Post") + 4, "en", "ORGANIZATION")
        assert text[start:end] == name


@pytest.mark.parametrize(
    ("found", "text", "language", "kind", "name"),
    [
        ("Apple's", "Apple's shares", "en", "ORGANIZATION", "Apple"),
        ("Moody's", "Moody's cut it", "en", "ORGANIZATION", "Moody's"),
        ("Moody", "Moody's cut it", "en", "ORGANIZATION", "Moody's"),
        ("Moody", "Moody's wife left", "en", "PERSON", "Moody"),
        ("St. John's", "St. John's harbour", "en", "LOCATION", "St. John's"),
        ("St. Louis", "St. Louis's mayor", "en", "LOCATION", "St. Louis"),
        ("Kohl's", "chez Kohl's hier", "fr", "ORGANIZATION", "Kohl's"),
        ("Finnegan", "la taberna Finnegan's", "es", "ORGANIZATION", "Finnegan's"),
        ("FN's", "FN's råd", "da", "ORGANIZATION", "FN"),
    ],
)
def test_a_possessive_s_is_cut_off_and_the_s_of_a_firm_stays(
    found: str, text: str, language: str, kind: EntityType, name: str
) -> None:
    start = text.index(found)
    start, end = names.trim(text, start, start + len(found), language, kind)
    assert text[start:end] == name


@pytest.mark.parametrize(
    ("text", "name", "whole"),
    [
        ("Walter Pitman, III, Frederick Vine", "Walter Pitman", "Walter Pitman, III"),
        ("Charles III. came", "Charles", "Charles III"),
        ("Bill Buckley, Jr and others", "Bill Buckley", "Bill Buckley, Jr"),
        ("Mary Hain Senior spoke", "Mary Hain", "Mary Hain Senior"),
        ("Mary Hain Senior Counsel", "Mary Hain", "Mary Hain"),
        ("(Herodotus, II, 137)", "Herodotus", "Herodotus"),
        ("Johannes Blaskowitz, II. Dünya Savaşı", "Johannes Blaskowitz", "Johannes Blaskowitz"),
    ],
)
def test_a_name_goes_on_with_a_generation_but_not_with_an_office_or_a_number_of_something_else(
    text: str, name: str, whole: str
) -> None:
    start = text.index(name)
    assert text[start : end_with_generation(text, start + len(name))] == whole


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ("在北京大学", "北京大学"),
        ("从上海", "上海"),
        ("和美国", "美国"),
        ("是中国黑龙江省", "中国黑龙江省"),
        ("日本的", "日本"),
        # These characters begin or end the names of people, places and firms too.
        ("和田市", "和田市"),
        ("于谦", "于谦"),
        ("对马岛", "对马岛"),
        ("向阳", "向阳"),
        ("是枝裕和", "是枝裕和"),
        ("美的", "美的"),
    ],
)
def test_a_chinese_particle_is_no_part_of_a_name(found: str, name: str) -> None:
    text = f"昨天，{found}。"
    start, end = without_particles(text, 3, 3 + len(found))
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
