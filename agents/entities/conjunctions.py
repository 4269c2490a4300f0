"""The word "and" in each language, as it stands between the names of a couple: "Bill and Hillary Clinton"."""

from __future__ import annotations

import re
from functools import cache

_AND = {
    "da": "og",
    "de": "und",
    "en": "and",
    "es": "y",
    "fi": "ja",
    "fr": "et",
    "hr": "i",
    "hu": "és",
    "it": "e",
    "nb": "og",
    "nn": "og",
    "pt": "e",
    "ro": "și",
    "ru": "и",
    "sk": "a",
    "sr": "i|и",
    "sv": "och",
}


@cache
def between_two_names(language: str) -> re.Pattern[str] | None:
    """The pattern of the text between two names that "and" joins; None for a language whose word is not known."""
    return re.compile(rf" (?:{_AND[language]}|&) ") if language in _AND else None
