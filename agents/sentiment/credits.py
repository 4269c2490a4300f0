"""By-lines, signatures of agencies and lines of credit: who made an article says nothing good or bad of anybody."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

_NAME = r"(?:[A-ZÀ-Þ][\w.'’-]{0,30}|d[aeiu]|del|la|von|van|der|den|and|und|et|y|e|in)"
_WORK = (
    r"(?:(?:additional|further)\s)?(?:reporting|editing|writing|written|compiled|translated|photography|graphics?|reported|edited)"
    r"(?:\s(?:and|&)\s(?:reporting|editing|writing|written|reported|edited))?\s(?:by|from)"
    r"|(?:reportage|rédaction|édité|édition|rédigé|version française|avec)\s(?:de|par|à|:)|par\s.{1,40}\savec"
    r"|(?:bericht|geschrieben|redigiert|redaktion|mitarbeit)\s?(?:von|:)"
    r"|(?:reporte|reportaje|información|editado|redactado|traducido|escrito|edición)\s(?:de|por)"
    r"|(?:reportagem|edição|editado|escrito|traduzido)\s(?:de|por)|(?:a cura|redazione|traduzione|scritto|redatto)\s(?:di|da)"
)
_AGENCY = r"(?:Reuters|AFP|AP|Associated Press|dpa(?:-AFX)?|ANSA|EFE|Lusa|APA|KNA|epd|Bloomberg|PA Media|Press Association|Xinhua|TASS)"
# Lines, and parentheses at the end of one. All lengths are bounded, so the time is linear.
_CREDIT = re.compile(
    rf"^[ (\[]{{0,3}}(?i:{_WORK})\b[^\n]{{1,300}}$"
    rf"|\((?i:{_WORK})\b[^()\n]{{1,300}}\)"
    rf"|^[ ]?(?:By|BY|Von|Par|Por|Di)[ ]{_NAME}(?:[ ,]{{1,2}}{_NAME}){{0,9}}[ ]?$"
    rf"|^[ ]?[-–—(]{{0,3}}[ ]?{_AGENCY}(?:[ ]?[/,–-][ ]?{_AGENCY}){{0,3}}[ )]{{0,2}}$",
    re.MULTILINE,
)


def credits_of(text: str) -> list[tuple[int, int]]:
    """Where the lines of credit in a text stand, in ascending order."""
    return [match.span() for match in _CREDIT.finditer(text)]


def without_credits(text: str) -> str:
    """A text without its lines of credit."""
    return _CREDIT.sub("", text)


def within(start: int, found: Sequence[tuple[int, int]]) -> bool:
    """Whether a position is in one of the spans, which stand in ascending order."""
    at = bisect_right(found, start, key=lambda span: span[0]) - 1
    return at >= 0 and start < found[at][1]
