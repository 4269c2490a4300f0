"""The sentiment of hostile texts: a valid result, and a time in proportion to the length."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.sentiment import encoder_reading, ngram_reading
from agents.sentiment.limits import TEXT_LENGTH
from agents.sentiment.results import LABELS
from streams.records import NotAnalysed, Sentiment
from tests.support.fast_models import fast_models
from tests.support.growth import LINEAR, growth
from tests.support.sentiment_texts import FACTUAL, NEGATIVE, POSITIVE, only

TOO_SHORT = ("text_too_short",) * 3


def assert_valid(result: Sentiment | NotAnalysed) -> None:
    if isinstance(result, NotAnalysed):
        return
    values = {label: getattr(result.probabilities, label) for label in LABELS}
    assert all(0 <= value <= 1 and round(value, 4) == value for value in values.values())
    assert sum(round(10_000 * value) for value in values.values()) == 10_000
    assert result.confidence == values[result.label] == max(values.values())
    assert result.score == round(values["positive"] - values["negative"], 4)
    assert result.model in (encoder_reading.MODEL, ngram_reading.MODEL)


# Hostile texts with a number of fragments, and the label of each, or the reason why it has none, in English, Arabic and
# French.
HOSTILE: dict[str, tuple[Callable[[int], str], tuple[str, str, str]]] = {
    "words": (lambda number: "word " * number, ("neutral", "no_model_for_language", "neutral")),
    "one word": (lambda number: "a" * number, ("neutral", "no_model_for_language", "neutral")),
    "short sentences": (lambda number: "Good. " * number, ("positive", "no_model_for_language", "positive")),
    "exclamation marks": (lambda number: "!" * number + " two words", TOO_SHORT),
    "marks": (lambda number: "\u0315\u0300" * number + " two words", TOO_SHORT),
    "ligatures": (lambda number: "ﷺ" * number, ("no_model_for_language", "positive", "no_model_for_language")),
    "addresses": (lambda number: "http://" * number, TOO_SHORT),
    "brackets": (lambda number: "(((((" * number, TOO_SHORT),
    "line breaks": (lambda number: "\r\n" * number + " two words", TOO_SHORT),
    "lone halves": (
        lambda number: "\ud800 \udfff lone halves of characters \ud800" * number,
        ("negative", "no_model_for_language", "neutral"),
    ),
    "line ends": (
        lambda number: "Ein Tag\r\nim Leben\x85einer\u2028Zeile\x0bund\x00Nichts" * number,
        ("neutral", "no_model_for_language", "neutral"),
    ),
    "letters with marks": (lambda number: "e\u0301\u0327" * number, ("neutral", "no_model_for_language", "neutral")),
    "emoji": (
        lambda number: "👩‍👩‍👧‍👦🏳️‍🌈 two words 🇫🇷" * number,
        ("neutral", "no_model_for_language", "neutral"),
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_text_has_the_label_of_its_words_or_none_from_the_fast_model(kind: str) -> None:
    make, expected = HOSTILE[kind]
    text = make(TEXT_LENGTH)
    with fast_models():
        results = [only(text, language, text) for language in ("en", "ar", "fr")]
    for result in results:
        assert_valid(result)
    assert tuple(each.label if isinstance(each, Sentiment) else each.reason for each in results) == expected


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_text_with_words_has_a_sentiment(kind: str) -> None:
    make, (expected, *_) = HOSTILE[kind]
    text = make(TEXT_LENGTH)
    result = only(text, "en", text)
    assert_valid(result)
    assert isinstance(result, NotAnalysed) == (expected == "text_too_short")


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_time_grows_in_proportion_to_the_part_that_is_read(kind: str) -> None:
    make, _ = HOSTILE[kind]
    text = make(TEXT_LENGTH)
    assert growth(only, lambda size: text[-size:], TEXT_LENGTH // 4) <= LINEAR


@pytest.mark.parametrize("kind", ["words", "marks", "line breaks"])
def test_a_text_beyond_the_part_that_is_read_takes_no_more_time(kind: str) -> None:
    make, _ = HOSTILE[kind]
    text = make(10 * TEXT_LENGTH)
    assert growth(only, lambda size: text[:size], 2 * TEXT_LENGTH) < 3


@given(st.text(), st.none() | st.text(), st.sampled_from([*sorted(encoder_reading.LANGUAGES), None, "nl"]))
@settings(max_examples=100, deadline=None)
def test_any_text_gives_a_valid_result(text: str, title: str | None, language: str | None) -> None:
    assert_valid(only(text, language, title))
    with fast_models():
        assert_valid(only(text, language, title))


@given(
    st.lists(st.sampled_from([*POSITIVE.values(), *NEGATIVE.values(), *FACTUAL.values()]), min_size=1),
    st.sampled_from(sorted(encoder_reading.LANGUAGES)),
)
@settings(max_examples=10, deadline=None)
def test_any_news_gives_a_valid_result(texts: list[str], language: str) -> None:
    assert_valid(only("\n".join(texts), language))


def test_text_beyond_the_limit_changes_nothing() -> None:
    text = (FACTUAL["en"] + " ") * 400
    assert only(text + POSITIVE["en"] * 10) == only(text[:TEXT_LENGTH])
