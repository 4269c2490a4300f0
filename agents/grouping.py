"""Which mentions are of the same entity, by the names alone.

Two mentions are of one entity when their names are the same but for articles, accents, capitals and hyphens, or when one is the
acronym that the article puts in parentheses behind the other. A person is also meant by a part of the name, when it belongs to
one person of the article only: where "Bill Clinton" and "Hillary Clinton" are both named, "Clinton" is an entity of its own.
Two people are rather kept apart than taken for one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from agents import names
from agents.mentions import Field, Found
from agents.names import Gender
from streams.records import EntityType

# A title says more about what a name means than a model does, which guesses each time anew.
WEIGHT_OF_TITLE = 3
# A word that more people than this have in their names belongs to none of them; it also bounds the time.
MOST_NAMESAKES = 20

_BETWEEN = re.compile(r"\s?[(\[]")


class Group:
    """Mentions of one entity.

    Attributes:
        words: of the fullest name, for comparison.
        genders: what the titles before a mention say.
    """

    def __init__(self, mentions: list[Found]) -> None:
        self.mentions = mentions
        self.words = names.person_words(mentions[0].name)
        self.genders: set[Gender] = {mention.title.gender for mention in mentions if mention.title and mention.title.gender}
        kinds: Counter[EntityType] = Counter()
        for mention in mentions:
            kinds[mention.type] += WEIGHT_OF_TITLE if mention.title else 1
        self.type: EntityType = kinds.most_common(1)[0][0]

    def add(self, other: Group) -> None:
        """The mentions of the other group are of the same entity; its name is no fuller."""
        self.mentions += other.mentions
        self.genders |= other.genders


def group(found: Sequence[Found], texts: Mapping[Field, str], language: str) -> list[Group]:
    """The mentions, each in the group of its entity.

    Args:
        found: the mentions, in their order.
        texts: of each field, as the mentions count its characters.
    """
    by_key = _same_names(found, language)
    _join_acronyms(found, texts, by_key, language)
    groups = list(dict.fromkeys(by_key.values()))
    people = _join_people([each for each in groups if each.type == "PERSON"])
    others = [each for each in groups if each.type != "PERSON"]
    return people + _join_surnames(others, people)


Key = tuple[tuple[str, ...], Gender | None]


def _same_names(found: Iterable[Found], language: str) -> dict[Key, Group]:
    genders: dict[tuple[str, ...], set[Gender]] = {}
    for mention in found:
        if mention.title and mention.title.gender:
            genders.setdefault(names.key(mention.name, language), set()).add(mention.title.gender)
    mentions: dict[Key, list[Found]] = {}
    for mention in found:
        key = names.key(mention.name, language)
        # Mr Macron and Mrs Macron are two.
        apart = mention.title.gender if mention.title and len(genders.get(key, ())) > 1 else None
        mentions.setdefault((key, apart), []).append(mention)
    return {key: Group(those) for key, those in mentions.items()}


def _join_acronyms(found: Sequence[Found], texts: Mapping[Field, str], by_key: dict[Key, Group], language: str) -> None:
    """Join "ONU" to "Organisation des Nations unies" where one stands in parentheses behind the other."""
    for name, acronym in pairwise(found):
        if name.field != acronym.field or not _BETWEEN.fullmatch(texts[name.field], name.end, acronym.start):
            continue
        if names.is_acronym(name.name):
            name, acronym = acronym, name
        full, short = ((names.key(mention.name, language), None) for mention in (name, acronym))
        # An acronym that was joined already stays where it is: two organisations with one acronym are two.
        apart = short in by_key and names.key(by_key[short].mentions[0].name, language) == short[0]
        if apart and full in by_key and names.is_acronym(acronym.name) and names.stands_for(acronym.name, name.name):
            by_key[full].add(by_key[short])
            by_key[short] = by_key[full]


def _join_people(groups: Iterable[Group]) -> list[Group]:
    """The people, the fullest names first; parts of a name are joined to it where that is one person's."""
    people: list[Group] = []
    of_word: dict[str, list[Group]] = {}
    for each in sorted(groups, key=lambda person: (-len(person.words), -sum(map(len, person.words)))):
        meant = _meant(each, of_word)
        if meant:
            meant.add(each)
            continue
        people.append(each)
        for word in set(each.words) if len(each.words) > 1 else ():
            of_word.setdefault(word, []).append(each)
    return people


def _meant(part: Group, of_word: dict[str, list[Group]]) -> Group | None:
    """The one person whose name has this part; None when there is none, or several."""
    if not part.words:
        return None
    namesakes = of_word.get(part.words[-1], [])
    if len(namesakes) > MOST_NAMESAKES:
        return None
    possible = [person for person in namesakes if _is_part(part.words, person.words) and _may_be(part, person)]
    if len(part.words) == 1 and part.genders:
        # Behind "Mrs" stands a surname, behind "Sir" a first name as well.
        possible = [person for person in possible if person.words[0] != part.words[0]] or possible
    return possible[0] if len(possible) == 1 else None


def _may_be(part: Group, person: Group) -> bool:
    return not (part.genders and person.genders and part.genders.isdisjoint(person.genders))


def _is_part(part: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Whether `part` stands in `name` as it is, or leaves out or abbreviates what stands before the surname."""
    if any(name[at : at + len(part)] == part for at in range(len(name) - len(part) + 1)):
        return True
    if len(part) < 2 or part[-1] != name[-1] or not _abbreviates(part[0], name[0]):
        return False
    rest = iter(name[1:-1])
    return all(any(_abbreviates(word, full) for full in rest) for word in part[1:-1])


def _abbreviates(word: str, full: str) -> bool:
    return word == full or (len(word) == 1 and full.startswith(word))


def _join_surnames(others: Iterable[Group], people: Iterable[Group]) -> list[Group]:
    """Join surnames that the model took for something of no particular kind to the one person who has them; the rest is returned."""
    of_surname: dict[str, list[Group]] = {}
    for person in people:
        if len(person.words) > 1:
            of_surname.setdefault(person.words[-1], []).append(person)
    left = []
    for each in others:
        possible = of_surname.get(each.words[0], []) if each.type == "MISC" and len(each.words) == 1 else []
        if len(possible) == 1:
            possible[0].add(each)
        else:
            left.append(each)
    return left
