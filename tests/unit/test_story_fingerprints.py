"""Fingerprints of articles: forms of words, numbers and names that spellings share, and what is left out of a text."""

from __future__ import annotations

import numpy as np
import pytest

from agents.stories import vocabulary
from agents.stories.boilerplate import without_boilerplate
from agents.stories.fingerprint import MOST_READ, SKETCH, TERMS, TYPE_SHIFT, Fingerprint, Term, fingerprint
from agents.stories.similarity import Overlap, overlaps
from agents.stories.vocabulary import Vocabulary
from agents.stories.words import BREAK, CAPITALISED, NUMBER, WORD, name_form, name_words, number, pieces, stem, tokens
from evaluation.story_articles import articles
from streams.records import Entities, Entity, Mention, Place
from tests.support.growth import LINEAR, growth

SENTENCES = [f"Sentence number{at} tells of matter{at * 7} and of person{at * 13} there." for at in range(400)]


def read(text: str) -> list[tuple[str, int]]:
    return [token for piece in pieces(text) for token in tokens(piece)]


def overlap(one: Fingerprint, other: Fingerprint) -> Overlap:
    [found] = overlaps(one.sketch, other.sketch[None, :], np.array([len(other.sketch)], np.uint16))
    return found


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("1,200", "1200"),
        ("1.200", "1200"),
        ("1 200", "1200"),
        ("1'200", "1200"),
        ("8 214,35", "8214.35"),
        ("1,234,567.8", "1234567.8"),
        ("4.50", "4.5"),
        ("4,5", "4.5"),
        ("18:30", "18.3"),
        ("007", "007"),
        ("2026", "2026"),
    ],
)
def test_a_number_has_one_form_in_all_languages(written: str, form: str) -> None:
    assert number(written) == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Salnikow", "Сальников"),
        ("Сальников", "Сальникова"),
        ("Cherlak", "Tscherlak"),
        ("Черлак", "Cherlak"),
        ("Wapichana", "Вапишана"),
        ("Galljamow", "Галлямов"),
        ("Ferrandi", "Ферранди"),
        ("Göteborg", "Goteborg"),
    ],
)
def test_a_name_has_one_form_in_its_transcriptions_and_cases(one: str, other: str) -> None:
    assert name_form(one) == name_form(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Salnikov", "Sokolov"), ("Lyon", "London"), ("Marchadier", "Marchand")])
def test_other_names_have_other_forms(one: str, other: str) -> None:
    assert name_form(one) != name_form(other)


def test_inflected_words_share_a_stem() -> None:
    assert stem("Warehouses") == stem("warehouse")
    assert stem("дамбу") == stem("Дамбу")


def test_the_words_numbers_and_breaks_of_a_text_are_read_in_their_order() -> None:
    assert read("Smoke hung. Crews of 1 400 came:14,5") == [
        ("Smoke", CAPITALISED), ("hung", WORD), ("", BREAK), ("Crews", CAPITALISED), ("of", WORD), ("1400", NUMBER),
        ("came", WORD), ("", BREAK), ("14.5", NUMBER),
    ]  # fmt: skip


def test_a_capital_at_the_beginning_of_a_sentence_is_no_name() -> None:
    def terms(text: str) -> set[int]:
        return set(fingerprint("", text, "en", None).terms.tolist())

    inside = terms("the smoke hung over Gothenburg and the crews worked")
    assert len(inside) == len(terms("the smoke hung over gothenburg and the crews worked")) + 1
    assert terms("the smoke hung over. Gothenburg and the crews worked") < inside


def test_scripts_without_spaces_are_read_character_by_character() -> None:
    assert [word for word, _ in read("東京で火災")] == list("東京で火災")


@pytest.mark.parametrize(
    "line",
    [
        "By Sara Lindqvist",
        "Par Hélène Marchadier",
        "Автор: Нина Ермолаева",
        "© 2026 Nordpress. All rights reserved.",
        "Alle Rechte vorbehalten",
        "Read more: ten harbours",
        "Lire aussi : le port",
        "(Reporting by Sara Lindqvist; editing by Tom Ashdown)",
    ],
)
def test_a_line_of_boilerplate_is_left_out(line: str) -> None:
    assert without_boilerplate(f"{line}\nA fire broke out.").strip() == "A fire broke out."
    assert without_boilerplate(f"A fire broke out.\n{line}").strip() == "A fire broke out."


@pytest.mark.parametrize("dateline", ["OSLO (Nordpress) — ", "GOTHENBURG, March 2 (Nordpress) - ", "LYON – "])
def test_a_dateline_is_left_out(dateline: str) -> None:
    assert without_boilerplate(f"{dateline}A fire broke out.") == "A fire broke out."


@pytest.mark.parametrize(
    "text",
    ["By night the fire grew.", "Read moreover what he wrote.", "Lyon - Marseille ended 2-1.", "Par amour, il partit."],
)
def test_a_sentence_that_begins_like_boilerplate_stays(text: str) -> None:
    assert without_boilerplate(text) == text


def test_the_shared_part_of_long_texts_is_estimated() -> None:
    whole = fingerprint("", " ".join(SENTENCES), "en", None)
    half = fingerprint("", " ".join(SENTENCES[:200]), "en", None)
    other = fingerprint("", " ".join(SENTENCES[200:]), "en", None)
    assert len(whole.sketch) == SKETCH
    assert overlap(whole, half).of_shorter > 0.95
    assert overlap(whole, half).of_both == pytest.approx(0.5, abs=0.12)
    assert overlap(half, other).of_shorter < 0.3  # "tells of", "and of" and "there"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Agence spatiale européenne", ("Agence",)),
        ("Boeing 747", ("Boeing",)),
        ("adidas", ("adidas",)),
        ("მარიამ კვირიკაშვილი", ("მარიამ", "კვირიკაშვილი")),
        ("أحمد حسن", ("أحمد", "حسن")),
    ],
)
def test_words_without_a_capital_belong_to_no_name_unless_the_name_has_no_capitals(
    name: str, words: tuple[str, ...]
) -> None:
    assert name_words(name) == words


