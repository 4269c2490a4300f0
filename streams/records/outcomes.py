"""The outcome of a record in a stage: an analysis, or a dead letter."""

from __future__ import annotations

from msgspec import Struct

from streams.errors import Reason
from streams.records import Analysis, Entities, Language, NotAnalysed, Sentiment


class Done(Struct, frozen=True, tag="done", array_like=True):
    """The article has its analysis.

    Attributes:
        value: the record for the next topic.
        article_id: the article's id.
        language: the article's language (ISO 639-1), or `unknown`.
        analysed: True for a result, False for a reason why there is none.
        tally: the number of results of each kind: languages, entity types, labels.
        seconds: the duration of the analysis.
    """

    value: bytes
    article_id: str
    language: str
    analysed: bool
    tally: dict[str, int]
    seconds: float


class Dead(Struct, frozen=True, tag="dead", array_like=True):
    """The record becomes a dead letter, with the code of the reason, a sentence, and the name of the exception."""

    reason: Reason
    message: str
    exception: str
    attempts: int = 1


Outcome = Done | Dead


def tally(analysis: Analysis) -> dict[str, int]:
    """The number of results of each kind, for the metrics."""
    match analysis:
        case Language():
            return {analysis.code: 1}
        case Entities():
            kinds: dict[str, int] = {}
            for entity in analysis.items:
                kinds[entity.type] = kinds.get(entity.type, 0) + 1
            return kinds
        case Sentiment():
            return {analysis.label: 1}
        case NotAnalysed():
            return {}
    return {}
