"""The outcome of a record in a stage: an analysis, other records, or a dead letter."""

from __future__ import annotations

from msgspec import Struct

from streams.errors import Reason
from streams.records import Analysis, Entities, Language, NotAnalysed, Sentiment

# Maximum length of an exception's message in a dead letter, in characters.
MAX_MESSAGE = 500


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

    @classmethod
    def of(cls, reason: Reason, error: Exception) -> Dead:
        """The dead letter of a record for which an analysis raised an error."""
        return cls(
            reason,
            str(error)[:MAX_MESSAGE] or type(error).__name__,
            f"{type(error).__module__}.{type(error).__qualname__}",
        )


class DerivedRecord(Struct, frozen=True, array_like=True):
    """A record that a stage made from an article.

    Attributes:
        key: the key. Kafka chooses the partition by it.
        id: identifies the record for its readers; the same when the article comes again.
        value: the value; the same when the article comes again.
    """

    key: str
    id: str
    value: bytes


class Derived(Struct, frozen=True, tag="derived", array_like=True):
    """The article gave so many records for another topic, or none.

    Attributes:
        records: in an order that depends on nothing else.
        seconds: the duration of the analysis.
    """

    records: list[DerivedRecord]
    seconds: float


Outcome = Done | Derived | Dead


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
