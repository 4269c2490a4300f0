"""The name for which an acronym stands, if the article has both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from agents.entities import names
from agents.entities.coreference.mention_group import MentionGroup
from agents.entities.coreference.name_forms import NameForms, NameKey
from agents.entities.detected_mention import DetectedMention, Field

# Words up to this length may give an acronym no letter, as in "Organisation du traité de l'Atlantique nord", or may
# give one, as in "Department of Justice".
_SHORT_WORD = 3
# A short form that is the first letter of a word and some that follow has at most this many letters.
LONGEST_ABBREVIATION = 4
_WORD = re.compile(r"[^\W_]+")
_OPENING_BRACKET = re.compile(r"\s?[(\[]")


def full_names_of_acronyms(
    mentions: Sequence[DetectedMention],
    texts: Mapping[Field, str],
    groups: Mapping[NameKey, MentionGroup],
    name_forms: NameForms,
) -> dict[NameKey, NameKey]:
    """For each acronym the name for which it stands.

    This is the name next to which the acronym stands in parentheses, else the only name of the article that gives the
    acronym.
    """
    full_names: dict[NameKey, NameKey] = {}
    for first, second in pairwise(mentions):
        if first.field == second.field and _OPENING_BRACKET.fullmatch(texts[first.field], first.end, second.start):
            short, full = sorted((first.name, second.name), key=lambda name: name_length(name_forms.key(name)))
            are_organisations = first.type == second.type == "ORGANIZATION"
            is_shorter = name_length(name_forms.key(short)) < name_length(name_forms.key(full))
            if is_shorter and (names.stands_for(short, full) or (are_organisations and _abbreviates(short, full))):
                full_names.setdefault(name_forms.key(short), name_forms.key(full))
    names_of_acronym: dict[str, set[NameKey]] = {}
    for key, group in groups.items():
        if len(key) > 1 and group.type != "PERSON":
            for acronym in {acronym for mention in group.mentions for acronym in _possible_acronyms(mention.name)}:
                names_of_acronym.setdefault(acronym, set()).add(key)
    for key, group in groups.items():
        possible = names_of_acronym.get(key[0], ()) if len(key) == 1 else ()
        if len(possible) == 1 and any(names.is_acronym(names.without_case(mention.name)) for mention in group.mentions):
            full_names.setdefault(key, *possible)
    return full_names


def name_length(name: NameKey) -> tuple[int, int]:
    """The number of words of a name, then of letters. An acronym is shorter than its full name."""
    return len(name), sum(map(len, name))


def _abbreviates(short: str, name: str) -> bool:
    """Whether a short word is the first letter of a name and some later ones, in order: Frp, Fremskrittspartiet."""
    letters, rest = names.plain(short), iter(names.plain(name))
    return (
        letters.isalpha()
        and len(letters) <= LONGEST_ABBREVIATION
        and letters[0] == next(rest)
        and all(letter in rest for letter in letters[1:])
    )


def _possible_acronyms(name: str) -> set[str]:
    """The first letters of all words of a name, of its longer words, and of those with a capital; in small letters."""
    words = _WORD.findall(name)
    choices = (
        words,
        [word for word in words if len(word) > _SHORT_WORD],
        [word for word in words if word[0].isupper()],
    )
    return {names.plain("".join(word[0] for word in chosen)) for chosen in choices if len(chosen) > 1}
