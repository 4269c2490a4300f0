"""Offices that an entity model takes for a name or for a part of one.

The French model does ("Sonko Premier ministre"), and the encoder in Romanian ("Președintele"), at the beginning of a
sentence.
"""

from __future__ import annotations

import re

# Offices, and ranks that stand before a name in small letters.
_OFFICE = r"(?:vice-)?présidente?|(?:(?:vice-)?premi(?:er|ère) )?ministre|secrétaire(?: d'état| générale?)?"
_RANK = r"prince(?:sse)?|roi|reine|pape|empereur|général|colonel|capitaine|amiral|maréchal"

_OFFICE_RO = (
    r"(?:vice)?(?:președint|prim-?ministr|premier|ministr|primar|prefect|cancelar|guvernator|senator|deputat|lider|șef"
    r"|director|procuror|judecător|comisar|general|colonel|patron|rege|regin|papă|împărat)[a-zăâîșț]*"
    r"|purtăto(?:r|area)[a-zăâîșț]* de cuvânt"
)

_BEFORE = {
    "fr": re.compile(rf"(?i:{_OFFICE}|{_RANK}) (?=\w)"),
    "ro": re.compile(rf"(?i:{_OFFICE_RO}) (?=\w)"),
}
_AFTER = {"fr": re.compile(rf" (?i:{_OFFICE})$")}
_ALONE = {
    "fr": re.compile(rf"(?i:{_OFFICE})(?:(?: du | des | d'| de (?:la |l')?)\S+)?(?: [a-zà-ÿ]\S*)*$"),
    "ro": re.compile(rf"(?i:{_OFFICE_RO})(?: [a-zăâîșț]\S*)*$"),
}


def is_office(name: str, language: str) -> bool:
    """Whether a name that a model found is only an office: "président de la République"."""
    return language in _ALONE and _ALONE[language].match(name) is not None


def without_office(name: str, language: str) -> tuple[int, int]:
    """The start and end of the name in a person's name that a model found: "Macron" in "président Macron"."""
    start, end = 0, len(name)
    if (pattern := _BEFORE.get(language)) and (before := pattern.match(name)) and name[before.end()].isupper():
        start = before.end()
    if (pattern := _AFTER.get(language)) and (after := pattern.search(name, start)):
        end = after.start()
    return start, end
