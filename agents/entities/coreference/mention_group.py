"""A group of mentions that name one entity."""

from __future__ import annotations

from collections import Counter

from agents.entities.detected_mention import DetectedMention
from agents.entities.names import Gender
from streams.records import EntityType

# A title says more about the type of a name than a model does, which guesses again for each mention.
WEIGHT_OF_TITLE = 3

# Whether a mention stands in the headline, and its offset in the field.
ReadingPosition = tuple[bool, int]


class MentionGroup:
    """Mentions of one entity.

    Attributes:
        words: the words of the fullest name.
        genders: the genders that the titles before the mentions tell.
        type: the type of most mentions; of two types as frequent, that of which the model is surest.
        known_since: where the text has the fullest name first; before everything if only the headline has it.
    """

    def __init__(self, mentions: list[DetectedMention], words: tuple[str, ...]) -> None:
        self.mentions = mentions
        self.words = words
        self.genders: set[Gender] = {
            mention.title.gender for mention in mentions if mention.title and mention.title.gender
        }
        types: Counter[EntityType] = Counter()
        for mention in mentions:
            types[mention.type] += WEIGHT_OF_TITLE if mention.title else 1
        sure: dict[EntityType, float] = {}
        for mention in mentions:
            sure[mention.type] = max(sure.get(mention.type, 0.0), mention.confidence or 0.0)
        self.type: EntityType = max(types, key=lambda kind: (types[kind], sure[kind]))
        self.known_since = min(
            (reading_position(mention) for mention in mentions if mention.field == "text"), default=(False, -1)
        )

    def add(self, other: MentionGroup) -> None:
        """Add the mentions of another group, which name the same entity by a name that is not fuller."""
        self.mentions += other.mentions
        self.genders |= other.genders


def reading_position(mention: DetectedMention) -> ReadingPosition:
    """The place of a mention in the order in which names become clear.

    The headline comes last: it takes for granted that the reader knows who is meant.
    """
    return mention.field == "title", mention.start


def first_position(group: MentionGroup) -> ReadingPosition:
    """The first position of the group's mentions."""
    return min(map(reading_position, group.mentions))
