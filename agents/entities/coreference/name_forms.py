"""The form in which the names of an article are compared: spellings and inflected forms of one name become equal."""

from __future__ import annotations

import re
from collections.abc import Collection

from agents.entities import names
from agents.entities.detected_mention import DetectedMention
from agents.entities.inflection import base_words

# A Japanese name that is written without a space: up to three characters of a surname, and up to three of a first name.
_HAN_NAME = re.compile("[\u3400-\u9fff]{2,6}")

# The words of a name, without articles, accents and endings.
NameKey = tuple[str, ...]


class NameForms:
    """The words of an article's names, each in the one form that stands for all its forms in the article.

    Args:
        mentions: the mentions that have the names.
        language: the language of the article (ISO 639-1).
    """

    def __init__(self, mentions: Collection[DetectedMention], language: str) -> None:
        self._language = language
        written_names = {mention.name for mention in mentions}
        words = {word for name in written_names for word in (*names.key(name, language), *names.words(name))}
        uninflected = _feminine_first_names({names.words(name) for name in written_names})
        self._base_words = base_words(words - uninflected, language) | {word: word for word in uninflected}
        people = {mention.name for mention in mentions if mention.type == "PERSON"} if language == "ja" else set()
        self._surnames = _surnames(people)

    def key(self, name: str) -> NameKey:
        """The key that all spellings of a name share."""
        return tuple(self._base_words[word] for word in names.key(name, self._language))

    def words(self, name: str) -> tuple[str, ...]:
        """The words of a name; "Jean-Pierre" is one word, and "岸田文雄" two if the article also says "岸田"."""
        if surname := self._surnames.get(name):
            return surname, name.removeprefix(surname)
        return tuple(self._base_words[word] for word in names.words(name))


def _surnames(people: Collection[str]) -> dict[str, str]:
    """For each name in Han characters alone the longest other name that begins it, its surname."""
    found = {}
    for name in filter(_HAN_NAME.fullmatch, people):
        beginnings = (name[:length] for length in range(len(name) - 1, 0, -1))
        if surname := next((beginning for beginning in beginnings if beginning in people), None):
            found[name] = surname
    return found


def _feminine_first_names(written_names: Collection[tuple[str, ...]]) -> set[str]:
    """First names in -a that are not the genitive of another first name of the article.

    If the article names Ivan Horvat too, "Ivana Horvat" is another person and not his genitive.
    """
    return {
        f"{first}a"
        for first, *surname in filter(None, written_names)
        if surname and (f"{first}a", *surname) in written_names
    }
