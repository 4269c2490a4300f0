"""The sentiment of an article by n-grams, a lexicon and a small network: seven languages, in little time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from agents.normalization import NormalizedText
from agents.normalization.credit_lines import without_credit_lines
from agents.sentiment import weights
from agents.sentiment.entity_targets import targets_among
from agents.sentiment.harmless_phrases import without_harmless_phrases
from agents.sentiment.lexicon import lexicon
from agents.sentiment.limits import MAX_TITLE_WEIGHT, MIN_WORDS, TEXT_LENGTH
from agents.sentiment.news_events import Evidence, split_by_evidence
from agents.sentiment.passages import FULL_PASSAGE, Passage, split_passages
from agents.sentiment.results import tone
from streams.records import Entity, NotAnalysed, Sentiment

# Version 4 has the weights of version 3, and adds the sentiment towards entities (telex-target-sentiment/1).
MODEL = "telex-sentiment/4"
_LATIN, _ARABIC = re.compile("[A-\u024f\u1e00-\u1eff]"), re.compile("[\u0600-\u077f]")
# The languages of the training texts, each with the letters of its script. A text in another script is not analysed.
LANGUAGES: dict[str, re.Pattern[str]] = dict.fromkeys(("de", "en", "es", "fr", "it", "pt"), _LATIN) | {"ar": _ARABIC}

PassageWithEvidence = tuple[Passage, Evidence]


def read(readings: Mapping[str, NormalizedText], entities: Sequence[Entity], language: str) -> Sentiment | NotAnalysed:
    """The sentiment of an article in one of LANGUAGES, or the reason why there is none.

    Args:
        readings: the parts of the title and the text that are read, by the name of the field.
        entities: of the article.
        language: of the article (ISO 639-1).
    """
    found = probabilities(readings["title"].text, without_credit_lines(readings["text"].text), language)
    if isinstance(found, NotAnalysed):
        return found
    return Sentiment(model=MODEL, **tone(found), targets=targets_among(entities, readings, language))


def probabilities(title: str, text: str, language: str) -> NDArray[np.float64] | NotAnalysed:
    """The probabilities of negative, neutral and positive, or the reason why there are none.

    The model analyses the title and every passage of the text (one sentence, or several short ones) alone. News events
    in a passage are additional evidence. The probabilities of the article are the mean of its passages, weighted by
    their length.

    Args:
        title: normalized.
        text: normalized, without credit lines.
        language: of the article (ISO 639-1), one of LANGUAGES.
    """
    in_title, in_text = _passages_with_evidence(title, language), _passages_with_evidence(text, language)
    passages = [passage for passage, _ in in_title + in_text]
    words = [word for passage in passages for word in passage.words]
    if len(words) < MIN_WORDS and not lexicon(language).concepts_in(words):
        return NotAnalysed(reason="text_too_short", model=MODEL)
    initials = "".join([word.lstrip("#@")[:1] for word in words])
    if 2 * len(LANGUAGES[language].findall(initials)) < len(words):
        return NotAnalysed(reason="no_model_for_language")
    evidence = np.array([evidence for _, evidence in in_title + in_text])
    of_passages = weights.load()[language].probabilities(passages, language) * evidence
    of_passages /= of_passages.sum(axis=1, keepdims=True)
    mean: NDArray[np.float64] = np.average(of_passages, axis=0, weights=_passage_weights(in_title, in_text))
    return mean


def _passages_with_evidence(text: str, language: str) -> list[PassageWithEvidence]:
    """The passages of a title or a text, each with the evidence of its news events."""
    # Normalization may lengthen a text (a ligature becomes three letters), so the limit holds here again.
    return [
        (passage, evidence)
        for part, evidence in split_by_evidence(text, language)
        for passage in split_passages(without_harmless_phrases(part, language)[:TEXT_LENGTH])
    ]


def _passage_weights(
    in_title: Sequence[PassageWithEvidence], in_text: Sequence[PassageWithEvidence]
) -> NDArray[np.float64]:
    """The weight of each passage: its words, up to the words of a full passage."""
    title_weights, text_weights = (
        np.array([min(FULL_PASSAGE, len(passage.words)) for passage, _ in part], dtype=np.float64)
        for part in (in_title, in_text)
    )
    if title_weights.size and text_weights.size:
        title_weights *= min(1.0, text_weights.sum() * MAX_TITLE_WEIGHT / title_weights.sum())
    return np.concatenate([title_weights, text_weights])
