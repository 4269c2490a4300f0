"""The check of an analysis against the rules of its stage. Telex's own analysers comply; a user's analyser may not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from streams.errors import Reason, RecordError
from streams.records import ANALYSES, Analysis, Article, Entities, Language, NotAnalysed, Sentiment, TargetSentiment
from streams.records.codec import DECODERS

# The largest error of a sum of three probabilities that are rounded to the third decimal.
ROUNDING = 0.002
_CODE = re.compile(r"[a-z]{2,3}")

_encoder = msgspec.json.Encoder()


def check(article: Article, stage: str, analysis: Analysis) -> None:
    """Raises RecordError when a stage's analysis of an article breaks a rule of docs/records.md."""
    fault: str | None = f"it is of the type {type(analysis).__name__}, which is none of the types in streams.records"
    if isinstance(analysis, ANALYSES.get(stage, Struct)):
        try:
            # msgspec checks types when it decodes, not when a struct is made. This takes a thousandth of the time of
            # the entities.
            encoded = _encoder.encode(analysis)
            if stage in DECODERS:
                DECODERS[stage].decode(encoded)
            fault = next(_breaches(article, stage, analysis), None)
        except (TypeError, msgspec.MsgspecError) as error:
            fault = str(error)
    if fault:
        raise RecordError(
            Reason.ANALYSIS_FAILED,
            f"The {stage} analyser returned an invalid analysis: {fault}. See docs/records.md for what is valid.",
        )


def _breaches(article: Article, stage: str, analysis: Analysis) -> Iterator[str]:
    """A clause for each fault of an analysis whose types are right."""
    if stage == "language" and isinstance(analysis, Language | NotAnalysed) and analysis.declared != article.declared:
        yield "`declared` is not the publisher's hint"
    match analysis:
        case Language():
            if not _CODE.fullmatch(analysis.code):
                yield f"`code` is {analysis.code[:20]!r}"
        case Entities():
            yield from _entity_breaches(article, analysis)
        case Sentiment():
            yield from _tone_breaches(analysis)
            yield from _target_breaches(article, analysis)


def _entity_breaches(article: Article, entities: Entities) -> Iterator[str]:
    fields = {"title": article.title or "", "text": article.text}
    for entity in entities.items:
        if entity.count != len(entity.mentions):
            yield f"`count` of {entity.name[:40]!r} is {entity.count}, and it has {len(entity.mentions)} mentions"
        for mention in entity.mentions:
            written, size = fields[mention.field][mention.start : mention.end], mention.end - mention.start
            if written != mention.text or size != len(written) or not size:
                yield f"{mention.text[:40]!r} does not stand at {mention.start} to {mention.end} of the {mention.field}"


def _target_breaches(article: Article, sentiment: Sentiment) -> Iterator[str]:
    entities = article.entities.items if isinstance(article.entities, Entities) else []
    named = {(entity.name, entity.type) for entity in entities}
    for target in sentiment.targets:
        if (target.name, target.type) not in named:
            yield f"the target {target.name[:40]!r} is not an entity of the article"
        yield from _tone_breaches(target)


def _tone_breaches(sentiment: Sentiment | TargetSentiment) -> Iterator[str]:
    probabilities: dict[str, float] = asdict(sentiment.probabilities)
    if abs(sum(probabilities.values()) - 1) > ROUNDING:
        yield f"`probabilities` sum to {sum(probabilities.values()):.3f}"
    if abs(sentiment.confidence - probabilities[sentiment.label]) > ROUNDING:
        yield "`confidence` is not the probability of `label`"
    if probabilities[sentiment.label] < max(probabilities.values()):
        yield "`label` is not the likeliest"
    if abs(sentiment.score - (probabilities["positive"] - probabilities["negative"])) > ROUNDING:
        yield "`score` is not P(positive) - P(negative)"