def test_a_name_that_is_mentioned_in_another_form_counts_once() -> None:
    def names(entities: Entities | None) -> set[int]:
        terms = fingerprint("", "the Riksbankens smoke of Malmberget", "sv", entities).terms
        return set(terms[terms >> TYPE_SHIFT == Term.NAME].tolist())

    text = "Riksbankens"
    mention = Mention(field="text", start=4, end=4 + len(text), text=text)
    bank = Entity(name="Riksbanken", type="ORGANIZATION", count=1, mentions=[mention])
    found = names(Entities(model="m", items=[bank]))
    assert len(found) == 2
    assert len(found & names(None)) == 1, "Malmberget, of which the entities know nothing"


def test_a_place_counts_under_its_number_in_all_languages() -> None:
    def placed(name: str) -> Entities:
        place = Place(geonames_id=2711537, latitude=57.7, longitude=11.97, country="SE")
        mention = Mention(field="text", start=0, end=len(name), text=name)
        return Entities(model="m", items=[Entity(name=name, type="LOCATION", count=1, mentions=[mention], place=place)])

    english = fingerprint("", "gothenburg", "en", placed("Gothenburg"))
    swedish = fingerprint("", "göteborg", "sv", placed("Göteborg"))
    assert len(np.intersect1d(english.terms, swedish.terms)) == 1


@pytest.mark.parametrize("text", ["a", "1", "東", "!" * 50 + "a", "a" * 100_000, "9" * 100_000, "A. " * 30_000])
def test_any_text_has_a_fingerprint(text: str) -> None:
    found = fingerprint("", text, "", None)
    assert 0 < len(found.sketch) <= SKETCH
    assert len(found.terms) <= TERMS
    assert fingerprint("", text, "", None).digest == found.digest


def test_a_fingerprint_does_not_depend_on_the_texts_that_were_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def prints(order: int) -> dict[str, list[object]]:
        found = {each.id: fingerprint(each.title, each.text, each.language, None) for each in stream[::order]}
        return {key: [each.digest, each.sketch.tolist(), each.terms.tolist()] for key, each in found.items()}

    stream = articles("development")
    whole = prints(1)
    assert prints(-1) == whole
    monkeypatch.setattr(vocabulary, "MOST_TOKENS", 100)
    assert prints(1) == whole, "with a vocabulary that forgets its words again and again"


def test_the_vocabulary_keeps_no_more_than_its_limits() -> None:
    words = Vocabulary()
    for at in range(40):
        words.numbers(" ".join(f"{at}{'n' * 200_000}{each}" for each in range(2)))
    assert sum(map(len, words.forms)) < vocabulary.MOST_CHARACTERS + 500_000
    assert not any(len(piece) > 1_000 for piece in words)


def test_text_after_the_limit_is_not_read() -> None:
    text = ("word " * MOST_READ)[:MOST_READ]
    assert fingerprint("", text + "one", "en", None).digest == fingerprint("", text + "other", "en", None).digest


def test_the_time_for_a_fingerprint_grows_linearly_with_the_text() -> None:
    assert (
        growth(lambda text: fingerprint("", text, "en", None), lambda size: " ".join(SENTENCES)[:size], 5_000) < LINEAR
    )
