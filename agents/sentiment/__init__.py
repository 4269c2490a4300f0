"""The sentiment of an article: how negative, neutral or positive its sentences are on the whole."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from agents.normalization import normalize
from agents.sentiment import passages, weights
from agents.sentiment.credits import without_credits
from agents.sentiment.events import Evidence, evidence
from agents.sentiment.features import lexicon
from agents.sentiment.passages import is_word
from agents.sentiment.relief import without_relief
from streams.records import Article, Label, NotAnalysed, Probabilities, Sentiment

MODEL = "telex-sentiment/3"
_LATIN, _ARABIC = re.compile("[A-\u024f\u1e00-\u1eff]"), re.compile("[\u0600-\u077f]")
# The languages that it was trained on, each with the letters of its script: a text in another script is not read.
LANGUAGES: dict[str, re.Pattern[str]] = dict.fromkeys(("de", "en", "es", "fr", "it", "pt"), _LATIN) | {"ar": _ARABIC}
LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
# A single word is mostly a name, unless the lexicon has it: "grazie!" says enough. Two are weighed as rightly as a hundred.
FEWEST_WORDS = 2
# The title counts so much of what the text counts, at most: a headline calls for readers, and the text says what has happened.
MOST_OF_TITLE = 0.5


def analyse(articles: Sequence[Article]) -> list[Sentiment | NotAnalysed]:
    """The sentiment of each article, or why there is none: a pure function of its title, text and language.

    The title and every passage of the text (one sentence, or several short ones) are weighed alone, and what the news reports in it is
    evidence; the article's probabilities are the mean of theirs, by their length. What stands beyond the first 20,000 characters is not read.
    """
    return [_analyse(article) for article in articles]


def load(languages: Collection[str] = ()) -> None:
    """Load the model. Raises TelexError when its file cannot be read."""
    weights.load()


def models() -> dict[str, str]:
    """The languages that are analysed (ISO 639-1), each with its model; loads nothing."""
    return dict.fromkeys(sorted(LANGUAGES), MODEL)


def _analyse(article: Article) -> Sentiment | NotAnalysed:
    language = article.language
    if language is None:
        return NotAnalysed(reason="language_unknown")
    if language not in LANGUAGES:
        return NotAnalysed(reason="no_model_for_language")
    title, text = normalize((article.title or "")[: passages.TITLE]).text, normalize(article.text[: passages.TEXT]).text
    heading, body = _read(title, language), _read(without_credits(text), language)
    weighed = [passage for passage, _ in heading + body]
    words = [word for passage in weighed for word in passage if is_word(word)]
    if len(words) < FEWEST_WORDS and not lexicon(language).weigh(words):
        return NotAnalysed(reason="text_too_short", model=MODEL)
    initials = "".join([word.lstrip("#@")[:1] for word in words])
    if 2 * len(LANGUAGES[language].findall(initials)) < len(words):
        return NotAnalysed(reason="no_model_for_language")
    found = weights.load()[language].probabilities(weighed, language) * np.array(
        [likely for _, likely in heading + body]
    )
    found /= found.sum(axis=1, keepdims=True)
    return opinion(MODEL, np.average(found, axis=0, weights=_shares(heading, body)))


def _read(text: str, language: str) -> list[tuple[list[str], Evidence]]:
    """The passages of a title or a text, each with what its events say."""
    return [
        (passage, found)
        for part, found in evidence(text, language)
        for passage in passages.passages(None, without_relief(part, language))
    ]


def _shares(
    heading: Sequence[tuple[list[str], Evidence]], body: Sequence[tuple[list[str], Evidence]]
) -> NDArray[np.float64]:
    """How much each passage counts: as its words, up to those of a full one. The title counts half as much as the text, at most."""
    of_title, of_text = (
        np.array([min(passages.ENOUGH, sum(map(is_word, passage))) for passage, _ in part], dtype=np.float64)
        for part in (heading, body)
    )
    if of_title.size and of_text.size:
        of_title *= min(1.0, of_text.sum() * MOST_OF_TITLE / of_title.sum())
    return np.concatenate([of_title, of_text])


def opinion(model: str, probabilities: NDArray[np.float64]) -> Sentiment:
    """The record of three probabilities; the largest takes up what rounding the others left, so that they sum to 1."""
    rounded = [round(float(probability), 4) for probability in probabilities]
    largest = int(np.argmax(probabilities))
    rounded[largest] = round(1 - sum(rounded[:largest] + rounded[largest + 1 :]), 4)
    negative, neutral, positive = rounded
    return Sentiment(
        model=model,
        label=LABELS[largest],
        score=round(positive - negative, 4),
        confidence=rounded[largest],
        probabilities=Probabilities(negative=negative, neutral=neutral, positive=positive),
    )
