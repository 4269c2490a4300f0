"""The forms in which news writes a sentence: short, in capitals, without accents, behind a dateline or a byline."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

from evaluation import not_language

# Code points of a short sentence.
SHORT = 80
# Letters that lose their strokes and ligatures where people write without accents.
_WITHOUT_STROKES = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe"}
)


def short(text: str) -> str:
    """The first words of a sentence, up to 80 code points."""
    if len(text) <= SHORT:
        return text
    words = text[: SHORT + 1].rsplit(" ", 1)[0]
    return words if len(words) > SHORT // 2 else text[:SHORT]


def without_accents(text: str) -> str:
    """Latin text as people type it on a keyboard without accents; other scripts as they are."""
    plain, base = [], ""
    for sign in unicodedata.normalize("NFD", text.translate(_WITHOUT_STROKES)):
        mark = unicodedata.combining(sign)
        base = base if mark else sign
        if not mark or base > "\u024f":
            plain.append(sign)
    return unicodedata.normalize("NFC", "".join(plain))


def with_dateline(text: str) -> str:
    """The sentence behind a dateline: the place, the day and the agency."""
    dice = random.Random(text)
    city, day, month = dice.choice(not_language.CITIES).upper(), dice.randint(1, 28), dice.randint(1, 12)
    return f"{city}, {day}.{month}.2024 (Reuters) - {short(text)}"


def with_byline(text: str) -> str:
    """The sentence behind a byline: the names of two authors."""
    dice = random.Random(text)
    return f"{not_language.name(dice)}, {not_language.name(dice)}\n{short(text)}"


FORMS: dict[str, Callable[[str], str]] = {
    "whole": str,
    "80 characters": short,
    "80, in capitals": lambda text: short(text).upper(),
    "80, without accents": lambda text: without_accents(short(text)),
    "80, behind a dateline": with_dateline,
    "80, behind a byline": with_byline,
}
