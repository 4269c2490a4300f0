"""The possessive 's behind a name, and the names that end with 's: Apple's shares, but Moody's."""

from __future__ import annotations

import re

from streams.records import EntityType

# The languages that write a genitive with an apostrophe, some of them against their rules. In other languages 's is a
# part of a name from abroad.
_LANGUAGES = frozenset({"da", "de", "en", "nb", "nl", "nn", "sv"})
_POSSESSIVE = re.compile(r"'s?$", re.IGNORECASE)
_S_BEHIND = re.compile(r"'s(?![^\W_])")
_FIRMS_AS_TEXT = """
    applebee, arby, ben & jerry, bloomingdale, carl, christie, denny, dillard, domino, hardee, kohl, levi, lloyd, lowe,
    macy, mcdonald, moody, papa john, sainsbury, sotheby, standard & poor, trader joe, wendy
"""
# Firms whose names end with 's.
_FIRMS = frozenset(" ".join(firm.split()) for firm in _FIRMS_AS_TEXT.split(","))
# A town or a church: St. John's.
_OF_SAINT = re.compile(r"(?:Saint|St\.?) [^\W\d_]+")


def end_by_possessive(text: str, start: int, end: int, language: str, kind: EntityType) -> int:
    """The end of a name: before a possessive 's, or behind an 's that is a part of the name.

    Args:
        text: the text.
        start, end: the name that a model found, with or without the 's, in code points.
        language: the language of the text (ISO 639-1).
        kind: the type of the name.
    """
    possessive = _POSSESSIVE.search(text[start:end])
    if possessive and possessive.start() > 0:
        end = start + possessive.start()
    name, behind = text[start:end], _S_BEHIND.match(text, end)
    is_part_of_name = kind != "PERSON" and (
        language not in _LANGUAGES or name.casefold() in _FIRMS or (possessive and _OF_SAINT.fullmatch(name))
    )
    return behind.end() if behind and is_part_of_name else end
