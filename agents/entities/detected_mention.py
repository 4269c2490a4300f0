"""A mention as it is found, before it is grouped with the others of its entity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.entities.names import Title
from streams.records import EntityType

Field = Literal["title", "text"]


@dataclass(frozen=True)
class Found:
    """A mention as it stands in the reading of a field.

    Attributes:
        start, end: in code points of the reading.
        name: what stands there.
        title: that of a person, before the name; None without.
    """

    field: Field
    start: int
    end: int
    name: str
    type: EntityType
    title: Title | None
