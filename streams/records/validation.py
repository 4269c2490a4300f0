"""What a stage promises of its analysis. The analysers of Telex keep it; one that was plugged in may not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from streams.errors import Reason, RecordError
from streams.records import ANALYSES, Analysis, Article, Entities, Language, NotAnalysed, Sentiment
from streams.records.codec import DECODERS

# How far a sum of rounded probabilities may be from what it should be: three of them, rounded to the third decimal.
ROUNDING = 0.002
_CODE = re.compile(r"[a-z]{2,3}")

_encoder = msgspec.json.Encoder()


def check(article: Article, stage: str, analysis: Analysis) -> None:
    """Raises RecordError when a stage's analysis of an article is not what docs/records.md promises."""
    wrong: str | None = f"it is of the type {type(analysis).__name__}, not of those in streams.records"
    if isinstance(analysis, ANALYSES.get(stage, Struct)):
        try:
            # Through JSON, as structs are not checked when they are made. It takes a thousandth of what finding the entities takes.
            written = _encoder.encode(analysis)
            if stage in DECODERS:
                DECODERS[stage].decode(written)
            wrong = next(_breaches(article, stage, analysis), None)
        except (TypeError, msgspec.MsgspecError) as error:
            wrong = str(error)
    if wrong:
        raise RecordError(
            Reason.ANALYSIS_FAILED, f"What the {stage} analyser says of the article cannot be taken: {wrong}."
        )


def _breaches(article: Article, stage: str, analysis: Analysis) -> Iterator[str]:
    """What is wrong with an analysis whose types are right, in clauses."""
    if stage == "language" and isinstance(analysis, Language | NotAnalysed) and analysis.declared != article.declared:
        yield "`declared` is not the publisher's hint"
    match analysis:
        case Language():
            if not _CODE.fullmatch(analysis.code):
                yield f"`code` is {analysis.code[:20]!r}"
        case Entities():
            yield from _of_entities(article, analysis)
        case Sentiment():
            yield from _of_sentiment(analysis)


def _of_entities(article: Article, entities: Entities) -> Iterator[str]:
    fields = {"title": article.title or "", "text": article.text}
    for entity in entities.items:
        if isinstance(entity.sentiment, Sentiment):
            yield from _of_sentiment(entity.sentiment)
        if entity.count != len(entity.mentions):
            yield f"`count` of {entity.name[:40]!r} is {entity.count}, and it has {len(entity.mentions)} mentions"
        for mention in entity.mentions:
            written, size = fields[mention.field][mention.start : mention.end], mention.end - mention.start
            if written != mention.text or size != len(written) or not size:
                yield f"{mention.text[:40]!r} does not stand at {mention.start} to {mention.end} of the {mention.field}"


def _of_sentiment(sentiment: Sentiment) -> Iterator[str]:
    probabilities: dict[str, float] = asdict(sentiment.probabilities)
    if abs(sum(probabilities.values()) - 1) > ROUNDING:
        yield f"`probabilities` sum to {sum(probabilities.values()):.3f}"
    if abs(sentiment.confidence - probabilities[sentiment.label]) > ROUNDING:
        yield "`confidence` is not the probability of `label`"
    if probabilities[sentiment.label] < max(probabilities.values()):
        yield "`label` is not the likeliest"
    if abs(sentiment.score - (probabilities["positive"] - probabilities["negative"])) > ROUNDING:
        yield "`score` is not P(positive) - P(negative)"
