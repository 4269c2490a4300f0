"""The language of hostile texts: a valid answer, and a time with a limit."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.language import analyse, models
from agents.language.cleaning import LONG_WINDOW
from streams.records import Language, NotAnalysed
from tests.support.growth import LINEAR, growth
from tests.support.sentences import SENTENCES, article


@given(
    st.lists(st.text() | st.from_regex(r"(?s)([<&`\[\]()@#*_.,;:/ \n\x00a-zA-Zéß0-9中か가आ😀]{1,8}){1,40}"), max_size=3)
)
def test_any_text_has_a_valid_answer_and_always_the_same(texts: list[str]) -> None:
    answers = analyse([article(text, title=text[:5]) for text in texts])
    assert answers == analyse([article(text, title=text[:5]) for text in texts])
    for answer in answers:
        assert isinstance(answer, NotAnalysed) or (answer.code in models() and 0 < answer.confidence <= 1)
        assert msgspec.json.decode(msgspec.json.encode(answer), type=Language | NotAnalysed) == answer


# Fragments that stand many times in a row, and the language of such a text. The last one is the Hindi word for "of".
HOSTILE = dict.fromkeys(
    (
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
        "\u0315\u0300",
        "«",
        '"a',
        "A\n",
        "1 x\n",
        "x: ",
        "Ab, ",
    ),
) | {"के": "hi"}


@pytest.mark.parametrize("fragment", HOSTILE)
def test_a_fragment_many_times_in_a_row_is_no_language_unless_it_is_a_word(fragment: str) -> None:
    text = fragment * (1_000_000 // len(fragment))
    [answer] = analyse([article(text, title=text)])
    assert (answer.code if isinstance(answer, Language) else None) == HOSTILE[fragment]
    assert analyse([article(text[:LONG_WINDOW], title=text)]) == [answer]


@pytest.mark.parametrize("fragment", HOSTILE)
def test_the_time_grows_in_proportion_to_the_part_that_is_read(fragment: str) -> None:
    repeated = lambda size: article(fragment * (size // len(fragment)))  # noqa: E731
    assert growth(lambda given: analyse([given]), repeated, LONG_WINDOW // 4) <= LINEAR


@pytest.mark.parametrize(
    "text", [SENTENCES["fr"], f"{SENTENCES['en']} « {SENTENCES['fr']} »", "Ab, Cd\nEf 1\n", "a b: "]
)
def test_a_text_beyond_the_part_that_is_read_takes_no_more_time(text: str) -> None:
    repeated = lambda size: article(text * (size // len(text)))  # noqa: E731
    assert growth(lambda given: analyse([given]), repeated, 5 * LONG_WINDOW) < 2
