"""Words in capitals are read as sentences write them, in texts of the same length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.entities import analyse
from agents.entities.casing.sentence_case import in_sentence_case
from streams.records import Article, Entities
from tests.support.fast_models import fast_models
from tests.support.growth import LINEAR, growth


def sentence_case(text: str, language: str = "en") -> str:
    return in_sentence_case({"text": text}, language)["text"]


def names(text: str, language: str = "en", title: str | None = None) -> dict[str, str]:
    article = Article(id="1", text=text, title=title, language=language, declared=None, fields={})
    [found] = analyse([article])
    assert isinstance(found, Entities)
    for entity in found.items:
        for mention in entity.mentions:
            assert (text if mention.field == "text" else title or "")[mention.start : mention.end] == mention.text
    return {entity.name: entity.type for entity in found.items}


@pytest.mark.parametrize(
    ("written", "read", "language"),
    [
        ("THE US AND NATO WILL ACT, O'NEILL'S AIDE SAID.", "The US and NATO will Act, O'Neill's aide said.", "en"),
        (
            "JOHANNESBURG/CAPE TOWN, March 3 (Reuters) - Eskom cut power.",
            "Johannesburg,Cape Town, March 3 (Reuters) - Eskom cut power.",
            "en",
        ),
        ("JOHN KING, CNN CORRESPONDENT: Thank you.", "John King, CNN correspondent: Thank you.", "en"),
        ("LA FRANCE A REÇU ANGELA MERKEL À L'ÉLYSÉE MARDI.", "La France a reçu Angela Merkel à l'Élysée mardi.", "fr"),
        (
            "DIE EU WILL DEN BAHNHOF IN STUTTGART NICHT BEZAHLEN.",
            "Die EU will den Bahnhof in Stuttgart nicht bezahlen.",
            "de",
        ),
        ("ВЛАДИМИР ПУТИН ПРИЕХАЛ В КАЗАНЬ.", "Владимир Путин приехал в Казань.", "ru"),
    ],
)
def test_each_word_gets_its_most_frequent_case(written: str, read: str, language: str) -> None:
    assert sentence_case(written, language) == read


def test_a_headline_in_title_case_is_changed_for_the_small_models_only() -> None:
    headline = "Macron And Scholz Agree To Send Weapons To Ukraine"
    assert sentence_case(headline) == headline
    with fast_models():
        assert sentence_case(headline) == "Macron and Scholz agree to send weapons to Ukraine"
        assert sentence_case("LA FRANCE A REÇU ANGELA MERKEL.", "fr") == "La France a reçu Angela Merkel."


@pytest.mark.parametrize(
    "text",
    [
        "The mayor of London opened a bridge on Monday, and IBM, AT&T and the BBC reported it.",
        "In 2006, she was named a Fellow of the Royal Society of Canada.",
        "Reporting by Anna Love; Editing by Mary Winning and Peter Best",
        "PARIS, March 3 (Reuters) - Airbus cut jobs.",
        "Angela Merkel, Emmanuel Macron, Olaf Scholz and Boris Johnson met Vladimir Putin",
        "",
    ],
)
def test_a_sentence_stays_as_it_is(text: str) -> None:
    assert sentence_case(text) == text


def test_a_word_has_the_case_that_the_rest_of_the_article_gives_it() -> None:
    texts = {"title": "POLICE AND FIRE CREWS HELP ORANGE", "text": "The town of Orange thanked the crews."}
    assert in_sentence_case(texts, "en")["title"] == "Police and fire crews help Orange"


def test_two_towns_of_a_dateline_are_two_places() -> None:
    assert (
        names("JOHANNESBURG/CAPE TOWN, March 3 (Reuters) - Eskom said it would cut power.").items()
        >= {"Johannesburg": "LOCATION", "Cape Town": "LOCATION"}.items()
    )


def test_the_names_are_those_of_the_same_text_in_sentence_case() -> None:
    text = "Prime Minister Keir Starmer said on Monday that NATO and the European Union would support Ukraine. Vladimir Putin was in Moscow."
    assert names(text.upper()) == names(text)
    french = "Le président Emmanuel Macron a reçu Angela Merkel mardi à Berlin, et François Hollande est allé à Lyon."
    assert names(french.upper(), "fr") == names(french, "fr")


@given(st.text(alphabet=st.sampled_from("aAbB ßİŉǅ'’-.:\n(/)ÉéÇΣς,"), max_size=80))
def test_the_length_stays_the_same(text: str) -> None:
    assert len(sentence_case(text)) == len(text)


# Fragments in capitals, or like a dateline or a speaker.
HOSTILE = ["A", "AB ", "AB-", "AB. ", "Ab Cd ", "A'", "AB/", "AB: ", "(A) - ", "AB, C\n", "THE MAYOR SPOKE.\n"]


def test_a_sentence_many_times_in_a_row_has_the_same_case_each_time() -> None:
    assert sentence_case("THE MAYOR SPOKE.\n" * 1_000) == "The mayor spoke.\n" * 1_000


@pytest.mark.parametrize("fragment", HOSTILE)
def test_a_fragment_many_times_in_a_row_keeps_its_letters(fragment: str) -> None:
    assert sentence_case(fragment * 1_000).replace(",", "/").lower() == (fragment * 1_000).replace(",", "/").lower()


@pytest.mark.parametrize("fragment", HOSTILE)
def test_the_time_grows_in_proportion_to_the_length(fragment: str) -> None:
    assert growth(sentence_case, lambda size: fragment * (size // len(fragment)), 2_500) <= LINEAR
