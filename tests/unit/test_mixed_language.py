"""The second language of an article: of a part of its text, or of its quotations."""

import pytest

from agents.language import analyse
from agents.language.cleaning import clean_all
from agents.language.mixed_language import language_shares
from agents.language.quotations import split_quotations
from streams.records import Language
from tests.support.growth import LINEAR, growth
from tests.support.sentences import KNOWN_BY_NGRAMS, SENTENCES, article


def repeated(code: str, size: int) -> str:
    """The sentence in a language, repeated to about `size` characters."""
    sentence = (SENTENCES | KNOWN_BY_NGRAMS)[code]
    return f"{sentence} " * (size // len(sentence))


@pytest.mark.parametrize("length", [1_000, 5_000])
@pytest.mark.parametrize(("first", "second"), [("en", "fr"), ("de", "pl"), ("ru", "en"), ("es", "sw"), ("ar", "en")])
def test_a_second_language_is_named_with_its_share(first: str, second: str, length: int) -> None:
    parts = (repeated(first, 6 * length // 10), repeated(second, 4 * length // 10))
    [answer] = analyse([article("\n\n".join(parts))])
    assert isinstance(answer, Language)
    assert {answer.code, answer.mixed and answer.mixed.code} == {first, second}
    assert answer.mixed
    assert 0.25 < answer.mixed.share < 0.7


@pytest.mark.parametrize("code", SENTENCES)
def test_an_article_in_one_language_has_no_second(code: str) -> None:
    [answer] = analyse([article(f"{SENTENCES[code]} " * 20)])
    assert isinstance(answer, Language)
    assert answer.mixed is None


@pytest.mark.parametrize(
    ("text", "code", "other"),
    [
        (
            'The French minister said: "Nous ne céderons pas, la France restera debout face à cette menace et nos alliés le savent." '
            "He left the room without taking questions from the press.",
            "en",
            "fr",
        ),
        (
            "Le président américain a déclaré : « We will not leave our allies alone in this fight, and they know that very well. » "
            "Il a ensuite quitté la salle sans répondre aux journalistes.",
            "fr",
            "en",
        ),
    ],
)
def test_a_quotation_in_another_language_is_the_second_one(text: str, code: str, other: str) -> None:
    [answer] = analyse([article(text)])
    assert isinstance(answer, Language)
    assert answer.code == code
    assert answer.mixed is not None
    assert answer.mixed.code == other


# Fragments with quotation marks, and the length of all quotations in a hundred of them.
HOSTILE = {
    '"': 0,
    "«": 0,
    "„a": 0,
    "「": 0,
    '"' + "a" * 40: 100 // 2 * 41 - 1,
    "«" + "a" * 40 + "»": 100 * 41 - 1,
}


@pytest.mark.parametrize("fragment", HOSTILE)
def test_only_what_stands_between_two_marks_is_a_quotation(fragment: str) -> None:
    around, quoted = split_quotations(fragment * 100)
    assert len(quoted) == HOSTILE[fragment]
    assert quoted.replace("\n", "") == "a" * (quoted.count("a"))
    assert around if quoted else around == fragment * 100


@pytest.mark.parametrize("fragment", HOSTILE)
def test_the_time_for_quotations_grows_in_proportion_to_the_length(fragment: str) -> None:
    assert growth(split_quotations, lambda size: fragment * (size // len(fragment)), 5_000) <= LINEAR


@pytest.mark.parametrize("text", [SENTENCES["en"], SENTENCES["ru"], SENTENCES["ja"], "a b c ", "Ab "])
def test_the_time_for_the_shares_of_languages_grows_in_proportion_to_the_length(text: str) -> None:
    assert (
        growth(lambda cleaned: language_shares(cleaned), lambda size: clean_all(text * (size // len(text))), 2_500)
        <= LINEAR
    )
