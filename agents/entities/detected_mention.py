"""A mention as the stage detects it, before coreference puts it in a group with the others of its entity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.entities.names import Title
from streams.records import EntityType

Field = Literal["title", "text"]


@dataclass(frozen=True)
class DetectedMention:
    """A mention in a field of the article, as the stage reads the field.

    Attributes:
        field: the field in which it stands.
        start, end: offsets in code points of the text as it is read, which is without mark-up.
        name: the text between them.
        type: the type of the entity.
        title: the title before the name of a person; None without one.
    """

    field: Field
    start: int
    end: int
    name: str
    type: EntityType
    title: Title | None
