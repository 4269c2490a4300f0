"""The spelling of names: which signs around a name are not part of it, and what the spellings of one name share."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agents.entities.letters import WORD
from agents.entities.offices import is_office, without_office
from agents.entities.possessives import end_by_possessive
from agents.entities.sentence_beginnings import begins_sentence
from streams.records import EntityType

Gender = Literal["female", "male"]

# Articles and other words that a model includes at the beginning of a name, in small letters. With a capital ("Le
# Monde") they may belong to the name.
_ARTICLES: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "de": "der die das den dem des ein eine einen einem einer eines",
        "en": "the a an this that these those",
        "es": "el la los las un una del al",
        "fr": "le la les un une des du de au aux ce cet cette ces",
        "it": "il lo la i gli le un uno una del dello della dei degli delle al allo alla ai agli alle nel nella",
        "nl": "de het een",
        "pt": "o a os as um uma do da dos das no na nos nas",
    }.items()
}
# Words that are elided before a vowel.
_ELISION = re.compile(r"(?:l|d|qu|n|s|c|jusqu|lorsqu|puisqu|dell|nell|all|dall|sull|un)'(?=\w)", re.IGNORECASE)

# The titles before the name of a person, with or without a full stop, by gender; None where both genders have it.
_TITLES_BY_GENDER: dict[str, dict[Gender | None, str]] = {
    "de": {"male": "herr herrn", "female": "frau", None: "dr prof"},
    "en": {
        "male": "mr mister sir lord",
        "female": "mrs ms miss madam lady dame",
        None: """
            mx dr prof professor rev president senator sen rep congressman congresswoman governor gov mayor judge
            justice gen general col colonel capt captain lt sgt adm admiral secretary chancellor minister ambassador
        """,
    },
    "es": {"male": "sr don", "female": "sra doña dra", None: "dr"},
    "fr": {
        "male": "m mm monsieur messieurs sir",
        "female": "mme mmes mlle mlles madame mesdames mademoiselle",
        None: "dr docteur pr professeur me maître mgr",
    },
    "it": {"male": "sig signor", "female": "signora", None: "dott on"},
    "nl": {"male": "dhr", "female": "mevrouw mevr", None: "dr"},
    "pt": {"male": "sr dom", "female": "sra dona dra", None: "dr"},
}
_TITLES: dict[str, dict[str, Gender | None]] = {
    language: {word: gender for gender, words in by_gender.items() for word in words.split()}
    for language, by_gender in _TITLES_BY_GENDER.items()
}
_TITLE = re.compile(r"([^\W\d_]+)\.?[ \n]+(?!of )(?=\S)")
_TITLES_IN_NAMES_AS_TEXT = """
    sir lord miss madam lady dame president governor mayor judge justice general colonel captain admiral secretary
    chancellor minister ambassador
"""
# Titles that begin the names of other things too: Chancellor University, Justice Department, Miss Universe.
_TITLES_IN_NAMES = frozenset(_TITLES_IN_NAMES_AS_TEXT.split())
_TITLE_BEFORE = re.compile(r"(?<![\w.'-])([^\W\d_]{1,15})\.?[ \n]\s{0,3}$")
# A title is searched this many code points before a name.
_REACH = 20

# Signs around a name that are not part of it; a full stop may be a part of it ("Inc.").
_SIGNS_AROUND = " \n\"'«»„“”‚‹›(){}[]<>,;:!?…·•*#=/\\|–—_-¿¡،؛؟。、，．：；！？「」『』（）［］《》〈〉【】〔〕“”・～〜"
_QUOTES = frozenset('"“”„«»')
# An acronym with a case ending: "NATO-ban", "SDP:n"; Cyrillic endings stand behind it without a sign.
_ACRONYM_WITH_ENDING = re.compile(r"([^\W\d_]{2,}?)(?:[-:]|(?=[а-яё]))([^\W\d_]{1,4})")
# Words that a model includes at the end of a name: "Everton at".
_PREPOSITION_BEHIND = re.compile(
    r" (?:at|in|on|to|from|with|by|against|vs?|and|or|à|avec|contre|chez|et|und|mit|gegen|og|och|mot|e|em|con|y|dan|ve"
    r"|ja|és|și|un|i|и)$"
)
_PARAGRAPH = re.compile(r"\n\s*\n")
_WORD = re.compile(WORD)
_WHOLE_WORD = re.compile(rf"{WORD}(?:[-']{WORD})*")


@dataclass(frozen=True)
class Title:
    """A title before a person's name: M., Mrs, Dr."""

    gender: Gender | None


