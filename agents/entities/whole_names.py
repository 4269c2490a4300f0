"""People's names that a model cut in half, overlooked in part, or took for something else.

What the article says elsewhere tells ("Djokovic said" of "Novak" and "Djokovic"), and so do first names and the particles of surnames,
whichever model reads the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from agents.entities import names
from agents.entities.coreference.person_context import AND
from agents.entities.detected_mention import Field, Found
from agents.entities.generations import bare, end_behind
from agents.entities.given_names import is_first_name
from agents.entities.places.toponyms import possible_places

_PARTICLE = r"(?:von|van|der|den|dem|de|del|della|di|da|das|do|dos|du|des|la|las|le|los|ten|ter|zu|af|bin|ibn|al|el|y)"
_NAME = r"[^\W\d_]+(?:['-](?!s\b)[^\W\d_]+)*"
_INITIALS = r"(?: (?:[^\W\d_]\.[ -]?)+)?"
_BEHIND = re.compile(rf"{_INITIALS}(?P<particles>(?: (?i:{_PARTICLE}))*) (?P<surname>{_NAME})")
_ENDS_IN_PARTICLE = re.compile(rf".+ (?i:{_PARTICLE})")
_SURNAME_WITH_PARTICLE = re.compile(rf" (?=((?:(?i:{_PARTICLE}) )+{_NAME})$)")
_FIRST_NAME = re.compile(rf"(?<![\w'.-]){_NAME}(?= )")
_WHOLE = re.compile(rf"{_NAME}(?: (?:{_NAME}|[^\W\d_]\.))*")
# First names that are more often another word at the beginning of a sentence, or the name of a place.
_OTHER_WORDS = frozenset(
    [
        "will",
        "may",
        "mark",
        "grant",
        "sue",
        "chase",
        "rose",
        "don",
        "al",
        "san",
        "santa",
        "de",
        "la",
        "le",
        "as",
        "an",
        "in",
        "do",
        "so",
        "no",
        "art",
        "rich",
        "guy",
        "king",
        "prince",
        "duke",
        "earl",
        "dean",
        "major",
        "april",
        "june",
        "august",
        "christian",
        "german",
        "roman",
        "norman",
        "israel",
        "china",
        "america",
        "india",
        "asia",
        "jordan",
        "chad",
        "georgia",
        "hope",
        "grace",
        "faith",
        "joy",
        "president",
        "senator",
        "pat",
        "monsieur",
        "madame",
        "general",
        "justice",
        "pope",
        "saint",
        "st",
        "mr",
        "mrs",
    ]
)
# Behind these words stands no surname, though a first name stands before them: they are days, firms, clubs and places.
_NO_SURNAMES = frozenset(
    [
        "airport",
        "airlines",
        "arena",
        "association",
        "avenue",
        "award",
        "awards",
        "bank",
        "bay",
        "beach",
        "bridge",
        "brothers",
        "bros",
        "building",
        "castle",
        "cathedral",
        "center",
        "centre",
        "church",
        "city",
        "club",
        "co",
        "college",
        "committee",
        "company",
        "corp",
        "council",
        "county",
        "court",
        "creek",
        "cup",
        "dam",
        "district",
        "estate",
        "falls",
        "festival",
        "field",
        "fields",
        "forest",
        "foundation",
        "fund",
        "garden",
        "gardens",
        "group",
        "hall",
        "harbor",
        "harbour",
        "heights",
        "hill",
        "hills",
        "holdings",
        "hospital",
        "hotel",
        "house",
        "inc",
        "industries",
        "institute",
        "island",
        "islands",
        "lake",
        "lane",
        "library",
        "limited",
        "ltd",
        "marathon",
        "memorial",
        "mountain",
        "museum",
        "open",
        "palace",
        "park",
        "party",
        "place",
        "plaza",
        "port",
        "prize",
        "raceway",
        "ranch",
        "republic",
        "ridge",
        "river",
        "road",
        "school",
        "society",
        "sound",
        "springs",
        "square",
        "stadium",
        "state",
        "station",
        "street",
        "studios",
        "system",
        "tech",
        "theater",
        "theatre",
        "tower",
        "town",
        "trust",
        "united",
        "university",
        "valley",
        "village",
        "water",
        "west",
        "east",
        "north",
        "south",
        "zoo",
        "avenue",
        "banque",
        "rue",
        "fondation",
        "institut",
        "lycée",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "republican",
        "republicans",
        "democrat",
        "democrats",
        "act",
        "law",
        "day",
    ]
)
# Firms that have the full name of a person.
_FIRMS = frozenset(
    [
        "morgan stanley",
        "ralph lauren",
        "calvin klein",
        "hugo boss",
        "charles schwab",
        "john deere",
        "john lewis",
        "harvey nichols",
        "michael kors",
        "tommy hilfiger",
        "louis vuitton",
        "christian dior",
        "giorgio armani",
        "eli lilly",
        "jack daniel",
        "philip morris",
        "raymond james",
        "edward jones",
        "johnnie walker",
        "jim beam",
        "marie claire",
        "marie curie",
        "arthur andersen",
        "johns hopkins",
        "martin marietta",
        "patek philippe",
        "paul smith",
        "mary kay",
        "stella artois",
    ]
)
# A place with fewer inhabitants is hardly meant by what is a surname in the article.
_KNOWN_PLACE = 15_000


def whole(
    found: Mapping[Field, Sequence[Found]], texts: Mapping[Field, str], language: str
) -> dict[Field, list[Found]]:
    """The mentions with people's names whole, and as people."""
    surnames = _surnames(found.values(), of_one_word=True)
    joined = {field: _joined(mentions, texts[field], surnames, language) for field, mentions in found.items()}
    surnames = _surnames(joined.values(), of_one_word=True)
    people = {
        field: [_as_person(mention, texts[field], surnames, language) for mention in mentions]
        for field, mentions in joined.items()
    }
    surnames = _surnames(people.values(), of_one_word=False)
    return {field: _known_by_others(mentions, texts[field], surnames, language) for field, mentions in people.items()}


