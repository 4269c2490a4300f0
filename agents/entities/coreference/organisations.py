"""The organisation that a short form of its name means.

"Mitsubishi" is Mitsubishi Motors if the article named Mitsubishi Motors before, and if the short form is the beginning
or the end of only one organisation's name. If the article said "Novo Nordisk" before it named Novo Nordisk Fonden, the
two are different organisations.
"""

from __future__ import annotations

from collections.abc import Iterable

from agents.entities.coreference.mention_group import MentionGroup, first_position

# Neither a short form nor the rest of the name has more words than this.
MOST_WORDS = 6

# Words that say only which legal form an organisation has, or that it is a club.
_LEGAL_FORMS_AS_TEXT = """
    ag se sa sas sarl kg gmbh inc incorporated corp corporation co ltd limited plc llc llp nv bv oy oyj as asa ab aps
    spa srl group groupe gruppe gruppen holding konzern fc cf afc ac sc fk sv
"""
_LEGAL_FORMS = frozenset(_LEGAL_FORMS_AS_TEXT.split())


def join_short_names(groups: Iterable[MentionGroup]) -> list[MentionGroup]:
    """The groups; short forms are in the group of the organisation that they mean."""
    by_name: dict[tuple[str, ...], MentionGroup] = {}
    remaining = []
    for group in sorted(groups, key=lambda group: -len(group.words)):
        name = tuple(word for word in group.words if word not in _LEGAL_FORMS)
        if group.type == "ORGANIZATION" and name:
            if name in by_name:
                by_name[name].add(group)
                continue
            by_name[name] = group
        remaining.append(group)
    by_short_form: dict[tuple[str, ...], list[MentionGroup]] = {}
    for name, group in by_name.items():
        for length in range(1, min(len(name), MOST_WORDS)):
            for short_form in {name[:length], name[-length:]}:
                by_short_form.setdefault(short_form, []).append(group)
    joined = set()
    for name, group in by_name.items():
        # Not in the comprehension: a short form of thousands of names with thousands of mentions takes quadratic time.
        position = first_position(group)
        possible = [full for full in by_short_form.get(name, ()) if first_position(full) < position]
        if len(possible) == 1:
            possible[0].add(group)
            joined.add(id(group))
    return [group for group in remaining if id(group) not in joined]
