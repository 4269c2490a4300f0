"""The language stage: which language an article is written in, as eldc tells it, or that this cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import eldc

from agents.language_confidence import features, probability
from agents.prose import ENOUGH, Prose, prose
from agents.relatives import RELATIVES, foreign, tell_apart
from streams.records import Article, Language, NotAnalysed

MODEL = f"eldc/{version('eldc')}"

# Fewer letters than this (four Han characters) name a language by chance: an abbreviation, a name, a cry.
FEWEST_LETTERS = 10
# An answer less likely to be right than this is no answer. Measured on sentences cut to 80 characters, in 53 languages that eldc
# knows and 18 that it does not: at 0.5, 97.0 % right, 0.8 % wrong, and 1.3 % of the 18 named; at 0.6, 96.8, 0.6 and 0.8 %; at 0.8,
# 96.0, 0.5 and 0.4 %. (Half of the misses are Yoruba and Catalan: broken letters in the one file, Spanish lines in the other.)
LEAST_CONFIDENCE = 0.5
# The same for a second look at the small words alone: at 0.5 it would name a language twice as often for those unknown to eldc.
LEAST_CONFIDENCE_OF_SMALL = 0.9
# A sign of code for so many letters or fewer, and a text is code. (The words of a language have five letters on average.)
LETTERS_A_SIGN = 20
# A list of names: nearly every word has a capital, and after so many words or fewer comes a comma or a new line. In a text all in
# capitals a capital means nothing, and only fewer words make a list.
CAPITALS, WORDS_AN_ITEM, WORDS_AN_ITEM_IN_CAPITALS = 0.8, 2.8, 1.8
# In a script without capitals, at least so many items of so few letters; Chinese names have three or four characters.
FEWEST_ITEMS, LETTERS_AN_ITEM, LETTERS_AN_ITEM_IN_HAN = 3, 14, 10
# Words in small letters among all from which on they are asked alone: a list of names has a "de" or an "and" here and there.
FEWEST_SMALL = 0.3
# More of the letters foreign to the language than this, and the text is in a relative of it. Of the 1,000 sentences in the five
# Cyrillic languages none has 2 %; Kazakh has 13 % and Mongolian 5 % in the median.
MOST_FOREIGN = 0.02

eldc.init()
_detector = eldc.instance()
_detector.set_scheme("iso639-1")
_detector.set_scores(2)


def load() -> None:
    """Nothing: the model is part of eldc."""


def models() -> dict[str, str]:
    """The languages that can be identified (ISO 639-1)."""
    told_apart = {relative.code for those in RELATIVES.values() for relative in those}
    return dict.fromkeys(sorted(set(eldc.LANGUAGES) - {"no"} | {"nb"} | told_apart), MODEL)


def analyse(articles: Sequence[Article]) -> list[Language | NotAnalysed]:
    """The language of each article: of the first part of its text, with the title where the text is short."""
    return [_analyse(article) for article in articles]


def _analyse(article: Article) -> Language | NotAnalysed:
    found = prose(article.text)
    if found.letters < ENOUGH and article.title:
        found = prose(f"{article.text}\n{article.title}")
    identified = identify(found)
    if identified is None:
        return NotAnalysed(reason="language_unknown", model=MODEL, declared=article.declared)
    code, confidence = identified
    return Language(model=MODEL, code=code, confidence=confidence, declared=article.declared)


def identify(found: Prose) -> tuple[str, float] | None:
    """The language (ISO 639-1) and the probability that it is right; None when it cannot be told."""
    if found.letters < LETTERS_A_SIGN * found.code:
        return None
    identified = None if _is_list_of_names(found) else _identify(found.words, found.letters, found.script, LEAST_CONFIDENCE)
    if identified is None:
        # A byline, a dateline or names drown a short sentence: its small words alone may tell.
        small = [word for word in found.words if word[0].islower()]
        if FEWEST_SMALL * len(found.words) <= len(small) < len(found.words):
            identified = _identify(small, sum(map(len, small)), found.script, LEAST_CONFIDENCE_OF_SMALL)
    return identified


def _identify(words: Sequence[str], letters: float, script: str, least: float) -> tuple[str, float] | None:
    if letters < FEWEST_LETTERS:
        return None
    text = lower(words)
    scores = scores_of(text)
    if not scores:
        return None
    answer = next(iter(scores))
    confidence = probability(features(scores, letters, script))
    if confidence < least:
        return None
    code, certainty = tell_apart(answer, text.split())
    if code == answer and foreign(answer, text) > MOST_FOREIGN:
        return None
    return code, round(confidence * certainty, 3)


def lower(words: Sequence[str]) -> str:
    """The words in small letters, the Turkish dotted and dotless i kept apart where the capitals tell them apart."""
    text = " ".join(words)
    if "İ" in text:
        text = (text.replace("I", "ı") if text.isupper() else text).replace("İ", "i")
    return text.lower()


def scores_of(text: str) -> dict[str, float]:
    """The detector's two best answers for words in small letters with their scores, 0 to 1, the best first."""
    scores: dict[str, float] = _detector.detect_details(text).scores
    return scores


def _is_list_of_names(found: Prose) -> bool:
    items, words = found.items, found.words
    if not any(word[0].isupper() or word[0].islower() for word in words):
        most = LETTERS_AN_ITEM_IN_HAN if found.script == "Han" else LETTERS_AN_ITEM
        return items >= FEWEST_ITEMS and found.letters <= most * items
    if len(words) > WORDS_AN_ITEM * items or sum(word[0].isupper() for word in words) < CAPITALS * len(words):
        return False
    return len(words) <= WORDS_AN_ITEM_IN_CAPITALS * items or not all(word.isupper() for word in words)
