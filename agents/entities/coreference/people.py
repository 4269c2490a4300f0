"""The groups of mentions that name one person.

A part of a name means a person if only one person in the article has it: the surname, the first name, or the name
without its middle names or with initials. If several people have it, a title may tell who is meant, or the article
named only one of them before: "Brigitte Macron …, Macron …, Emmanuel Macron". In doubt two people stay apart: father
and son ("Donald Trump", "Donald Trump Jr."), a person with only the surname before a relative ("Macron and his wife,
Brigitte Macron"), and a king or pope next to somebody with the same first name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.entities.coreference.mention_group import MentionGroup, first_position, reading_position
from agents.entities.coreference.person_context import PersonContext
from agents.entities.coreference.person_parts import may_be_called
from agents.entities.detected_mention import DetectedMention
from agents.entities.given_names import gender
from agents.entities.names import Gender
from agents.entities.people.generations import words_without_generation

# A word in the names of more people than this tells nothing about any of them. This also bounds the time.
MOST_NAMESAKES = 20
# How often the unclear parts are read again: a part that becomes clear may tell the gender of a person, and so make
# another part clear.
ROUNDS = 2
# A model that takes a name for an organisation more often than this is right.
MOST_MISTAKES = 2

PeopleByWord = dict[str, list[MentionGroup]]


def join_people(groups: Iterable[MentionGroup], language: str, context: PersonContext) -> list[MentionGroup]:
    """The groups of people; a part of a name is in the group of the one person who has it.

    Args:
        groups: groups of mentions with the same name, all of type PERSON.
        language: the language of the article (ISO 639-1).
        context: the words around the mentions.
    """
    people: list[MentionGroup] = []
    unclear: list[MentionGroup] = []
    people_by_word: PeopleByWord = {}
    parts: list[MentionGroup] = []
    # The mentions of a surname without a title, where Mr Trump and Mrs Trump are two people: they may mean either.
    ambiguous: set[int] = set()
    for group in groups:
        by_gender = _split_by_gender(group)
        parts += by_gender
        if len(by_gender) > 1:
            ambiguous |= {id(part) for part in by_gender if len(part.words) == 1 and not part.genders}
    # The fullest names first.
    for part in sorted(parts, key=lambda person: (-len(person.words), -sum(map(len, person.words)))):
        namesakes = _people_with_part(part, people_by_word, context)
        possible = _without_others(part, namesakes, context) if id(part) not in ambiguous else []
        if len(possible) == 1:
            possible[0].add(part)
        elif possible:
            unclear.append(part)
        else:
            people.append(part)
            # A name with namesakes, all of whom are somebody else, has no shorter form here that could mean this
            # person.
            if len(part.words) > 1 and not namesakes:
                if gender_of_name := gender(part.words, language):
                    part.genders.add(gender_of_name)
                for word in set(part.words):
                    people_by_word.setdefault(word, []).append(part)
    for _ in range(ROUNDS):
        still_unclear = []
        for part in unclear:
            possible = _without_others(part, _people_with_part(part, people_by_word, context), context)
            if rest := _join_clear_mentions(part, possible):
                still_unclear.append(rest)
        unclear = still_unclear
    return people + unclear


def join_surnames(others: Iterable[MentionGroup], people: Iterable[MentionGroup]) -> list[MentionGroup]:
    """Join the surnames that the model took for something else to the one person who has them.

    The model takes a surname for an organisation now and then. The article must have named the person before; it names
    a firm with the name of its founder more often than MOST_MISTAKES. A place may have the name too.

    Returns:
        The groups that no person took.
    """
    people_by_surname: PeopleByWord = {}
    for person in people:
        if len(person.words) > 1:
            people_by_surname.setdefault(words_without_generation(person.words)[-1], []).append(person)
    remaining = []
    for group in others:
        is_candidate = len(group.words) == 1 and group.type != "LOCATION"
        possible = people_by_surname.get(group.words[0], []) if is_candidate else []
        is_mistake = group.type == "MISC" or (
            len(group.mentions) <= MOST_MISTAKES and possible and possible[0].known_since < first_position(group)
        )
        if len(possible) == 1 and is_mistake:
            possible[0].add(group)
        else:
            remaining.append(group)
    return remaining


def _split_by_gender(group: MentionGroup) -> list[MentionGroup]:
    """The group, split if its titles tell two genders: Mr Macron, Mrs Macron, and the mentions that may mean either."""
    if len(group.genders) < 2:
        return [group]
    by_gender: dict[Gender | None, list[DetectedMention]] = {}
    for mention in group.mentions:
        by_gender.setdefault(mention.title.gender if mention.title else None, []).append(mention)
    return [MentionGroup(mentions, group.words) for mentions in by_gender.values()]


def _people_with_part(part: MentionGroup, people_by_word: PeopleByWord, context: PersonContext) -> list[MentionGroup]:
    """The people whose names have this part."""
    words = words_without_generation(part.words)
    namesakes = people_by_word.get(words[-1], []) if words else []
    if len(namesakes) > MOST_NAMESAKES:
        return []
    possible = [
        person for person in namesakes if may_be_called(part.words, person.words) and _genders_agree(part, person)
    ]
    if len(words) == 1 and any(map(context.is_ruler, part.mentions)):
        # "King Charles" is nobody whose first name is Charles.
        possible = [person for person in possible if words_without_generation(person.words) == words]
    if len(part.words) == 1 and part.genders:
        # A surname stands behind "Mrs"; behind "Sir" a first name may stand too.
        possible = [person for person in possible if person.words[0] != part.words[0]] or possible
    return possible


def _genders_agree(part: MentionGroup, person: MentionGroup) -> bool:
    """Whether the genders that are known of both have one in common."""
    return not (part.genders and person.genders and part.genders.isdisjoint(person.genders))


def _join_clear_mentions(part: MentionGroup, possible: Sequence[MentionGroup]) -> MentionGroup | None:
    """Join each mention before which the article named only one of these people, and the mentions behind it.

    Returns:
        The group of the other mentions; None if there is none.
    """
    meant: MentionGroup | None = None
    unclear = []
    for mention in sorted(part.mentions, key=reading_position):
        known = possible
        if len(possible) > 1:
            known = [person for person in possible if person.known_since < reading_position(mention)]
        if len(known) == 1:
            [meant] = known
            meant.genders |= part.genders
        if meant:
            meant.mentions.append(mention)
        else:
            unclear.append(mention)
    return MentionGroup(unclear, part.words) if unclear else None


def _without_others(part: MentionGroup, possible: Sequence[MentionGroup], context: PersonContext) -> list[MentionGroup]:
    return [person for person in possible if not _is_somebody_else(part, person, context)]


def _is_somebody_else(part: MentionGroup, person: MentionGroup, context: PersonContext) -> bool:
    """Whether the part means somebody else: the full name of this person is a relative's, or in the same sentence.

    "Macron arrived with his wife, Brigitte Macron", "President Trump and Melania Trump": no sentence names a person
    twice in such a way.
    """
    full_name = next(
        (
            mention
            for mention in person.mentions
            if mention.field == "text" and reading_position(mention) == person.known_since
        ),
        None,
    )
    if full_name is None or part.words == person.words or (part.genders and part.genders & person.genders):
        return False
    is_surname = part.words == person.words[-len(part.words) :]
    before = [mention for mention in part.mentions if mention.field == "text" and mention.start < full_name.start]
    if is_surname and before and context.is_same_sentence(before[-1], full_name):
        return True
    is_in_title = is_surname and any(mention.field == "title" for mention in part.mentions)
    if (before or is_in_title) and context.is_relative(full_name):
        return True
    return is_surname and context.is_spouse_of_unnamed_person(full_name)
