"""The language of cleaned words: by the detector eldc, and by n-grams where the detector is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.language import eldc_detector, ngrams
from agents.language.alphabets import foreign_letter_share
from agents.language.cleaning import CleanedText
from agents.language.close_languages import CLOSE_LANGUAGES, DETECTED_AS, choose_close_language
from agents.language.confidence import FIT_FEATURE, features, probability
from agents.language.lists_and_tables import SCRIPTS_WITH_CAPITALS, has_clause, is_list_of_names
from agents.language.shared_scripts import is_han_rather_japanese, rule_out_tied_language

# Fewer letters than this (four Han characters) name a language by chance: an abbreviation, a name, an exclamation.
MIN_LETTERS = 10
# A language that is less likely to be right than this is not an answer. Measured on sentences cut to 80 characters, in
# 53 languages that eldc knows and 18 that it does not: at 0.5, 97.0 % right, 0.8 % wrong, and 1.3 % of the 18 named; at
# 0.6, 96.8, 0.6 and 0.8 %; at 0.8, 96.0, 0.5 and 0.4 %. (Half of the errors are in Yoruba and Catalan: one file has
# broken letters, the other has Spanish lines.)
MIN_CONFIDENCE = 0.5
# The same for the lowercase words alone: with 0.5 they would name a language twice as often for sentences in a language
# unknown to eldc.
MIN_CONFIDENCE_OF_LOWERCASE_WORDS = 0.9
# Below this confidence the detector is compared with our own n-grams, which know more languages.
SURE = 0.9
MIN_CONFIDENCE_OF_NGRAMS = 0.5
# Texts in one language have at least this fit (a natural logarithm, the feature of the confidence). 5 % of the texts
# with four tenths in another language reach it.
GOOD_FIT = -0.12
# A text with a sign of code for every so many letters is code. (The words of a language have five letters on average.)
LETTERS_PER_CODE_SIGN = 20
# From this share on, the lowercase words are detected alone: a list of names has a "de" or an "and" here and there.
MIN_LOWERCASE_SHARE = 0.3
# Certainty of a text in characters that Chinese and Japanese share.
CERTAINTY_OF_SHARED_HAN = 0.6
# A text with a larger share of letters foreign to a language is in a close language instead. None of the 1,000
# sentences in the five Cyrillic languages has 2 %; the median is 13 % in Kazakh and 5 % in Mongolian.
MAX_FOREIGN_LETTERS = 0.02


@dataclass(frozen=True)
class DetectedLanguage:
    """The language of some words.

    Attributes:
        code: ISO 639-1.
        confidence: the probability that `code` is right.
        model: the model that decided.
        fits_well: whether the words are like other texts in this language; False may mean a second language.
    """

    code: str
    confidence: float
    model: str
    fits_well: bool


def identify(cleaned: CleanedText) -> DetectedLanguage | None:
    """The language by the detector, or by n-grams where they are surer; None when neither knows it."""
    detected = detect(cleaned)
    if is_sure(detected) or not is_running_text(cleaned):
        return detected
    candidates = filter(None, (detected, detect_by_ngrams(cleaned)))
    return max(candidates, key=lambda candidate: candidate.confidence, default=None)


def is_sure(detected: DetectedLanguage | None) -> bool:
    """Whether the detector's answer needs no comparison with the n-grams."""
    return detected is not None and (detected.model != eldc_detector.MODEL or detected.confidence >= SURE)


def is_running_text(cleaned: CleanedText) -> bool:
    """Whether the words seem to be sentences, and not code or a list of names."""
    min_letters = max(MIN_LETTERS, LETTERS_PER_CODE_SIGN * cleaned.code_signs)
    return cleaned.weighted_letters >= min_letters and not is_list_of_names(cleaned)


def detect(cleaned: CleanedText) -> DetectedLanguage | None:
    """The language by the detector, close languages told apart; None when it is not confident enough."""
    if cleaned.weighted_letters < LETTERS_PER_CODE_SIGN * cleaned.code_signs:
        return None
    detected = None
    if not is_list_of_names(cleaned):
        detected = _detect_words(cleaned.words, cleaned.weighted_letters, cleaned.script, MIN_CONFIDENCE)
    return detected or _detect_lowercase_words(cleaned)


def _detect_lowercase_words(cleaned: CleanedText) -> DetectedLanguage | None:
    """The language of the lowercase words alone: a byline, a dateline or names may outweigh a short sentence."""
    words = cleaned.words
    lowercase = [word for word in words if word[0].islower()] if cleaned.script in SCRIPTS_WITH_CAPITALS else []
    if len(lowercase) < len(words) and (MIN_LOWERCASE_SHARE * len(words) <= len(lowercase) or has_clause(words)):
        letters = sum(map(len, lowercase))
        return _detect_words(lowercase, letters, cleaned.script, MIN_CONFIDENCE_OF_LOWERCASE_WORDS)
    return None


def _detect_words(words: Sequence[str], letters: float, script: str, min_confidence: float) -> DetectedLanguage | None:
    """The language of some words by the detector; None below `min_confidence`."""
    if letters < MIN_LETTERS:
        return None
    text = to_lower(words)
    scores = rule_out_tied_language(eldc_detector.scores(text), text)
    if not scores:
        return None
    detected_code = next(iter(scores))
    values = features(scores, letters, script)
    confidence = probability(values)
    if confidence < min_confidence:
        return None
    code, certainty, model = detected_code, 1.0, eldc_detector.MODEL
    if detected_code == "zh" and (is_japanese := is_han_rather_japanese(text)) is not None:
        code, certainty = ("ja" if is_japanese else "zh"), CERTAINTY_OF_SHARED_HAN
    if detected_code in CLOSE_LANGUAGES:
        code, certainty = _choose_close_language(detected_code, text.split(), script)
        model = ngrams.MODEL
    if foreign_letter_share(code, text) > MAX_FOREIGN_LETTERS:
        return None
    return DetectedLanguage(code, round(confidence * certainty, 3), model, fits_well=values[FIT_FEATURE] >= GOOD_FIT)


def _choose_close_language(detected_code: str, words: Sequence[str], script: str) -> tuple[str, float]:
    model = ngrams.load()
    fit = model.fit(words, script)
    return choose_close_language(detected_code, words, fit.costs if fit else {}, model.word_evidence)


def detect_by_ngrams(cleaned: CleanedText) -> DetectedLanguage | None:
    """The language by our own n-grams. They also know texts without accents, and languages unknown to the detector."""
    text = to_lower(cleaned.words)
    if max(text) <= "f":  # hexadecimal numbers
        return None
    words, model = text.split(), ngrams.load()
    fit = model.fit(words, cleaned.script)
    if not fit:
        return None
    code, confidence = model.best(fit, cleaned.weighted_letters)
    if code in DETECTED_AS:
        code, _ = choose_close_language(DETECTED_AS[code], words, fit.costs, model.word_evidence)
    if confidence < MIN_CONFIDENCE_OF_NGRAMS or foreign_letter_share(code, text) > MAX_FOREIGN_LETTERS:
        return None
    return DetectedLanguage(code, round(confidence, 3), ngrams.MODEL, fits_well=False)


def to_lower(words: Sequence[str]) -> str:
    """The words in lower case, separated by spaces.

    The Turkish dotted and dotless i stay different where the capitals show the difference.
    """
    text = " ".join(words)
    if "İ" in text:
        text = (text.replace("I", "ı") if text.isupper() else text).replace("İ", "i")
    return text.lower()
