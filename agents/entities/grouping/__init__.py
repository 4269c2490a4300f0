"""Which mentions are of the same entity, by the names alone.

Two mentions are of one entity when their names are the same but for articles, accents, capitals, hyphens and endings, or when one is
the other's acronym. By what other names people and organisations go, `people` and `organisations` tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.entities.grouping import acronyms
from agents.entities.grouping.groups import Group, Key, Words
from agents.entities.grouping.organisations import join_short_names
from agents.entities.grouping.people import join_people, join_surnames
from agents.entities.mentions import Field, Found


def group(found: Sequence[Found], texts: Mapping[Field, str], language: str) -> list[Group]:
    """The mentions, each in the group of its entity.

    Args:
        found: the mentions, in their order.
        texts: of each field, as the mentions count its characters.
    """
    words = Words(found, language)
    same: dict[Key, list[Found]] = {}
    for mention in found:
        same.setdefault(words.key(mention.name), []).append(mention)
    groups = {key: Group(mentions, words.of(mentions[0].name)) for key, mentions in same.items()}
    # The shortest first: what stands for a name that stands for another is of that one too.
    for short, full in sorted(acronyms.acronyms(found, texts, groups, words).items(), key=lambda pair: acronyms.length(pair[0])):
        groups[full].add(groups.pop(short))
    people = join_people([each for each in groups.values() if each.type == "PERSON"], language)
    others = [each for each in groups.values() if each.type != "PERSON"]
    return people + join_short_names(join_surnames(others, people))
