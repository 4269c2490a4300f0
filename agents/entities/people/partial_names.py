"""Parts of a person's name that become the whole name: "Novak" and "Djokovic", or "Ursula von" and "Leyen"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.entities import names
from agents.entities.casing.word_case import word_case_of
from agents.entities.detected_mention import DetectedMention
from agents.entities.given_names import FAMILY_NAME_FIRST, is_first_name
from agents.entities.inflection import inflects
from agents.entities.people.generations import end_with_generation
from agents.entities.people.person_words import AMBIGUOUS_FIRST_NAMES, COMMON_PARTICLES, PARTICLE, is_surname
from agents.entities.places.toponyms import is_known_place
from agents.entities.sentence_beginnings import begins_sentence

# A word of a name, as a regular expression: letters, with hyphens and apostrophes inside.
NAME_WORD = r"[^\W\d_]+(?:['-](?!s\b)[^\W\d_]+)*"
# No name has so many initials, or so many particles. Without a limit a text of particles, some of which are first names
# too ("Van Van Van"), takes quadratic time.
_MOST = 10
_INITIALS = rf"(?: (?:[^\W\d_]\.[ -]?){{1,{_MOST}}})?"
_SURNAME_BEHIND = re.compile(rf"{_INITIALS}(?P<particles>(?: (?i:{PARTICLE})){{0,{_MOST}}}) (?P<surname>{NAME_WORD})")
_ENDS_IN_PARTICLE = re.compile(rf".+ (?i:{PARTICLE})")
_SURNAME_WITH_PARTICLE = re.compile(rf" (?=((?:(?i:{PARTICLE}) ){{1,{_MOST}}}{NAME_WORD})$)")
_WORD_BEFORE_SPACE = re.compile(rf"(?<![\w'.-]){NAME_WORD}(?= )")

Span = tuple[int, int]


def join_partial_names(
    mentions: Sequence[DetectedMention], text: str, surnames: frozenset[str], language: str
) -> list[DetectedMention]:
    """The mentions of a field; the whole name of a person stands in place of its parts.

    Args:
        mentions: in ascending order.
        text: the text of the field.
        surnames: the surnames of the people in the article.
        language: the language of the article (ISO 639-1).
    """
    if not mentions:
        return []
    whole_names = sorted(
        {*_continued_mentions(mentions, text, surnames, language), *_overlooked_first_names(text, surnames, language)},
        key=lambda span: (span[0], -span[1]),
    )
    remaining, result, last_end = list(reversed(mentions)), list[DetectedMention](), 0
    for start, end in whole_names:
        if start < last_end:
            continue
        while remaining and remaining[-1].end <= start:
            result.append(remaining.pop())
        inside = []
        while remaining and remaining[-1].start < end:
            inside.append(remaining.pop())
        if inside and (inside[0].start < start or inside[-1].end > end):
            result += inside
            continue
        end = end_with_generation(text, end)
        title = names.title(text, start, language)
        known = [mention.of_type("PERSON").confidence for mention in inside]
        sure = min((each for each in known if each is not None), default=None)
        result.append(DetectedMention(mentions[0].field, start, end, text[start:end], "PERSON", title, sure))
        last_end = end
    return [*result, *reversed(remaining)]


def surname_with_particle(name: str) -> str:
    """The surname in a person's name with the particles before it: "von der Leyen", "Le Cléac'h"."""
    surname = _SURNAME_WITH_PARTICLE.search(name)
    return surname[1] if surname else name.rpartition(" ")[2]


def _continued_mentions(
    mentions: Sequence[DetectedMention], text: str, surnames: frozenset[str], language: str
) -> Iterator[Span]:
    """The whole names that begin with a mention and go on behind it."""
    mention_at = {mention.start: mention for mention in mentions}
    for mention in mentions:
        first_name = mention.name.partition(" ")[0]
        behind = _SURNAME_BEHIND.match(text, mention.end)
        if (
            behind is None
            or not is_surname(behind["surname"])
            or not (mention.type == "PERSON" or is_first_name(first_name))
            or mention.end - mention.start > len(mention.name)  # it has an ending, and is whole: "Madonna'nın"
        ):
            continue
        surname_mention = mention_at.get(behind.start("surname"))
        is_known_surname = behind["surname"] in surnames
        given_name = behind["surname"] if language in FAMILY_NAME_FIRST else first_name
        if _ENDS_IN_PARTICLE.fullmatch(mention.name):
            is_one_name = is_first_name(first_name) or is_known_surname
        elif behind["particles"]:
            is_one_name = not _is_common(behind["particles"], language) and (
                is_known_surname
                or (
                    mention.type == "PERSON"
                    and " " in mention.name
                    and not is_known_place(behind["surname"], language)
                    and (surname_mention is None or surname_mention.type != "ORGANIZATION")
                )
            )
        else:
            is_one_name = (
                " " not in mention.name
                and is_known_surname
                and first_name.casefold() not in AMBIGUOUS_FIRST_NAMES
                # In a language with cases two people may stand side by side: "с Путиным Меркель".
                and (surname_mention is None or not inflects(language) or is_first_name(given_name))
            )
        if is_one_name:
            surname_end = surname_mention.end if surname_mention and " " not in surname_mention.name else 0
            yield mention.start, max(behind.end(), surname_end)


def _is_common(particles: str, language: str) -> bool:
    """Whether the first of these particles is a common word of the language too."""
    return particles.split()[0].casefold() in COMMON_PARTICLES.get(language, ())


def _overlooked_first_names(text: str, surnames: frozenset[str], language: str) -> Iterator[Span]:
    """The whole names of a first name, which is not a mention, and the surname of somebody in the article."""
    for word in _WORD_BEFORE_SPACE.finditer(text):
        if not word[0][0].isupper() or not is_first_name(word[0]) or word[0].casefold() in AMBIGUOUS_FIRST_NAMES:
            continue
        behind = _SURNAME_BEHIND.match(text, word.end())
        if (
            behind
            and behind["surname"] in surnames
            and is_surname(behind["surname"])
            and not (behind["particles"] and _is_common(behind["particles"], language))
            and not (begins_sentence(text, word.start()) and _is_common_word(word[0], language))
        ):
            yield word.start(), behind.end()


def _is_common_word(first_name: str, language: str) -> bool:
    """Whether a first name is more common in small letters, as another word: "pero" and "segundo" in Spanish."""
    word_case = word_case_of(language)
    return first_name.isalpha() and word_case is not None and word_case.usual(first_name.upper()) == first_name.lower()
