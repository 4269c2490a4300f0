"""The sentiment of hostile texts: a valid result, and a time in proportion to the length."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.sentiment import LABELS, LANGUAGES, MODEL
from agents.sentiment.analyser import TEXT_LENGTH
from streams.records import NotAnalysed, Sentiment
from tests.support.sentiment_texts import FACTUAL, NEGATIVE, POSITIVE, only


def assert_valid(result: Sentiment | NotAnalysed) -> None:
    if isinstance(result, NotAnalysed):
        return
    values = {label: getattr(result.probabilities, label) for label in LABELS}
    assert all(0 <= value <= 1 and round(value, 4) == value for value in values.values())
    assert sum(round(10_000 * value) for value in values.values()) == 10_000
    assert result.confidence == values[result.label] == max(values.values())
    assert result.score == round(values["positive"] - values["negative"], 4)
    assert result.model == MODEL


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000,
        "a" * 1_000_000,
        "Good. " * 160_000,
        "!" * 1_000_000 + " two words",
        "\u0315\u0300" * 500_000 + " two words",
        "ﷺ" * 333_333,
        "http://" * 140_000,
        "(((((" * 200_000,
        "\r\n" * 500_000 + " two words",
        "\ud800 \udfff lone halves of characters \ud800",
        "Ein Tag\r\nim Leben\x85einer\u2028Zeile\x0bund\x00Nichts",
        "e\u0301\u0327" * 1000,
        "👩‍👩‍👧‍👦🏳️‍🌈 two words 🇫🇷" * 1000,
    ],
    ids=range(13),
)
@pytest.mark.timeout(20)
def test_hostile_text_gives_a_valid_result_in_bounded_time(text: str) -> None:
    for language in ("en", "ar", "fr"):
        assert_valid(only(text, language, text))


@given(st.text(), st.none() | st.text(), st.sampled_from([*LANGUAGES, None, "nl"]))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_a_valid_result(text: str, title: str | None, language: str | None) -> None:
    assert_valid(only(text, language, title))


@given(
    st.lists(st.sampled_from([*POSITIVE.values(), *NEGATIVE.values(), *FACTUAL.values()]), min_size=1),
    st.sampled_from([*LANGUAGES]),
)
@settings(max_examples=100, deadline=None)
def test_any_news_gives_a_valid_result(texts: list[str], language: str) -> None:
    assert_valid(only("\n".join(texts), language))


def test_text_beyond_the_limit_changes_nothing() -> None:
    text = (FACTUAL["en"] + " ") * 400
    assert only(text + POSITIVE["en"] * 10) == only(text[:TEXT_LENGTH])
