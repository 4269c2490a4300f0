"""News events as evidence of the sentiment: rises and falls, deaths, and harm that did not happen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.sentiment import analyse
from agents.sentiment.harmless_phrases import without_harmless_phrases
from agents.sentiment.news_events import GOOD_NEWS, NO_EVENT, split_by_evidence
from streams.records import Article, Sentiment
from tests.support.growth import LINEAR, growth
from tests.support.sentiment_texts import FACTUAL, POSITIVE, sentiment_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Unemployment fell to its lowest level in twenty years, the office said.", "en"),
        ("Le chômage recule à son plus bas niveau depuis vingt ans.", "fr"),
        ("La disoccupazione è scesa al livello più basso degli ultimi venti anni.", "it"),
        ("The two sides signed a treaty ending the war that had killed thousands.", "en"),
        ("Not the worst show that I have seen.", "en"),
    ],
)
def test_less_of_a_bad_thing_is_not_negative(text: str, language: str) -> None:
    [answer] = analyse([Article(id="1", text=text, title=None, language=language, declared=None, fields={})])
    assert isinstance(answer, Sentiment)
    assert answer.label != "negative"


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        (
            "The sculptor, who has died aged 84, was loved by millions and won every prize. She is survived by her sons.",
            "en",
            "neutral",
        ),
        (
            "Le peintre est mort à 91 ans. Ses toiles superbes ont enchanté le public et il était adoré de tous.",
            "fr",
            "neutral",
        ),
        (
            "Die Dichterin ist im Alter von 88 Jahren gestorben. Sie wurde vom Publikum geliebt und gewann viele Preise.",
            "de",
            "neutral",
        ),
        ("El actor, fallecido a los 79 años, fue muy querido y ganó varios premios.", "es", "neutral"),
        ("Shares in the brewer leapt 9% to a record.", "en", "positive"),
        ("The brewer's shares plunged 9%.", "en", "negative"),
        ("L'action du brasseur plonge de 9 % à Paris.", "fr", "negative"),
        ("Die Aktie der Brauerei brach nach einer Gewinnwarnung um neun Prozent ein.", "de", "negative"),
        ("Die Aktie der Brauerei legte um neun Prozent zu.", "de", "positive"),
        ("Las acciones de la cervecera se hundieron un 9 %.", "es", "negative"),
        ("Le azioni del birrificio sono crollate del 9 %.", "it", "negative"),
        ("As ações da cervejaria despencaram 9 %.", "pt", "negative"),
        ("There was a sharp fall in unemployment in May.", "en", "positive"),
        ("Die Arbeitslosigkeit ging im Mai zurück.", "de", "positive"),
        ("L'incendie a été éteint sans victime.", "fr", "neutral"),
    ],
)
def test_news_events_count_more_than_words(text: str, language: str, label: str) -> None:
    assert sentiment_of(text, language).label == label


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("She shares her flat and the leaves fall.", "en"),
        ("Shares did not rise by 5% on Monday.", "en"),
        ("Unemployment could fall next year.", "en"),
        ("He was gunned down in a crime that shook the town.", "en"),
        ("The boy died aged 12 when he was stabbed in the park.", "en"),
        ("Die Bank stieg nicht auf, und der Gewinn stieg nicht.", "de"),
        ("L'action du gouvernement progresse lentement.", "fr"),
        ("أعلنت الشركة عن أرباح", "ar"),
    ],
)
def test_the_words_of_an_event_in_another_sense_are_no_event(text: str, language: str) -> None:
    assert split_by_evidence(text, language) == [(text, NO_EVENT)]


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "pt"])
def test_events_leave_the_rest_of_a_text_in_one_part(language: str) -> None:
    text = f"{FACTUAL[language]} {POSITIVE[language]}\n{FACTUAL[language]}"
    assert split_by_evidence(text, language) == [(text, NO_EVENT)]


# Words that are an event only with other words, which do not follow here, and one event.
HOSTILE = (
    "unemployment fell ",
    "shares 5% ",
    "brach ein ",
    "died at the age of ",
    "(Editing by A ",
    "By A ",
    "no ",
    "hostages a ",
    "profits a, ",
    "beat a ",
    "stirbt ",
    "\u0315\u0300",
)


def repeated(words: str, size: int) -> str:
    return (words * size)[:size]


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_parts_of_a_hostile_text_are_the_whole_text(words: str, language: str) -> None:
    text = repeated(words, 10_000)
    parts = split_by_evidence(text, language)
    assert "".join(part for part, _ in parts) == text
    is_event = words == "unemployment fell " and language == "en"
    assert [evidence for _, evidence in parts] == [GOOD_NEWS if is_event else NO_EVENT]


@pytest.mark.parametrize("words", HOSTILE)
def test_a_hostile_text_without_harmless_phrases_stays_whole(words: str) -> None:
    text = repeated(words, 9_000)
    rest = without_harmless_phrases(text, "en")
    assert rest == text  # a text that has nothing else stays too


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize(
    "rule",
    [
        lambda text: without_harmless_phrases(text, "en"),
        lambda text: split_by_evidence(text, "en"),
        lambda text: split_by_evidence(text, "de"),
    ],
    ids=["harmless phrases", "news events", "news events in German"],
)
def test_the_time_of_the_rules_grows_with_the_length(words: str, rule: Callable[[str], object]) -> None:
    assert growth(rule, lambda size: repeated(words, size), 5_000) <= LINEAR
