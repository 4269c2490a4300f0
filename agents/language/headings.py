"""The language of a short text with many names or numbers: from its heading, or from the words after the names."""

from __future__ import annotations

from agents.language.cleaning import CleanedText, clean
from agents.language.detection import MIN_CONFIDENCE, SURE, DetectedLanguage, identify
from agents.language.lists_and_tables import has_clause, is_list_of_names, is_table, split_heading

# A lowercase word with so many letters is not a particle of a name ("de", "van").
MIN_LETTERS_BEYOND_PARTICLES = 4


def detect_after_names(text: str) -> tuple[CleanedText, DetectedLanguage] | None:
    """The words after a first line of names, and their language; None when there is no such line or no language.

    Names are not words of the text's language.
    """
    first_line, _, rest = text.lstrip().partition("\n")
    if not rest or not is_list_of_names(clean(first_line)):
        return None
    cleaned = clean(rest)
    detected = identify(cleaned)
    return (cleaned, detected) if detected else None


def detect_from_heading(
    text: str, cleaned: CleanedText, detected: DetectedLanguage | None
) -> tuple[CleanedText, DetectedLanguage | None]:
    """The words over a table or before a list of names, and their language, if that is surer than the whole text's.

    Args:
        text: the whole text.
        cleaned, detected: the words of the whole text, and their language; the result where the heading is not surer.
    """
    heading_text, rest = split_heading(text)
    heading = clean(heading_text)
    if not rest or heading.code_signs:
        return cleaned, detected
    if detected is None and has_clause(heading.words):
        min_confidence = SURE
    elif _is_list_or_table(rest) and any(map(_is_beyond_particles, heading.words)):
        min_confidence = max(MIN_CONFIDENCE, detected.confidence if detected else 0.0)
    else:
        return cleaned, detected
    detected_in_heading = identify(heading)
    if detected_in_heading and detected_in_heading.confidence > min_confidence:
        return heading, detected_in_heading
    return cleaned, detected


def _is_list_or_table(text: str) -> bool:
    return is_table(text) or is_list_of_names(clean(text))


def _is_beyond_particles(word: str) -> bool:
    return word[0].islower() and len(word) >= MIN_LETTERS_BEYOND_PARTICLES
