"""The sentiment of articles: good and bad news, the title, negation, and what is not analysed."""

from __future__ import annotations

import pytest

from agents.sentiment.encoder_reading import MODEL
from streams.records import NotAnalysed
from tests.support.fast_models import fast_models
from tests.support.sentiment_texts import FACTUAL, NEGATIVE, POSITIVE, only, sentiment_of


@pytest.mark.parametrize("language", POSITIVE)
def test_good_news_is_positive(language: str) -> None:
    assert sentiment_of(POSITIVE[language], language).label == "positive"


@pytest.mark.parametrize("language", NEGATIVE)
def test_bad_news_is_negative(language: str) -> None:
    assert sentiment_of(NEGATIVE[language], language).label == "negative"


@pytest.mark.parametrize("language", FACTUAL)
def test_a_factual_report_stays_near_the_middle(language: str) -> None:
    assert abs(sentiment_of(FACTUAL[language], language).score) < 0.35


def test_a_report_of_a_war_in_french_is_not_positive() -> None:
    text = (
        "Les combats se sont poursuivis mardi autour de la ville, où des milliers d'habitants sont privés d'eau et d'électricité. "
        "Le ministre de la Défense a rencontré son homologue américain pour la deuxième fois. "
        "Les Nations unies s'inquiètent du sort des civils et réclament un cessez-le-feu. "
        "Selon les autorités, plus de trois mille personnes ont été tuées depuis le début de l'offensive. "
        "Un responsable a déclaré que des progrès avaient été réalisés dans les négociations sur la libération des otages."
    )
    assert sentiment_of(text, "fr").score < 0


def test_a_negation_turns_a_word() -> None:
    assert (
        sentiment_of("This was not a good idea, it was never a success.").score
        < sentiment_of("This was a good idea, it was a success.").score
    )


def test_the_title_counts_like_a_passage_of_the_text() -> None:
    without = sentiment_of(FACTUAL["en"])
    assert sentiment_of(FACTUAL["en"], title="Horrible massacre: dozens killed in brutal attack").score < without.score
    assert sentiment_of(FACTUAL["en"], title="") == without == sentiment_of(FACTUAL["en"], title=" … ")


def test_a_headline_does_not_outweigh_a_text_that_contradicts_it() -> None:
    assert sentiment_of(NEGATIVE["en"], title="A wonderful, happy and beautiful day").label == "negative"
    assert (
        sentiment_of(
            "The bride was killed and four guests were injured.", title="A perfect and wonderful, happy day"
        ).label
        == "negative"
    )


def test_an_unknown_language_is_not_analysed() -> None:
    assert only(POSITIVE["en"], None) == NotAnalysed(reason="language_unknown")


@pytest.mark.parametrize("language", ["nl", "hi", "zh", "xx", ""])
def test_a_language_without_a_model_is_not_analysed(language: str) -> None:
    assert only(POSITIVE["en"], language) == NotAnalysed(reason="no_model_for_language")


@pytest.mark.parametrize(
    ("text", "language"), [(POSITIVE["ar"], "en"), (POSITIVE["en"], "ar"), ("Сегодня хороший день для всех", "de")]
)
def test_the_fast_model_does_not_analyse_a_text_in_another_script_than_its_language(text: str, language: str) -> None:
    with fast_models():
        assert only(text, language) == NotAnalysed(reason="no_model_for_language")


@pytest.mark.parametrize(
    "text",
    ["", "Paris", "1.234,56 € 12:30", "😀😀😀😀", "@a @b @c http://x.y/z", "\u0301\u0301\u0301", "\x00\x01\x02", "?!…"],
)
def test_too_little_text_is_not_analysed(text: str) -> None:
    assert only(text) == NotAnalysed(reason="text_too_short", model=MODEL)


@pytest.mark.parametrize(
    ("text", "language"), [("@user Grazie!", "it"), ("Hübsch!", "de"), ("Congratulations 🎉", "en")]
)
def test_one_word_is_enough_for_the_fast_model_if_the_lexicon_has_it(text: str, language: str) -> None:
    with fast_models():
        assert sentiment_of(text, language).label == "positive"
