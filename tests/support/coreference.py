"""Coreference for tests: the groups of names in a text whose mentions are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from agents.entities import names
from agents.entities.coreference import group_mentions
from agents.entities.detected_mention import DetectedMention
from streams.records import EntityType


def grouped(text: str, *mentions: str, language: str = "fr", kind: EntityType = "PERSON") -> list[list[str]]:
    """The names in each entity, if the text has these mentions in this order; `name/TYPE` for a mention of another
    type.
    """
    found, at = [], 0
    for mention in mentions:
        name, _, other = mention.partition("/")
        at = text.index(name, at)
        title = names.title(text, at, language)
        own = cast(EntityType, other) if other else kind
        found.append(DetectedMention("text", at, at + len(name), name, "PERSON" if title else own, title))
        at += len(name)
    return sorted(
        [mention.name for mention in each.mentions] for each in group_mentions(found, {"text": text}, language)
    )


Listed = tuple[str, list[DetectedMention]]


def listed(names_: Sequence[str], kind: EntityType = "PERSON", separator: str = ", ") -> Listed:
    """A text that lists names, and their mentions."""
    mentions, at = list[DetectedMention](), 0
    for name in names_:
        mentions.append(DetectedMention("text", at, at + len(name), name, kind, None))
        at += len(name) + len(separator)
    return separator.join(names_), mentions


def made_up_name(number: int) -> str:
    """A word with a capital, another one for each number below 65,536."""
    syllables = ("ba", "co", "di", "fu", "ge", "ha", "ki", "lo", "ma", "ne", "po", "ra", "si", "tu", "vo", "wen")
    return "".join(syllables[number >> place & 15] for place in (0, 4, 8, 12)).capitalize()
