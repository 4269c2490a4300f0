"""Names of people that a model cut in half, overlooked in part, or took for something else.

The rest of the article tells ("Djokovic said" shows that "Novak" and "Djokovic" are one name), and so do first names
and the particles of surnames, whichever model reads the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from agents.entities import names
from agents.entities.conjunctions import between_two_names
from agents.entities.detected_mention import DetectedMention, Field
from agents.entities.given_names import is_first_name
from agents.entities.people.generations import without_generation
from agents.entities.people.partial_names import NAME_WORD, join_partial_names
from agents.entities.people.person_words import AMBIGUOUS_FIRST_NAMES, FIRMS_NAMED_LIKE_PEOPLE, is_surname
from agents.entities.places.toponyms import is_known_place, possible_places

_FULL_NAME = re.compile(rf"{NAME_WORD}(?: (?:{NAME_WORD}|[^\W\d_]\.))*")
# A name of more words, with the possessive 's behind it, is too long to be taken for a person's.
_MOST_WORDS_OF_OWNER = 3


def correct_people(
    mentions: Mapping[Field, Sequence[DetectedMention]], texts: Mapping[Field, str], language: str
) -> dict[Field, list[DetectedMention]]:
    """The mentions of each field, where the names of people are complete and have the type PERSON.

    Args:
        mentions: the mentions of each field, in ascending order.
        texts: the text of each field.
        language: the language of the article (ISO 639-1).
    """
    surnames = _surnames(mentions.values(), of_one_word=True)
    joined = {
        field: join_partial_names(of_field, texts[field], surnames, language) for field, of_field in mentions.items()
    }
    surnames = _surnames(joined.values(), of_one_word=True)
    people = {
        field: [_as_person(mention, texts[field], surnames, language) for mention in of_field]
        for field, of_field in joined.items()
    }
    surnames = _surnames(people.values(), of_one_word=False)
    return {field: _as_known_people(of_field, texts[field], surnames, language) for field, of_field in people.items()}


def _surnames(fields: Iterable[Sequence[DetectedMention]], *, of_one_word: bool) -> frozenset[str]:
    """The last words of people's names; those of names of one word only on request."""
    people = (
        without_generation(mention.name) for mentions in fields for mention in mentions if mention.type == "PERSON"
    )
    return frozenset(name.rpartition(" ")[2] for name in people if of_one_word or " " in name)


def _as_person(mention: DetectedMention, text: str, surnames: frozenset[str], language: str) -> DetectedMention:
    """The mention; a person if it has a first name, and either a surname of the article or the possessive 's."""
    first_name, _, rest = without_generation(mention.name).partition(" ")
    last = rest.rpartition(" ")[2]
    if (
        mention.type == "PERSON"
        or not last
        or not _FULL_NAME.fullmatch(mention.name)
        or not is_first_name(first_name)
        or first_name.casefold() in AMBIGUOUS_FIRST_NAMES
        or not is_surname(last)
        or not first_name[0].isupper()
        or names.plain(mention.name) in FIRMS_NAMED_LIKE_PEOPLE
    ):
        return mention
    is_owner = text.startswith("'s", mention.end) and mention.name.count(" ") < _MOST_WORDS_OF_OWNER
    if last in surnames or (is_owner and not possible_places(mention.name, language)):
        return mention.of_type("PERSON")
    return mention


def _as_known_people(
    mentions: Sequence[DetectedMention], text: str, surnames: frozenset[str], language: str
) -> list[DetectedMention]:
    """The mentions; those with the surname of a person, or next to a person, are people: "Nicolas et Carla Sarkozy"."""
    corrected = [
        mention.of_type("PERSON")
        if mention.type == "LOCATION" and mention.name in surnames and not is_known_place(mention.name, language)
        else mention
        for mention in mentions
    ]
    between = between_two_names(language)
    if between is None:
        return corrected
    for index, (first, second) in enumerate(pairwise(corrected)):
        if (
            first.type != "PERSON"
            and second.type == "PERSON"
            and " " in second.name
            and is_first_name(first.name)
            and not is_known_place(first.name, language)
            and between.fullmatch(text, first.end, second.start)
        ):
            corrected[index] = first.of_type("PERSON")
    return corrected
