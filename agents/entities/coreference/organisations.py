"""Which organisations are meant by a short form of their name.

"Mitsubishi" is Mitsubishi Motors when the article named that before: the beginning or the end of one organisation's
name. When it had said "Novo Nordisk" before it named Novo Nordisk Fonden, these are two.
"""

from __future__ import annotations

from collections.abc import Iterable

from agents.entities.coreference.mention_group import Group, first

# A short form, or what it leaves out, has no more words.
MOST_WORDS = 6

# What says only which form an organisation has, or that it is a club.
_FORMS_WRITTEN = """
    ag se sa sas sarl kg gmbh inc incorporated corp corporation co ltd limited plc llc llp nv bv oy oyj as asa ab aps
    spa srl group groupe gruppe gruppen holding konzern fc cf afc ac sc fk sv
"""
_FORMS = frozenset(_FORMS_WRITTEN.split())


def join_short_names(groups: Iterable[Group]) -> list[Group]:
    """The groups, short forms joined to the organisations that are meant."""
    groups = list(groups)
    by_form: dict[tuple[str, ...], Group] = {}
    left = []
    for each in sorted(groups, key=lambda group: -len(group.words)):
        bare = tuple(word for word in each.words if word not in _FORMS)
        if each.type == "ORGANIZATION" and bare:
            if bare in by_form:
                by_form[bare].add(each)
                continue
            by_form[bare] = each
        left.append(each)
    full: dict[tuple[str, ...], list[Group]] = {}
    for bare, each in by_form.items():
        for length in range(1, min(len(bare), MOST_WORDS)):
            for short in {bare[:length], bare[-length:]}:
                full.setdefault(short, []).append(each)
    joined = set()
    for bare, each in by_form.items():
        possible = [name for name in full.get(bare, ()) if first(name) < first(each)]
        if len(possible) == 1:
            possible[0].add(each)
            joined.add(id(each))
    return [each for each in left if id(each) not in joined]