def surname_with_particle(name: str) -> str:
    """The surname of a person's name with the particles before it: "von der Leyen", "Le Cléac'h"."""
    found = _SURNAME_WITH_PARTICLE.search(name)
    return found[1] if found else name.rpartition(" ")[2]


def _surnames(fields: Iterable[Sequence[Found]], *, of_one_word: bool) -> frozenset[str]:
    people = (bare(each.name) for mentions in fields for each in mentions if each.type == "PERSON")
    return frozenset(name.rpartition(" ")[2] for name in people if of_one_word or " " in name)


def _joined(found: Sequence[Found], text: str, surnames: frozenset[str], language: str) -> list[Found]:
    """The mentions of a field, in place of parts of a person's name the whole."""
    if not found:
        return []
    spans = sorted(
        {*_continued(found, text, surnames, language), *_begun(found, text, surnames)},
        key=lambda span: (span[0], -span[1]),
    )
    left, kept, reached = list(reversed(found)), [], 0
    for start, end in spans:
        if start < reached:
            continue
        while left and left[-1].end <= start:
            kept.append(left.pop())
        inside = []
        while left and left[-1].start < end:
            inside.append(left.pop())
        if inside and (inside[0].start < start or inside[-1].end > end):
            kept += inside
            continue
        end = end_behind(text, end)
        kept.append(Found(found[0].field, start, end, text[start:end], "PERSON", names.title(text, start, language)))
        reached = end
    return [*kept, *reversed(left)]


def _continued(found: Sequence[Found], text: str, surnames: frozenset[str], language: str) -> Iterator[tuple[int, int]]:
    """Whole names of which a mention is the beginning."""
    at = {mention.start: mention for mention in found}
    for mention in found:
        first = mention.name.partition(" ")[0]
        behind = _BEHIND.match(text, mention.end)
        if (
            behind is None
            or not _is_surname(behind["surname"])
            or not (mention.type == "PERSON" or is_first_name(first))
        ):
            continue
        known = behind["surname"] in surnames
        next_ = at.get(behind.start("surname"))
        if _ENDS_IN_PARTICLE.fullmatch(mention.name):
            joins = is_first_name(first) or known
        elif behind["particles"]:
            place = _is_known_place(behind["surname"], language)
            joins = known or (
                mention.type == "PERSON"
                and " " in mention.name
                and not place
                and (next_ is None or next_.type != "ORGANIZATION")
            )
        else:
            joins = " " not in mention.name and known and first.casefold() not in _OTHER_WORDS
        if joins:
            yield mention.start, max(behind.end(), next_.end if next_ and " " not in next_.name else 0)


def _begun(found: Sequence[Found], text: str, surnames: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Whole names of a first name, which is no mention, and the surname of somebody in the article."""
    for word in _FIRST_NAME.finditer(text):
        if not word[0][0].isupper() or not is_first_name(word[0]) or word[0].casefold() in _OTHER_WORDS:
            continue
        behind = _BEHIND.match(text, word.end())
        if behind and behind["surname"] in surnames and _is_surname(behind["surname"]):
            yield word.start(), behind.end()


def _is_surname(word: str) -> bool:
    return word[0].isupper() and len(word) > 1 and word.casefold() not in _NO_SURNAMES and not names.is_acronym(word)


def _is_known_place(name: str, language: str) -> bool:
    return any(place.population >= _KNOWN_PLACE for place in possible_places(name, language))


def _as_person(mention: Found, text: str, surnames: frozenset[str], language: str) -> Found:
    """The mention, as a person when it has a first name and a surname that tell."""
    first, _, rest = bare(mention.name).partition(" ")
    last = rest.rpartition(" ")[2]
    if mention.type == "PERSON" or not last or not _WHOLE.fullmatch(mention.name) or not is_first_name(first):
        return mention
    if (
        first.casefold() in _OTHER_WORDS
        or not _is_surname(last)
        or not first[0].isupper()
        or names.plain(mention.name) in _FIRMS
    ):
        return mention
    owns = text.startswith("'s", mention.end) and mention.name.count(" ") < 3
    if last in surnames or (owns and not possible_places(mention.name, language)):
        return replace(mention, type="PERSON")
    return mention


def _known_by_others(found: Sequence[Found], text: str, surnames: frozenset[str], language: str) -> list[Found]:
    """The mentions, as people those that have another's surname, or stand beside one: "Nicolas et Carla Sarkozy"."""
    mentions = list(found)
    for at, mention in enumerate(mentions):
        if mention.type == "LOCATION" and mention.name in surnames and not _is_known_place(mention.name, language):
            mentions[at] = replace(mention, type="PERSON")
    between = re.compile(rf" (?:{AND[language]}|&) ") if language in AND else None
    for at, (one, other) in enumerate(pairwise(mentions)):
        if (
            between
            and one.type != "PERSON"
            and other.type == "PERSON"
            and " " in other.name
            and is_first_name(one.name)
            and not _is_known_place(one.name, language)
            and between.fullmatch(text, one.end, other.start)
        ):
            mentions[at] = replace(one, type="PERSON")
    return mentions
