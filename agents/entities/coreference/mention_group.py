"""Mentions of one entity, and the words of their names as they are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from agents.entities import names
from agents.entities.coreference import inflection
from agents.entities.detected_mention import DetectedMention
from agents.entities.names import Gender
from streams.records import EntityType

# A title says more about what a name means than a model does, which guesses each time anew.
WEIGHT_OF_TITLE = 3
Key = tuple[str, ...]


class Words:
    """The words of an article's names, each in the one form that stands for all that it has there."""

    def __init__(self, found: Iterable[DetectedMention], language: str) -> None:
        self._language = language
        written = {mention.name for mention in found}
        words = {word for name in written for word in (*names.key(name, language), *names.words(name))}
        apart = _apart({names.words(name) for name in written})
        self._base = inflection.bases(words - apart, language) | {word: word for word in apart}

    def key(self, name: str) -> Key:
        """What the spellings of a name have in common."""
        return tuple(self._base[word] for word in names.key(name, self._language))

    def of(self, name: str) -> tuple[str, ...]:
        """The words of a name; "Jean-Pierre" is one."""
        return tuple(self._base[word] for word in names.words(name))


def _apart(written: Collection[tuple[str, ...]]) -> set[str]:
    """First names that are no other's case in this article: where Ivan Horvat is named too, "Ivana Horvat" is not his genitive."""
    return {f"{first}a" for first, *surname in filter(None, written) if surname and (f"{first}a", *surname) in written}


class Group:
    """Mentions of one entity.

    Attributes:
        words: of the fullest name.
        genders: what the titles before a mention say.
        type: what most mentions are.
        since: from where on the fullest name is known: from the start when it stands in the headline alone.
    """

    def __init__(self, mentions: list[DetectedMention], words: tuple[str, ...]) -> None:
        self.mentions = mentions
        self.words = words
        self.genders: set[Gender] = {
            mention.title.gender for mention in mentions if mention.title and mention.title.gender
        }
        kinds: Counter[EntityType] = Counter()
        for mention in mentions:
            kinds[mention.type] += WEIGHT_OF_TITLE if mention.title else 1
        self.type: EntityType = kinds.most_common(1)[0][0]
        self.since = min((place(mention) for mention in mentions if mention.field == "text"), default=(False, -1))

    def add(self, other: Group) -> None:
        """The mentions of the other group are of the same entity; its name is no fuller."""
        self.mentions += other.mentions
        self.genders |= other.genders


def place(mention: DetectedMention) -> tuple[bool, int]:
    """Where a mention stands in the order in which names are understood: the headline last, as it takes for granted who is meant."""
    return mention.field == "title", mention.start


def first(group: Group) -> tuple[bool, int]:
    """The first place of the group's mentions."""
    return min(map(place, group.mentions))
