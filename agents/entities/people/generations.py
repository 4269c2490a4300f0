"""The words that distinguish a father from a son of the same name, and a king from another: Jr., Sr., III."""

from __future__ import annotations

import re

_JUNIOR_OR_SENIOR = {
    "jr": "jr",
    "junior": "jr",
    "júnior": "jr",
    "sr": "sr",
    "senior": "sr",
    "snr": "sr",
    "jnr": "jr",
}
_ROMAN_NUMBER = re.compile(r"(?:ii|iii|iv|v|vi|vii|viii|ix|x[ivx]*)$")
# A word with a capital behind "Senior" makes it a part of an office: Mary Hain Senior Counsel. Behind a comma a Roman
# number is a person's only if words go on behind it: "Walter Pitman, III, Frederick Vine", but "Herodotus, II, 137" and
# "Johannes Blaskowitz, II. Dünya Savaşı".
_ROMAN = r"(?:II|III|IV|VI|VII|VIII|IX|X[IVX]+)"
_BEHIND_NAME = re.compile(
    r",? (?:Jr|Sr|Jnr|Snr)\b\.?|,? (?:Junior|Senior|Júnior)\b(?= [^A-ZÀ-Þ]|[,.;:]|$)"
    rf"| {_ROMAN}\b|, {_ROMAN}(?=,? [^\W\d_]|\.?$)"
)
_AT_END = re.compile(rf"(?:{_BEHIND_NAME.pattern})$")


def generation(words: tuple[str, ...]) -> str:
    """The generation in a name, whose words come from `names.words`: "jr", "sr", a Roman number, or "" without one."""
    if len(words) < 2:
        return ""
    return _JUNIOR_OR_SENIOR.get(words[-1]) or (words[-1] if _ROMAN_NUMBER.match(words[-1]) else "")


def words_without_generation(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name, as `names.words` gives them, without the generation."""
    return words[:-1] if generation(words) else words


def without_generation(name: str) -> str:
    """A name, as it is written, without the generation behind it."""
    behind = _AT_END.search(name)
    return name[: behind.start()] if behind else name


def end_with_generation(text: str, end: int) -> int:
    """Where a person's name ends with the generation, if a model ended the name before it.

    Args:
        text: the text that has the name.
        end: where the model ended the name, in code points.
    """
    behind = _BEHIND_NAME.match(text, end)
    return behind.end() if behind else end
