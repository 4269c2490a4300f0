"""Which mentions are of the same person.

A person is also meant by a part of the name when it is one person's in the article: the surname, the first name, what leaves out or
abbreviates names in between. Where it is several people's, a title may tell, or that only one of them was named before: "Brigitte
Macron …, Macron …, Emmanuel Macron". Two people are rather kept apart than taken for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.entities.grouping.first_names import gender
from agents.entities.grouping.groups import Group, first, place
from agents.entities.mentions import Found
from agents.entities.names import Gender

# A word that more people than this have in their names belongs to none of them; it also bounds the time.
MOST_NAMESAKES = 20
ROUNDS = 2
# What is taken for an organisation more often than this is one.
MOST_MISTAKEN = 2


def join_people(groups: Iterable[Group], language: str) -> list[Group]:
    """The people, the fullest names first; parts of a name are joined to it where that is one person's."""
    people: list[Group] = []
    unclear: list[Group] = []
    of_word: dict[str, list[Group]] = {}
    parts = [part for each in groups for part in _by_gender(each)]
    for part in sorted(parts, key=lambda person: (-len(person.words), -sum(map(len, person.words)))):
        possible = _possible(part, of_word)
        if len(possible) == 1:
            possible[0].add(part)
        elif possible:
            unclear.append(part)
        else:
            people.append(part)
            if len(part.words) > 1:
                if of_the_name := gender(part.words, language):
                    part.genders.add(of_the_name)
                for word in set(part.words):
                    of_word.setdefault(word, []).append(part)
    # What one of them tells about a person may tell who is meant by another.
    for _ in range(ROUNDS):
        unclear = [rest for part in unclear if (rest := _named_alone(part, _possible(part, of_word)))]
    return people + unclear


def _by_gender(named: Group) -> list[Group]:
    """Mr Macron and Mrs Macron are two, and so are those who may be either."""
    if len(named.genders) < 2:
        return [named]
    by_gender: dict[Gender | None, list[Found]] = {}
    for mention in named.mentions:
        by_gender.setdefault(mention.title.gender if mention.title else None, []).append(mention)
    return [Group(mentions, named.words) for mentions in by_gender.values()]


def _possible(part: Group, of_word: dict[str, list[Group]]) -> list[Group]:
    """The people whose names have this part."""
    namesakes = of_word.get(part.words[-1], []) if part.words else []
    if len(namesakes) > MOST_NAMESAKES:
        return []
    possible = [person for person in namesakes if _is_part(part.words, person.words) and _may_be(part, person)]
    if len(part.words) == 1 and part.genders:
        # Behind "Mrs" stands a surname, behind "Sir" a first name as well.
        possible = [person for person in possible if person.words[0] != part.words[0]] or possible
    return possible


def _named_alone(part: Group, possible: Sequence[Group]) -> Group | None:
    """Join the mentions before which only one of these people was named, and those that go on to mean the same; the rest is returned."""
    meant: Group | None = None
    rest = []
    for mention in sorted(part.mentions, key=place):
        named = [person for person in possible if person.since < place(mention)] if len(possible) > 1 else possible
        if len(named) == 1:
            [meant] = named
            meant.genders |= part.genders
        if meant:
            meant.mentions.append(mention)
        else:
            rest.append(mention)
    return Group(rest, part.words) if rest else None


def _may_be(part: Group, person: Group) -> bool:
    return not (part.genders and person.genders and part.genders.isdisjoint(person.genders))


def _is_part(part: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Whether `part` stands in `name` as it is, or leaves out or abbreviates what stands before the surname."""
    if any(name[at : at + len(part)] == part for at in range(len(name) - len(part) + 1)):
        return True
    if len(part) < 2 or part[-1] != name[-1] or not _abbreviates(part[0], name[0]):
        return False
    rest = iter(name[1:-1])
    # An initial leaves out none before it: "George W. Bush" is not George H. W. Bush.
    return all(
        _abbreviates(word, next(rest, "")) if len(word) == 1 else any(_abbreviates(word, full) for full in rest) for word in part[1:-1]
    )


def _abbreviates(word: str, full: str) -> bool:
    return word == full or (len(word) == 1 and full.startswith(word))


def join_surnames(others: Iterable[Group], people: Iterable[Group]) -> list[Group]:
    """Join surnames that the model took for something else to the one person who has them; the rest is returned.

    For an organisation it takes one now and then. The person must have been named before; a firm that is named after its founder is named
    more often, and a place may have the name.
    """
    of_surname: dict[str, list[Group]] = {}
    for person in people:
        if len(person.words) > 1:
            of_surname.setdefault(person.words[-1], []).append(person)
    left = []
    for each in others:
        possible = of_surname.get(each.words[0], []) if len(each.words) == 1 and each.type != "LOCATION" else []
        mistaken = each.type == "MISC" or (len(each.mentions) <= MOST_MISTAKEN and possible and possible[0].since < first(each))
        if len(possible) == 1 and mistaken:
            possible[0].add(each)
        else:
            left.append(each)
    return left
