"""The second language of an article: of a part of its text, or of its quotations."""

import pytest

from agents.language import analyse
from streams.records import Language
from tests.support.sentences import KNOWN_BY_NGRAMS, SENTENCES, article


@pytest.mark.parametrize("letters", [1_000, 5_000])
@pytest.mark.parametrize(("first", "second"), [("en", "fr"), ("de", "pl"), ("ru", "en"), ("es", "sw"), ("ar", "en")])
def test_a_second_language_is_named_with_its_share(first: str, second: str, letters: int) -> None:
    texts = SENTENCES | KNOWN_BY_NGRAMS
    long = lambda code, letters: f"{texts[code]} " * (letters // len(texts[code]))  # noqa: E731
    [answer] = analyse([article(f"{long(first, 6 * letters // 10)}\n\n{long(second, 4 * letters // 10)}")])
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
