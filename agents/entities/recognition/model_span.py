"""The entity that a model finds in a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class ModelSpan(NamedTuple):
    """A span that a model marks as an entity.

    Attributes:
        start, end: in code points.
        label: the model's own (`agents.entities.recognition.labels` says which type it means).
        confidence: the calibrated probability that the span and its label are right; None if the model gives none.
    """

    start: int
    end: int
    label: str
    confidence: float | None = None


class EntityModel(Protocol):
    """A model that finds entities."""

    def spans(self, texts: Sequence[str], language: str) -> list[list[ModelSpan]]:
        """The entities in each text of one article.

        The result depends only on these texts, and not on what the model read before.
        """
