"""The language of hostile texts: a valid answer, and a time with a limit."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.language import analyse, models
from streams.records import Language, NotAnalysed
from tests.support.sentences import article


@given(
    st.lists(st.text() | st.from_regex(r"(?s)([<&`\[\]()@#*_.,;:/ \n\x00a-zA-Zéß0-9中か가आ😀]{1,8}){1,40}"), max_size=3)
)
def test_any_text_has_a_valid_answer_and_always_the_same(texts: list[str]) -> None:
    answers = analyse([article(text, title=text[:5]) for text in texts])
    assert answers == analyse([article(text, title=text[:5]) for text in texts])
    for answer in answers:
        assert isinstance(answer, NotAnalysed) or (answer.code in models() and 0 < answer.confidence <= 1)
        assert msgspec.json.decode(msgspec.json.encode(answer), type=Language | NotAnalysed) == answer


@pytest.mark.parametrize(
    "piece",
    [
        "\x00a",
        "a" * 999 + "é",
        "\U00020000",
        "\U0001f600é",
        "İ",
        "ﷺ",
        "á" * 7,
        "<a",
        "&lt;",
        "](",
        "`",
        "www.",
        "@",
        "के",
    ],
)
def test_long_and_strange_texts_have_a_valid_answer(piece: str) -> None:
    [answer] = analyse([article(piece * (1_000_000 // len(piece)))])
    assert isinstance(answer, Language | NotAnalysed)
