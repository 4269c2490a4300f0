"""A text that is no language, or too short, has an unknown language; Telex never guesses."""

import pytest

from agents.language.analyser import analyse
from agents.language.cleaning import LONG_WINDOW, clean
from agents.language.eldc_detector import MODEL
from evaluation import not_language
from streams.records import Article, Language, NotAnalysed


def article(text: str, title: str | None = None, declared: str | None = None) -> Article:
    return Article(id="1", text=text, title=title, language=None, declared=declared, fields={})


def language(text: str, title: str | None = None) -> str | None:
    [answer] = analyse([article(text, title)])
    return answer.code if isinstance(answer, Language) else None


@pytest.mark.parametrize(("kind", "texts"), not_language.kinds(40).items())
def test_a_text_that_is_no_language_is_unknown(kind: str, texts: list[str]) -> None:
    assert [text for text in texts if language(text) is not None] == []


@pytest.mark.parametrize("text", ["習近平、李強、王毅", "김철수, 이영희, 박민수", "محمد علي، أحمد حسن، فاطمة الزهراء"])
def test_names_in_a_script_without_capitals_are_unknown(text: str) -> None:
    assert language(text) is None


@pytest.mark.parametrize("text", ["a", "OK", "Hello", "是的", "x" * 1_000_000, "\u0301", "\x00"])
def test_a_text_that_is_too_short_is_unknown(text: str) -> None:
    assert language(text) is None


def test_nothing_is_read_beyond_the_window() -> None:
    assert clean("1 " * LONG_WINDOW + "Le pont sera rouvert.").words == []


def test_an_unknown_language_has_a_reason_and_a_model() -> None:
    assert analyse([article("12 345", declared="fr")]) == [
        NotAnalysed(reason="language_unknown", model=MODEL, declared="fr")
    ]
