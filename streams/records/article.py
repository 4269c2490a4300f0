"""The types of the records: the raw article, the analysis of each stage, and the enriched article."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Raw, Struct

ISO_8601 = r"^\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?)?)?$"

EntityType = Literal["PERSON", "ORGANIZATION", "LOCATION", "MISC"]
Label = Literal["negative", "neutral", "positive"]
NotAnalysedReason = Literal["language_unknown", "no_model_for_language", "text_too_short"]

Id = Annotated[
    str, Meta(min_length=1, max_length=200, description="Identifies the article; absent: a UUIDv5 of its content.")
]
Probability = Annotated[float, Meta(ge=0, le=1)]
Score = Annotated[float, Meta(ge=-1, le=1)]


class RawArticle(Struct, frozen=True, kw_only=True):
    """An article as its publisher sends it. All other fields stay in the record, byte for byte."""

    text: Annotated[str, Meta(description="The article; at least one letter.")]
    id: Id | None = None
    title: str | None = None
    url: str | None = None
    source: str | None = None
    published: (
        Annotated[str, Meta(pattern=ISO_8601, description="ISO 8601, reduced precision allowed: 2024-03.")] | None
    ) = None


Declared = Annotated[
    str,
    Meta(
        pattern="^[a-z]{2}$",
        max_length=2,
        description="The publisher's hint (ISO 639-1); it never overrides the identified language.",
    ),
]


class NotAnalysed(Struct, frozen=True, kw_only=True, tag_field="status", tag="not_analysed", omit_defaults=True):
    """The analysis of a stage that has no result, with the reason."""

    reason: NotAnalysedReason
    model: str | None = None
    declared: Declared | None = None


class Mixed(Struct, frozen=True, kw_only=True):
    """A second language of an article, and its share of the text that the stage read."""

    code: str
    share: Annotated[float, Meta(gt=0.25, lt=1)]


class Language(Struct, frozen=True, kw_only=True, tag_field="status", tag="analysed"):
    """The article's language: `code` (ISO 639-1) and `script` (ISO 15924) are subtags of BCP 47.

    `confidence` is the probability of `code`.
    """

    model: str
    code: str
    confidence: Probability
    script: Annotated[str, Meta(pattern="^[A-Z][a-z]{3}$")] | None = None  # records of early versions have none
    mixed: Annotated[Mixed | None, Meta(description="A second language, with more than a quarter of the text.")] = None
    declared: Declared | None = None


class Mention(Struct, frozen=True, kw_only=True):
    """A span that names an entity: `article[field][start:end] == text`, in Unicode code points."""

    field: Literal["title", "text"]
    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=1)]
    text: str


class Probabilities(Struct, frozen=True, kw_only=True):
    """The calibrated probability of each label; they sum to 1."""

    negative: Probability
    neutral: Probability
    positive: Probability


class TargetSentiment(Struct, frozen=True, kw_only=True):
    """The tone towards an entity in the sentences that name it.

    `name` and `type` are those of the entity. The other fields mean what they mean in `Sentiment`.
    """

    name: str
    type: EntityType
    label: Label
    score: Score
    confidence: Probability
    probabilities: Probabilities


class Sentiment(Struct, frozen=True, kw_only=True, tag_field="status", tag="analysed"):
    """The tone of an article, and towards its entities.

    `score` is P(positive) - P(negative). `confidence` is the probability of `label`.
    """

    model: str
    label: Label
    score: Score
    confidence: Probability
    probabilities: Probabilities
    targets: Annotated[
        list[TargetSentiment],
        Meta(description="The tone towards each entity that the article says enough about, in the entities' order."),
    ] = []


class Place(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A point in a town, region, country or continent; for a country, the middle of its largest part."""

    geonames_id: Annotated[int, Meta(ge=1)]
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    country: (
        Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2; a continent has none.")] | None
    ) = None


class Entity(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person or thing that the article mentions, with its fullest name."""

    name: str
    type: EntityType
    count: Annotated[int, Meta(ge=1)]
    mentions: list[Mention]
    confidence: Annotated[
        Probability | None,
        Meta(
            description="The calibrated probability that this is an entity of this type; absent if the model gives none."
        ),
    ] = None
    place: Annotated[
        Place | None, Meta(description="Only for a LOCATION whose name means one place in this article.")
    ] = None


class Entities(Struct, frozen=True, kw_only=True, tag_field="status", tag="analysed"):
    """The article's entities, the most frequent first."""

    model: str
    items: list[Entity]


# The analysis of a stage: one of the types below, or the struct of a stage that users add.
Analysis = Struct
ANALYSES: Mapping[str, Any] = {
    "language": Language | NotAnalysed,
    "entities": Entities | NotAnalysed,
    "sentiment": Sentiment | NotAnalysed,
}


class EnrichedArticle(RawArticle, frozen=True, kw_only=True):
    """An article at the end of the pipeline."""

    language: Language | NotAnalysed
    entities: Entities | NotAnalysed
    sentiment: Sentiment | NotAnalysed


class Article(Struct, frozen=True, kw_only=True):
    """An article in the pipeline, as the analysers get it.

    Attributes:
        language: the identified language (ISO 639-1); None before the language stage and for an unknown language.
        declared: the publisher's hint at the language.
        entities: the result of the entities stage; None before that stage.
        fields: every field of the record with its JSON value, byte for byte.
    """

    id: str
    text: str
    title: str | None
    language: str | None
    declared: str | None
    entities: Entities | NotAnalysed | None = None
    fields: Mapping[str, Raw]
