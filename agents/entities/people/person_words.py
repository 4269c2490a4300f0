"""Word lists about the names of people: which words are part of a name, and which only look like it."""

from __future__ import annotations

from agents.entities import names

# The particles of surnames, as alternatives of a regular expression.
PARTICLE = r"(?:von|van|der|den|dem|de|del|della|di|da|das|do|dos|du|des|la|las|le|los|ten|ter|zu|af|bin|ibn|al|el|y)"

_COMMON_PARTICLES_AS_TEXT = {
    "da": "de den der das du",
    "de": "das dem den der des du zu",
    "es": "el y",
    "hr": "da do",
    "id": "di",
    "nb": "de den der du",
    "nn": "da den der du",
    "pl": "da do ten",
    "sk": "do",
    "sr": "da do",
    "sv": "de den du",
    "tr": "da de",
}
# The particles that a language has as a common word too ("the", "and", "to"). Between two names they join nothing.
COMMON_PARTICLES = {language: frozenset(words.split()) for language, words in _COMMON_PARTICLES_AS_TEXT.items()}

_AMBIGUOUS_FIRST_NAMES = """
    will may mark grant sue chase rose don al san santa de la le as an in do so no art rich guy king prince duke earl
    dean major april june august christian german roman norman israel china america india asia jordan chad georgia hope
    grace faith joy president senator pat monsieur madame general justice pope saint st mr mrs
"""
# First names that are more often another word at the beginning of a sentence, or the name of a place.
AMBIGUOUS_FIRST_NAMES = frozenset(_AMBIGUOUS_FIRST_NAMES.split())

_NEVER_SURNAMES = """
    airport airlines arena association avenue award awards bank bay beach bridge brothers bros building castle cathedral
    center centre church city club co college committee company corp council county court creek cup dam district estate
    falls festival field fields forest foundation fund garden gardens group hall harbor harbour heights hill hills
    holdings hospital hotel house inc industries institute island islands lake lane library limited ltd marathon
    memorial mountain museum open palace park party place plaza port prize raceway ranch republic ridge river road
    school society sound springs square stadium state station street studios system tech theater theatre tower town
    trust united university valley village water west east north south zoo banque rue fondation institut lycée monday
    tuesday wednesday thursday friday saturday sunday january february march april june july august september october
    november december republican republicans democrat democrats act law day
"""
# These words are not surnames, even behind a first name: they are days or parts of the names of firms, clubs and
# places.
NEVER_SURNAMES = frozenset(_NEVER_SURNAMES.split())

_FIRMS_NAMED_LIKE_PEOPLE = """
    morgan stanley, ralph lauren, calvin klein, hugo boss, charles schwab, john deere, john lewis, harvey nichols,
    michael kors, tommy hilfiger, louis vuitton, christian dior, giorgio armani, eli lilly, jack daniel, philip morris,
    raymond james, edward jones, johnnie walker, jim beam, marie claire, marie curie, arthur andersen, johns hopkins,
    martin marietta, patek philippe, paul smith, mary kay, stella artois
"""
# Firms that have the full name of a person.
FIRMS_NAMED_LIKE_PEOPLE = frozenset(" ".join(firm.split()) for firm in _FIRMS_NAMED_LIKE_PEOPLE.split(","))


def is_surname(word: str) -> bool:
    """Whether a word behind a first name may be the surname."""
    return word[0].isupper() and len(word) > 1 and word.casefold() not in NEVER_SURNAMES and not names.is_acronym(word)
