"""Credit lines: by-lines, signatures of agencies, names of editors. They say nothing good or bad of anybody."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from agents.normalization.edits import apply_edits

_NAME = r"(?:[A-ZÀ-Þ][\w.'’-]{0,30}|d[aeiu]|del|la|von|van|der|den|and|und|et|y|e|in)"
_ROLES = (
    r"(?:(?:additional|further)\s)?(?:reporting|editing|writing|written|compiled|translated|photography|graphics?"
    r"|reported|edited)"
    r"(?:\s(?:and|&)\s(?:reporting|editing|writing|written|reported|edited))?\s(?:by|from)"
    r"|(?:reportage|rédaction|édité|édition|rédigé|version française|avec)\s(?:de|par|à|:)|par\s.{1,40}\savec"
    r"|(?:bericht|geschrieben|redigiert|redaktion|mitarbeit)\s?(?:von|:)"
    r"|(?:reporte|reportaje|información|editado|redactado|traducido|escrito|edición)\s(?:de|por)"
    r"|(?:reportagem|edição|editado|escrito|traduzido)\s(?:de|por)|(?:a cura|redazione|traduzione|scritto"
    r"|redatto)\s(?:di|da)"
)
_AGENCY = (
    r"(?:Reuters|AFP|AP|Associated Press|dpa(?:-AFX)?|ANSA|EFE|Lusa|APA|KNA|epd|Bloomberg|PA Media"
    r"|Press Association|Xinhua|TASS)"
)
# Whole lines, and parentheses. All lengths are bounded, so the time is linear.
_CREDIT_LINE = re.compile(
    rf"^[ (\[]{{0,3}}(?i:{_ROLES})\b[^\n]{{1,300}}$"
    rf"|\((?i:{_ROLES})\b[^()\n]{{1,300}}\)"
    rf"|^[ ]?(?:By|BY|Von|Par|Por|Di)[ ]{_NAME}(?:[ ,]{{1,2}}{_NAME}){{0,9}}[ ]?$"
    rf"|^[ ]?[-–—(]{{0,3}}[ ]?{_AGENCY}(?:[ ]?[/,–-][ ]?{_AGENCY}){{0,3}}[ )]{{0,2}}$",
    re.MULTILINE,
)
# A credit line begins a line or with a parenthesis. To try the pattern at each character takes five times as long.
_BEFORE_CREDIT_LINE = re.compile(r"[\n(]")


def find_credit_lines(text: str) -> list[tuple[int, int]]:
    """Start and end of each credit line in a text, in ascending order."""
    found: list[tuple[int, int]] = []
    end = 0
    for start in (0, *(at.end() if at[0] == "\n" else at.start() for at in _BEFORE_CREDIT_LINE.finditer(text))):
        if start >= end and (match := _CREDIT_LINE.match(text, start)):
            end = match.end()
            found.append((start, end))
    return found


def without_credit_lines(text: str) -> str:
    """A text without its credit lines."""
    return apply_edits(text, ((start, end, "") for start, end in find_credit_lines(text)))[0]


def is_in_credit_line(offset: int, credit_lines: Sequence[tuple[int, int]]) -> bool:
    """Whether an offset is inside one of the credit lines, which are in ascending order."""
    index = bisect_right(credit_lines, offset, key=lambda span: span[0]) - 1
    return index >= 0 and offset < credit_lines[index][1]
