"""Offices that an entity model takes for a name or for a part of one.

The French model does: "Sonko Premier ministre".
"""

from __future__ import annotations

import re

# Offices, and ranks that stand before a name in small letters.
_OFFICE = r"(?:vice-)?présidente?|(?:(?:vice-)?premi(?:er|ère) )?ministre|secrétaire(?: d'état| générale?)?"
_RANK = r"prince(?:sse)?|roi|reine|pape|empereur|général|colonel|capitaine|amiral|maréchal"

_BEFORE = {"fr": re.compile(rf"(?i:{_OFFICE}|{_RANK}) (?=\w)")}
_AFTER = {"fr": re.compile(rf" (?i:{_OFFICE})$")}
_ALONE = {"fr": re.compile(rf"(?i:{_OFFICE})(?:(?: du | des | d'| de (?:la |l')?)\S+)?(?: [a-zà-ÿ]\S*)*$")}


def is_office(name: str, language: str) -> bool:
    """Whether a name that a model found is only an office: "président de la République"."""
    return language in _ALONE and _ALONE[language].match(name) is not None


def without_office(name: str, language: str) -> tuple[int, int]:
    """The start and end of the name in a person's name that a model found: "Macron" in "président Macron"."""
    if language not in _BEFORE:
        return 0, len(name)
    before = _BEFORE[language].match(name)
    start = before.end() if before and name[before.end()].isupper() else 0
    after = _AFTER[language].search(name, start)
    return start, after.start() if after else len(name)
