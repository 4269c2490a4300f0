"""A mention as the stage detects it, before coreference puts it in a group with the others of its entity."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
        name: the text between them; in Turkish without the ending.
        type: the type of the entity.
        title: the title before the name of a person; None without one.
        confidence: the model's calibrated probability that the span and its type are right; None without one.
    """

    field: Field
    start: int
    end: int
    name: str
    type: EntityType
    title: Title | None
    confidence: float | None = None

    def of_type(self, kind: EntityType) -> DetectedMention:
        """The mention with this type; the model's confidence is lost if the model had said another type."""
        return self if self.type == kind else replace(self, type=kind, confidence=None)