def trim(text: str, start: int, end: int, language: str, kind: EntityType) -> tuple[int, int]:
    """The name in a span of the text, without the articles, elided words, titles and signs around it.

    Quotation marks, an office and the possessive 's are not part of it either.

    Returns:
        The start and end of the name; they are equal if the span has no name.
    """
    while True:
        before = start, end
        while start < end and text[start] in _SIGNS_AROUND and not _is_partly_quoted(text, start, end):
            start += 1
        while start < end and text[end - 1] in _SIGNS_AROUND and not _is_partly_quoted(text, start, end):
            end -= 1
        if (bracket := text.rfind("(", start, end)) > start and ")" not in text[bracket:end]:
            end = bracket  # "Group of Seven (G7"
        if next_paragraph := _PARAGRAPH.search(text, start, end):
            end = next_paragraph.start()
        end = end_by_possessive(text, start, end, language, kind)
        if behind := _PREPOSITION_BEHIND.search(text, start, end):
            end = behind.start()
        start += _length_of_prefix(text, start, end, language, kind)
        if kind != "LOCATION" and is_office(text[start:end], language):
            return start, start
        if kind == "PERSON" and language == "ro" and _is_common_noun(text, start, end):
            return start, start
        if kind == "PERSON":
            first, last = without_office(text[start:end], language)
            start, end = start + first, start + last
        if (start, end) == before:
            return start, end


def _is_common_noun(text: str, start: int, end: int) -> bool:
    """Whether a name is in small letters, and the text is not: the Romanian texts that the encoder learnt from call any
    word for people a name ("elevi")."""
    return text[start:end].islower() and not text.islower()


def _is_partly_quoted(text: str, start: int, end: int) -> bool:
    """Whether the other one of the quotation mark at one end stands inside the name: Galeria "Pro Armia"."""
    at_ends = (text[start] in _QUOTES) + (text[end - 1] in _QUOTES)
    return at_ends == 1 and any(text.find(mark, start + 1, end - 1) > 0 for mark in _QUOTES)


def _length_of_prefix(text: str, start: int, end: int, language: str, kind: EntityType) -> int:
    """The length of the article, the elided word or the title at the beginning of a name, in code points."""
    name = text[start:end]
    elided = _ELISION.match(name)
    # "d'Ormesson" and "de Gaulle" are whole names.
    if elided and (name[0].islower() or is_acronym(name[elided.end() :])) and not (kind == "PERSON" and name[0] == "d"):
        return elided.end()
    first, space, rest = name.partition(" ")
    if space and kind != "PERSON" and first in _ARTICLES.get(language, ()):
        return len(first) + 1
    # "The Hague" and "The Economist"; "a report in The Washington Post", but "The European Central Bank warned".
    if (
        language == "en"
        and first == "The"
        and " " in rest
        and kind in ("ORGANIZATION", "LOCATION")
        and begins_sentence(text, start)
    ):
        return len(first) + 1
    title = _TITLE.match(name)
    is_title = (
        title is not None
        and _is_title(title[1], language)
        and (kind == "PERSON" or title[1].casefold() not in _TITLES_IN_NAMES)
    )
    return title.end() if title and is_title else 0


def title(text: str, start: int, language: str) -> Title | None:
    """The title that stands before a name; None without one."""
    before = _TITLE_BEFORE.search(text, max(0, start - _REACH), start)
    if before is None or not _is_title(before[1], language):
        return None
    return Title(_TITLES[language][before[1].casefold()])


def _is_title(word: str, language: str) -> bool:
    return word[0].isupper() and word.casefold() in _TITLES.get(language, ())


def is_acronym(name: str) -> bool:
    """Whether a name is written in capitals alone, as ONU or U.N."""
    letters = [character for character in name if character.isalpha()]
    return len(letters) > 1 and " " not in name and all(letter.isupper() for letter in letters)


@lru_cache(4096)
def key(name: str, language: str) -> tuple[str, ...]:
    """The key that all spellings of one name share: "Etats-Unis" and "les États-Unis", "U.S." and "US"."""
    words = _WORD.findall(plain(without_case(name)))
    while len(words) > 1 and words[0] in _ARTICLES.get(language, ()):
        words = words[1:]
    return tuple(words)


@lru_cache(4096)
def words(name: str) -> tuple[str, ...]:
    """The words of a person's name for comparison; "Jean-Pierre" is one."""
    return tuple(_WHOLE_WORD.findall(plain(without_case(name))))


def without_case(name: str) -> str:
    """An acronym without the ending that is written behind it: HDZ-a, SDP:n, МИДа."""
    parts = _ACRONYM_WITH_ENDING.fullmatch(name)
    return parts[1] if parts and parts[1].isupper() and parts[2].islower() else name


# Letters with an accent that Unicode does not decompose, and how people type them without it.
_NO_ACCENT = str.maketrans({"đ": "dj", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i"})


def plain(name: str) -> str:
    """A name in small letters, without accents and the full stops of abbreviations."""
    decomposed = (
        unicodedata.normalize("NFKD", name.casefold()).replace(".", "").replace("\u2010", "-").replace("\u2011", "-")
    )
    return "".join(character for character in decomposed.translate(_NO_ACCENT) if not unicodedata.combining(character))


def stands_for(acronym: str, name: str) -> bool:
    """Whether the letters of an acronym are first letters of a name's words, in their order.

    ONU stands for Organisation des Nations unies.
    """
    letters = [letter for letter in plain(acronym) if letter.isalpha()]
    words = _WORD.findall(plain(name))
    initials = iter(word[0] for word in words)
    return len(words) > len(acronym.split()) and all(letter in initials for letter in letters)
