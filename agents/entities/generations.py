"""What tells a father from a son of the same name, and a king from another: Jr., Sr., III."""

from __future__ import annotations

import re

_JUNIOR = {"jr": "jr", "junior": "jr", "júnior": "jr", "sr": "sr", "senior": "sr", "snr": "sr", "jnr": "jr"}
_NUMBER = re.compile(r"(?:ii|iii|iv|v|vi|vii|viii|ix|x[ivx]*)$")
_BEHIND = re.compile(
    r",? (?:Jr|Sr|Jnr|Snr)\b\.?|,? (?:Junior|Senior|Júnior)\b(?= |[,.;:]|$)|,? (?:II|III|IV|VI|VII|VIII|IX|X[IVX]+)\b"
)
_AT_END = re.compile(rf"(?:{_BEHIND.pattern})$")


def generation(name: tuple[str, ...]) -> str:
    """What stands behind a name, whose words `names.words` gave; empty without."""
    if len(name) < 2:
        return ""
    return _JUNIOR.get(name[-1]) or (name[-1] if _NUMBER.match(name[-1]) else "")


def without_generation(name: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name without what tells the generation."""
    return name[:-1] if generation(name) else name


def bare(name: str) -> str:
    """A name, as it is written, without what tells the generation."""
    behind = _AT_END.search(name)
    return name[: behind.start()] if behind else name


def end_behind(text: str, end: int) -> int:
    """Where a person's name ends that a model ended at `end`, before what tells the generation."""
    behind = _BEHIND.match(text, end)
    return behind.end() if behind else end
