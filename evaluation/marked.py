"""Articles whose mentions are marked by hand: `[Angela Merkel|P1] … Mrs [Merkel|P1]` are two mentions of the person P1.

Two files of such articles come with the project. They hold the sample articles of `seeds/`, and texts that were written
for them after public events. Some details and quotations are made up: they are not a source of anything. An article
begins with `=== LANGUAGE NAME` and may have a title (`= …`). The marks are on people (P), organisations (O) and places
(L), as `agents.entities.names` trims them: without titles, articles and the possessive 's, but with case endings.

"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agents.entities.detected_mention import Field
from streams.records import EntityType

# The rules were made on the development part. The held part also measures them: nobody looked at what they do there.
PARTS = ("development", "held")

_TYPES: dict[str, EntityType] = {"P": "PERSON", "O": "ORGANIZATION", "L": "LOCATION"}
_MARK = re.compile(r"\[([^\]|]+)\|([POL]\d+)\]")


@dataclass(frozen=True)
class Marked:
    """An article with its mentions.

    Attributes:
        fields: what is written in each field.
        entities: of each mention (field, start and end in code points) the entity: its type's letter and a number.
    """

    name: str
    language: str
    fields: Mapping[Field, str]
    entities: Mapping[tuple[Field, int, int], str]


def entity_type(entity: str) -> EntityType:
    """The type of an entity: `P1` is a person."""
    return _TYPES[entity[0]]


@cache
def articles(part: str) -> tuple[Marked, ...]:
    """The articles of a part of the set."""
    return marked(Path(__file__).with_name(f"coreference.{part}.txt").read_text(encoding="utf-8"))


def marked(written: str) -> tuple[Marked, ...]:
    """The articles of a file."""
    return tuple(_article(each) for each in re.split(r"^=== ", written, flags=re.MULTILINE)[1:])


def _article(written: str) -> Marked:
    head, _, text = written.strip().partition("\n")
    language, name = head.split()
    title = ""
    if text.startswith("= "):
        title, _, text = text[2:].partition("\n")
    entities: dict[tuple[Field, int, int], str] = {}
    written_as: dict[Field, str] = {"title": title, "text": text}
    fields = {field: _unmarked(field, of_field, entities) for field, of_field in written_as.items() if of_field}
    return Marked(name, language, fields, entities)


def _unmarked(field: Field, written: str, entities: dict[tuple[Field, int, int], str]) -> str:
    """The text without its marks, which are added to the entities."""
    text, last = "", 0
    for mark in _MARK.finditer(written):
        text += written[last : mark.start()]
        entities[field, len(text), len(text) + len(mark[1])] = mark[2]
        text += mark[1]
        last = mark.end()
    return text + written[last:]
