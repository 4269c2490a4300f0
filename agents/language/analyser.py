"""The analyser of the language stage: the language, the script and the second language of articles."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agents.language import eldc_detector, ngrams
from agents.language.cleaning import ENOUGH_LETTERS, LONG_WINDOW, CleanedText, clean
from agents.language.close_languages import CLOSE_LANGUAGES
from agents.language.detection import SURE, DetectedLanguage, identify
from agents.language.headings import detect_after_names, detect_from_heading
from agents.language.mixed_language import find_second_language
from agents.language.scripts import iso_15924
from agents.normalization import mojibake, normalize
from streams.records import Article, Language, NotAnalysed


def load(languages: Collection[str] = ()) -> None:
    """Load the detector and the n-grams, for any languages. Raises TelexError when the n-grams cannot be read."""
    eldc_detector.load()
    ngrams.load()


def models() -> dict[str, str]:
    """The languages that can be identified (ISO 639-1), each with the model that identifies most of its articles."""
    close_codes = {language.code for languages in CLOSE_LANGUAGES.values() for language in languages}
    of_ngrams = dict.fromkeys(ngrams.languages() | close_codes, ngrams.MODEL)
    of_detector = dict.fromkeys(eldc_detector.languages() - {"no"}, eldc_detector.MODEL)
    return dict(sorted((of_ngrams | of_detector).items()))


def analyse(articles: Sequence[Article]) -> list[Language | NotAnalysed]:
    """The language of each article: of words from all over its text, with the title where the text is short."""
    return [_analyse(article) for article in articles]


def _analyse(article: Article) -> Language | NotAnalysed:
    text = normalize(article.text[:LONG_WINDOW]).text
    unknown = NotAnalysed(reason="language_unknown", model=eldc_detector.MODEL, declared=article.declared)
    if mojibake.is_unreadable(text):
        return unknown
    cleaned, detected = _identify(text, article.title)
    if detected is None:
        return unknown
    detected, mixed = find_second_language(detected, cleaned, text)
    return Language(
        model=detected.model,
        code=detected.code,
        script=iso_15924(detected.code, cleaned.script, cleaned.words),
        confidence=detected.confidence,
        mixed=mixed,
        declared=article.declared,
    )


def _identify(text: str, title: str | None) -> tuple[CleanedText, DetectedLanguage | None]:
    """The words that show the language best, and their language; None when it is unknown."""
    cleaned = clean(text)
    if cleaned.weighted_letters < ENOUGH_LETTERS and title:
        cleaned = clean(f"{text}\n{normalize(title[:LONG_WINDOW]).text}")
    after_names = detect_after_names(text) if cleaned.weighted_letters < ENOUGH_LETTERS else None
    cleaned, detected = after_names or (cleaned, identify(cleaned))
    if detected is None or (detected.confidence < SURE and cleaned.weighted_letters < ENOUGH_LETTERS):
        return detect_from_heading(text, cleaned, detected)
    return cleaned, detected
