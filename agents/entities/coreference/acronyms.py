"""Which name an acronym stands for, where the article has both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from agents.entities import names
from agents.entities.coreference.mention_group import Group, Key, Words
from agents.entities.detected_mention import DetectedMention, Field

# Words up to this length give an acronym no letter, as in "Organisation du traité de l'Atlantique nord"; or they do:
# "Department of Justice".
_SHORT = 3
LONGEST_ABRIDGED = 4
_WORD = re.compile(r"[^\W_]+")
_BETWEEN = re.compile(r"\s?[(\[]")


def acronyms(
    found: Sequence[DetectedMention], texts: Mapping[Field, str], groups: Mapping[Key, Group], words: Words
) -> dict[Key, Key]:
    """The acronyms, each with the name that it stands for: the one beside which it is in parentheses, else the only one that gives it."""
    meant: dict[Key, Key] = {}
    for mention, other in pairwise(found):
        if mention.field == other.field and _BETWEEN.fullmatch(texts[mention.field], mention.end, other.start):
            short, full = sorted((mention.name, other.name), key=lambda name: length(words.key(name)))
            organisations = mention.type == other.type == "ORGANIZATION"
            shorter = length(words.key(short)) < length(words.key(full))
            if shorter and (names.stands_for(short, full) or (organisations and _abridges(short, full))):
                meant.setdefault(words.key(short), words.key(full))
    of_acronym: dict[str, set[Key]] = {}
    for key, group in groups.items():
        if len(key) > 1 and group.type != "PERSON":
            for acronym in {acronym for mention in group.mentions for acronym in _given_by(mention.name)}:
                of_acronym.setdefault(acronym, set()).add(key)
    for key, group in groups.items():
        possible = of_acronym.get(key[0], ()) if len(key) == 1 else ()
        if len(possible) == 1 and any(names.is_acronym(names.without_case(mention.name)) for mention in group.mentions):
            meant.setdefault(key, *possible)
    return meant


def length(name: Key) -> tuple[int, int]:
    """How long a name is: its words, then its letters. An acronym is shorter than what it stands for."""
    return len(name), sum(map(len, name))


def _abridges(short: str, name: str) -> bool:
    """Whether a short word is the first letter of a name and some that follow, in their order: Frp, Fremskrittspartiet."""
    letters, rest = names.plain(short), iter(names.plain(name))
    return (
        letters.isalpha()
        and len(letters) <= LONGEST_ABRIDGED
        and letters[0] == next(rest)
        and all(letter in rest for letter in letters[1:])
    )


def _given_by(name: str) -> set[str]:
    """The acronyms that all words of a name give, or the longer ones, or those with a capital; in small letters."""
    words = _WORD.findall(name)
    chosen = (words, [word for word in words if len(word) > _SHORT], [word for word in words if word[0].isupper()])
    return {names.plain("".join(word[0] for word in those)) for those in chosen if len(those) > 1}
