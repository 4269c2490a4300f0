"""The sentiment towards the entities of an article, from the sentences in which the entities stage found them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agents.normalization import NormalizedText
from agents.normalization.credit_lines import find_credit_lines, is_in_credit_line
from agents.sentiment import target
from streams.records import Entity, Mention, TargetSentiment


def targets_among(
    entities: Sequence[Entity], readings: Mapping[str, NormalizedText], language: str
) -> list[TargetSentiment]:
    """The sentiment towards each entity that the article says enough about, in the order of the entities.

    Names in credit lines do not count: "Reporting by Jane Roe" says nothing of Jane Roe.

    Args:
        entities: of the article. Their mentions have the offsets of the published text.
        readings: the parts of the title and the text that are read, by the name of the field.
        language: of the article (ISO 639-1).
    """
    if language not in target.LANGUAGES or not any(entity.type in target.TYPES for entity in entities):
        return []
    bounds = {field: target.sentence_bounds(reading.text) for field, reading in readings.items()}
    credit_lines = {field: find_credit_lines(reading.text) for field, reading in readings.items()}

    def contexts(entity: Entity) -> Iterator[target.Context]:
        # A generator: nobody reads the contexts of a place.
        for field, reading in readings.items():
            names = _names(entity.mentions, field, reading)
            elsewhere = [name for name in names if not is_in_credit_line(name[0], credit_lines[field])]
            yield from target.contexts(reading.text, bounds[field], elsewhere)

    return target.towards_each(((entity, contexts(entity)) for entity in entities), language)


def _names(mentions: Sequence[Mention], field: str, reading: NormalizedText) -> list[tuple[int, int]]:
    """Start and end of each name in the reading of a field, in ascending order."""
    return sorted(
        reading.normalized_span(mention.start, mention.end)
        for mention in mentions
        if mention.field == field and mention.start < mention.end <= len(reading.original)
    )
