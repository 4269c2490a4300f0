"""The language of an article: its code where it can be identified, `language_unknown` where not."""

import json
import os
import subprocess
import sys
from itertools import pairwise

import eldc
import pytest

from agents.language.analyser import analyse, models
from agents.language.eldc_detector import MODEL
from agents.language.ngrams import MODEL as NGRAMS
from evaluation.sentence_forms import without_accents
from tests.support.sentences import CLOSE_LANGUAGES, KNOWN_BY_NGRAMS, SENTENCES, article, language

# Nepali, Kyrgyz, Hausa, Maltese, Breton, Uzbek and Malagasy.
UNKNOWN = {
    "ne": "सरकारले मंगलबार उक्त पुल शरद ऋतुमा पुनः खोलिने जानकारी दिएको छ।",
    "ky": "Өкмөт шейшемби күнү көпүрө күзүндө кайрадан ачыларын билдирди.",
    "ha": "Gwamnati ta sanar ranar Talata cewa za a sake bude gadar a lokacin kaka.",
    "mt": "Il-gvern ħabbar nhar it-Tlieta li l-pont se jerġa' jinfetaħ fil-ħarifa.",
    "br": "Kemennet he deus ar gouarnamant dimeurzh e vo digoret ar pont en-dro en diskar-amzer.",
    "uz": "Hukumat seshanba kuni ko'prik kuzda qayta ochilishini ma'lum qildi.",
    "mg": "Nanambara ny governemanta ny Talata fa hosokafana indray ny tetezana amin'ny fararano.",
}

LONGER = {
    "cs": "Vláda v úterý oznámila, že most bude na podzim znovu otevřen a že lidé z obou břehů řeky si už nebudou muset zajíždět.",
    "hu": "A kormány kedden bejelentette, hogy a híd ősszel újra megnyílik, és a városnak nem kell többé kerülőt tennie.",
    "pl": SENTENCES["pl"],
    "sv": SENTENCES["sv"],
    "tr": SENTENCES["tr"],
    "vi": SENTENCES["vi"],
}


@pytest.mark.parametrize("code", SENTENCES)
def test_one_sentence_is_enough_for_its_language(code: str) -> None:
    assert language(SENTENCES[code]) == code


@pytest.mark.parametrize("code", SENTENCES)
def test_capitals_change_no_answer(code: str) -> None:
    assert language(SENTENCES[code].upper()) == code


@pytest.mark.parametrize(
    "frame", [" date 2024-03 {}", "PARIS, 12 mars 2024 (AFP) — {}", "By John Smith, Reuters\n12 March 2024\n\n{}"]
)
@pytest.mark.parametrize("code", SENTENCES)
def test_a_date_or_a_byline_before_a_text_changes_no_answer(code: str, frame: str) -> None:
    assert language(frame.format(SENTENCES[code])) == code


@pytest.mark.parametrize(
    ("text", "code"), [("장대비가 퍼붓는 전반.", "ko"), ("Bilder, fakta og linker.", "nb"), ("Ele não é assim.", "pt")]
)
def test_foreign_names_before_a_few_words_change_no_answer(text: str, code: str) -> None:
    assert language(f"Zoltán Novák, Lars Müller\n{text}") == language(text) == code


@pytest.mark.parametrize(
    "frame",
    [
        '<div class="the news of the world"><p><b>{}</b></p></div>',
        "## **{}** [»](https://www.example.com/and/so/on)",
        "{} https://www.example.com/the/end-of-the-world @the_news_desk #News",
        "{} iPhone, Google",
        "😀 {} 😀 123,456.78 %",
    ],
)
@pytest.mark.parametrize("code", SENTENCES)
def test_markup_addresses_and_foreign_names_around_a_text_change_no_answer(code: str, frame: str) -> None:
    assert language(frame.format(SENTENCES[code])) == code


def test_entities_and_tags_inside_words_are_read() -> None:
    assert (
        language(
            "L&rsquo;&eacute;t&eacute; a &eacute;t&eacute; tr&egrave;s chaud et <i>les for&ecirc;ts</i> br&ucirc;lent."
        )
        == "fr"
    )


def test_the_turkish_dotted_capital_is_an_i() -> None:
    assert language("İSTANBUL'DA BİRÇOK KİŞİ SALI GÜNÜ YENİ KÖPRÜNÜN AÇILIŞINI İZLEDİ") == "tr"


@pytest.mark.parametrize("code", CLOSE_LANGUAGES)
def test_close_languages_are_identified_by_their_words(code: str) -> None:
    assert language(CLOSE_LANGUAGES[code]) == code


@pytest.mark.parametrize("code", KNOWN_BY_NGRAMS)
def test_ngrams_identify_a_language_that_the_detector_does_not_know(code: str) -> None:
    assert language(KNOWN_BY_NGRAMS[code]) == code


@pytest.mark.parametrize("code", UNKNOWN)
def test_a_language_that_no_model_knows_is_unknown(code: str) -> None:
    assert language(UNKNOWN[code]) is None


@pytest.mark.parametrize("code", ["cs", "hu", "pl", "sv", "tr", "vi"])
def test_a_text_without_its_accents_is_in_the_same_language(code: str) -> None:
    assert language(without_accents(LONGER[code])) == code


@pytest.mark.parametrize("gap", [" " * 1_500, "\n" * 1_500, "\u3000" * 1_500])
def test_a_gap_in_a_long_text_changes_no_answer(gap: str) -> None:
    assert language(SENTENCES["fr"] * 8 + gap + SENTENCES["fr"] * 8) == "fr"


def test_words_after_a_page_of_markup_are_found() -> None:
    assert language("<style>p { color: red }</style>\n" + '<div class="a"></div>\n' * 200 + SENTENCES["es"] * 3) == "es"


def test_the_title_counts_for_a_short_text_only() -> None:
    assert language("1:2 (0:1)", title=SENTENCES["de"]) == "de"
    assert language(SENTENCES["fr"] * 5, title=SENTENCES["de"]) == "fr"


@pytest.mark.parametrize("text", [SENTENCES["fr"], "12 345"])
def test_the_declared_language_is_kept_and_changes_no_answer(text: str) -> None:
    [without], [with_hint] = analyse([article(text)]), analyse([article(text, declared="de")])
    assert (without.declared, with_hint.declared) == (None, "de")
    assert language(text) == getattr(with_hint, "code", None)


def test_settings_of_other_detector_instances_change_no_answer() -> None:
    eldc.set_languages(["en", "de"])
    eldc.set_scheme("iso639-2t")
    try:
        assert language(SENTENCES["fr"]) == "fr"
    finally:
        eldc.set_languages([])
        eldc.set_scheme("iso639-1")


def test_the_models_name_every_language_that_an_answer_can_have() -> None:
    codes = models()
    assert set(SENTENCES) | set(CLOSE_LANGUAGES) | set(KNOWN_BY_NGRAMS) <= set(codes)
    assert "no" not in codes
    assert all(len(code) == 2 and model in (MODEL, NGRAMS) for code, model in codes.items())


def test_every_process_gives_the_same_answers() -> None:
    """Texts with equal parts in two scripts are included: no answer depends on the order of a set."""
    texts = [
        "Berlin Москва Αθήνα 東京 서울 दिल्ली",
        *(f"{SENTENCES[one]} {SENTENCES[two]}" for one, two in pairwise(SENTENCES)),
    ]
    script = "import json, sys\nfrom agents.language.cleaning import clean\nprint([clean(text) for text in json.load(sys.stdin)])"
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=json.dumps(texts),
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(4)
    }
    assert len(answers) == 1
