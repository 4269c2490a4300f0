"""Which mentions are of the same person.

A person is also meant by a part of the name when it is one person's in the article: the surname, the first name, what
leaves out or abbreviates names in between. Where it is several people's, a title may tell, or that only one of them was
named before: "Brigitte Macron …, Macron …, Emmanuel Macron". Two people are rather kept apart than taken for one:
father and son ("Donald Trump", "Donald Trump Jr."), who was named by the surname before a relative ("Macron and his
wife, Brigitte Macron"), a king or pope and who has his first name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.entities.coreference.mention_group import Group, first, place
from agents.entities.coreference.person_context import Around
from agents.entities.detected_mention import DetectedMention
from agents.entities.generations import generation, words_without_generation
from agents.entities.given_names import gender
from agents.entities.names import Gender

# A word that more people than this have in their names belongs to none of them; it also bounds the time.
MOST_NAMESAKES = 20
ROUNDS = 2
# What is taken for an organisation more often than this is one.
MOST_MISTAKEN = 2


def join_people(groups: Iterable[Group], language: str, around: Around) -> list[Group]:
    """The people, the fullest names first; parts of a name are joined to it where that is one person's."""
    people: list[Group] = []
    unclear: list[Group] = []
    of_word: dict[str, list[Group]] = {}
    parts: list[Group] = []
    # Who may be Mr Trump or Mrs Trump.
    either: set[int] = set()
    for each in groups:
        by_gender = _by_gender(each)
        parts += by_gender
        either |= {id(part) for part in by_gender if len(by_gender) > 1 and len(part.words) == 1 and not part.genders}
    for part in sorted(parts, key=lambda person: (-len(person.words), -sum(map(len, person.words)))):
        namesakes = _possible(part, of_word, around)
        possible = _others(part, namesakes, around) if id(part) not in either else []
        if len(possible) == 1:
            possible[0].add(part)
        elif possible:
            unclear.append(part)
        else:
            people.append(part)
            # Who was named by the surname before a relative has no other name here that could be a part of it.
            if len(part.words) > 1 and not namesakes:
                if of_the_name := gender(part.words, language):
                    part.genders.add(of_the_name)
                for word in set(part.words):
                    of_word.setdefault(word, []).append(part)
    # What one of them tells about a person may tell who is meant by another.
    for _ in range(ROUNDS):
        unclear = [
            rest
            for part in unclear
            if (rest := _named_alone(part, _others(part, _possible(part, of_word, around), around)))
        ]
    return people + unclear


def _by_gender(named: Group) -> list[Group]:
    """Mr Macron and Mrs Macron are two, and so are those who may be either."""
    if len(named.genders) < 2:
        return [named]
    by_gender: dict[Gender | None, list[DetectedMention]] = {}
    for mention in named.mentions:
        by_gender.setdefault(mention.title.gender if mention.title else None, []).append(mention)
    return [Group(mentions, named.words) for mentions in by_gender.values()]


def _possible(part: Group, of_word: dict[str, list[Group]], around: Around) -> list[Group]:
    """The people whose names have this part."""
    own = words_without_generation(part.words)
    namesakes = of_word.get(own[-1], []) if own else []
    if len(namesakes) > MOST_NAMESAKES:
        return []
    possible = [person for person in namesakes if _may_be_called(part.words, person.words) and _may_be(part, person)]
    if len(own) == 1 and any(map(around.is_ruler, part.mentions)):
        # "King Charles" is nobody whose first name it is.
        possible = [person for person in possible if words_without_generation(person.words) == own]
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


def _others(part: Group, possible: Sequence[Group], around: Around) -> list[Group]:
    return [person for person in possible if not _is_another(part, person, around)]


def _is_another(part: Group, person: Group, around: Around) -> bool:
    """Whether the part of a name means somebody else than this person, who was named in full after it as a relative or beside it.

    "Macron arrived with his wife, Brigitte Macron", "President Trump and Melania Trump": nobody is named twice so in
    one sentence.
    """
    named = next(
        (mention for mention in person.mentions if mention.field == "text" and place(mention) == person.since), None
    )
    if named is None or part.words == person.words or (part.genders and part.genders & person.genders):
        return False
    is_surname = part.words == person.words[-len(part.words) :]
    before = [mention for mention in part.mentions if mention.field == "text" and mention.start < named.start]
    if is_surname and before and around.is_same_sentence(before[-1], named):
        return True
    in_title = is_surname and any(mention.field == "title" for mention in part.mentions)
    if (before or in_title) and around.is_relative(named):
        return True
    return is_surname and around.is_spouse_of_nobody_named(named)


def _may_be_called(part: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Whether a person is meant by a part of the name, or by what abbreviates it.

    Father and son have one name: what tells them apart is left out only where the rest is one word.
    """
    own, full = words_without_generation(part), words_without_generation(name)
    if generation(part) != generation(name) and (generation(part) or min(len(own), len(full)) > 1):
        return False
    return _is_part(own, full)


def _is_part(part: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Whether `part` stands in `name` as it is, or leaves out or abbreviates what stands before the surname."""
    if any(name[at : at + len(part)] == part for at in range(len(name) - len(part) + 1)):
        return True
    if len(part) < 2 or part[-1] != name[-1] or not _abbreviates(part[0], name[0]):
        return False
    rest = iter(name[1:-1])
    # An initial leaves out none before it: "George W. Bush" is not George H. W. Bush.
    return all(
        _abbreviates(word, next(rest, "")) if len(word) == 1 else any(_abbreviates(word, full) for full in rest)
        for word in part[1:-1]
    )


def _abbreviates(word: str, full: str) -> bool:
    return word == full or (len(word) == 1 and full.startswith(word))


def join_surnames(others: Iterable[Group], people: Iterable[Group]) -> list[Group]:
    """Join surnames that the model took for something else to the one person who has them; the rest is returned.

    For an organisation it takes one now and then. The person must have been named before; a firm that is named after
    its founder is named more often, and a place may have the name.
    """
    of_surname: dict[str, list[Group]] = {}
    for person in people:
        if len(person.words) > 1:
            of_surname.setdefault(words_without_generation(person.words)[-1], []).append(person)
    left = []
    for each in others:
        possible = of_surname.get(each.words[0], []) if len(each.words) == 1 and each.type != "LOCATION" else []
        mistaken = each.type == "MISC" or (
            len(each.mentions) <= MOST_MISTAKEN and possible and possible[0].since < first(each)
        )
        if len(possible) == 1 and mistaken:
            possible[0].add(each)
        else:
            left.append(each)
    return left
