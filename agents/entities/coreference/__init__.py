"""Which mentions are of the same entity, by the names alone.

Two mentions are of one entity when their names are the same but for articles, accents, capitals, hyphens and endings,
or when one is the other's acronym. By what other names people and organisations go, `people` and `organisations` tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agents.entities.coreference import acronyms
from agents.entities.coreference.mention_group import Group, Key, Words
from agents.entities.coreference.organisations import join_short_names
from agents.entities.coreference.people import join_people, join_surnames
from agents.entities.coreference.person_context import Around, couples, without_ruler
from agents.entities.detected_mention import DetectedMention, Field


def group(found: Sequence[DetectedMention], texts: Mapping[Field, str], language: str) -> list[Group]:
    """The mentions, each in the group of its entity.

    Args:
        found: the mentions, in their order.
        texts: of each field, as the mentions count its characters.
    """
    around = Around(found, texts, language)
    families = [
        mention
        for mention in found
        if mention.type == "PERSON" and " " not in mention.name and around.is_family(mention)
    ]
    apart = {_place(mention) for mention in families}
    couple = couples(found, texts, language)
    # A name is understood in full; what is returned has it as it stands in the text.
    as_written = {_place(mention): mention for mention in found}
    in_full = [
        replace(
            mention,
            name=couple.get(_place(mention))
            or (without_ruler(mention.name) if mention.type == "PERSON" else mention.name),
        )
        for mention in found
        if _place(mention) not in apart
    ]
    groups = [*_joined(in_full, texts, language, around), *_same(families, Words(families, language)).values()]
    for each in groups:
        each.mentions = [as_written[_place(mention)] for mention in each.mentions]
    return groups


def _joined(found: Sequence[DetectedMention], texts: Mapping[Field, str], language: str, around: Around) -> list[Group]:
    words = Words(found, language)
    groups = _same(found, words)
    # The shortest first: what stands for a name that stands for another is of that one too.
    for short, full in sorted(
        acronyms.acronyms(found, texts, groups, words).items(), key=lambda pair: acronyms.length(pair[0])
    ):
        groups[full].add(groups.pop(short))
    people = join_people([each for each in groups.values() if each.type == "PERSON"], language, around)
    others = [each for each in groups.values() if each.type != "PERSON"]
    return people + join_short_names(join_surnames(others, people))


def _same(found: Sequence[DetectedMention], words: Words) -> dict[Key, Group]:
    """The mentions whose names are the same but for how they are written."""
    same: dict[Key, list[DetectedMention]] = {}
    for mention in found:
        same.setdefault(words.key(mention.name), []).append(mention)
    return {key: Group(mentions, words.of(mentions[0].name)) for key, mentions in same.items()}


def _place(mention: DetectedMention) -> tuple[Field, int]:
    return mention.field, mention.start
