"""Groups the mentions of an article by entity. Pronouns are not mentions.

Two mentions name one entity if their names are the same except for determiners, accents, case, hyphens and endings, or
if one is the acronym of the other. The modules `people` and `organisations` then join surnames and short names to the
group of the full name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agents.entities.coreference.acronyms import full_names_of_acronyms, name_length
from agents.entities.coreference.mention_group import MentionGroup
from agents.entities.coreference.name_forms import NameForms, NameKey
from agents.entities.coreference.organisations import join_short_names
from agents.entities.coreference.people import join_people, join_surnames
from agents.entities.coreference.person_context import PersonContext, full_names_of_couples, without_title_of_ruler
from agents.entities.detected_mention import DetectedMention, Field


def group_mentions(
    mentions: Sequence[DetectedMention], texts: Mapping[Field, str], language: str
) -> list[MentionGroup]:
    """Group the mentions by entity.

    Args:
        mentions: all mentions of the article, in their order.
        texts: the normalized text of each field. The offsets of the mentions are indexes of its code points.
        language: the language of the article (ISO 639-1).
    """
    context = PersonContext(mentions, texts, language)
    # A surname that names a whole family ("the Obamas") must not join one person.
    families = [
        mention
        for mention in mentions
        if mention.type == "PERSON" and " " not in mention.name and context.is_family(mention)
    ]
    family_positions = {_position(mention) for mention in families}
    # "Barack and Michelle Obama": the first name stands for "Barack Obama".
    couples = full_names_of_couples(mentions, texts, language)
    # The rules compare full names. Afterwards each mention gets its written name back.
    as_written = {_position(mention): mention for mention in mentions}
    with_full_names = [
        replace(mention, name=couples.get(_position(mention)) or _name_without_title(mention))
        for mention in mentions
        if _position(mention) not in family_positions
    ]
    groups = [
        *_joined(with_full_names, texts, language, context),
        *_groups_by_name(families, NameForms(families, language)).values(),
    ]
    for group in groups:
        group.mentions = [as_written[_position(mention)] for mention in group.mentions]
    return groups


def _name_without_title(mention: DetectedMention) -> str:
    return without_title_of_ruler(mention.name) if mention.type == "PERSON" else mention.name


def _joined(
    mentions: Sequence[DetectedMention], texts: Mapping[Field, str], language: str, context: PersonContext
) -> list[MentionGroup]:
    name_forms = NameForms(mentions, language)
    groups = _groups_by_name(mentions, name_forms)
    full_names = full_names_of_acronyms(mentions, texts, groups, name_forms)
    # The shortest acronym first, so that a chain of acronyms ends in the longest name.
    for acronym, full_name in sorted(full_names.items(), key=lambda pair: name_length(pair[0])):
        groups[full_name].add(groups.pop(acronym))
    # `join_surnames` moves the groups that are surnames of people into `people`, and returns the others.
    people = join_people([group for group in groups.values() if group.type == "PERSON"], language, context)
    others = [group for group in groups.values() if group.type != "PERSON"]
    return people + join_short_names(join_surnames(others, people))


def _groups_by_name(mentions: Sequence[DetectedMention], name_forms: NameForms) -> dict[NameKey, MentionGroup]:
    """The mentions that have the same normalized name (`NameForms.key`)."""
    by_key: dict[NameKey, list[DetectedMention]] = {}
    for mention in mentions:
        by_key.setdefault(name_forms.key(mention.name), []).append(mention)
    return {key: MentionGroup(same, name_forms.words(same[0].name)) for key, same in by_key.items()}


def _position(mention: DetectedMention) -> tuple[Field, int]:
    return mention.field, mention.start
