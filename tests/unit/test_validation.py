"""An analysis is checked against the promises of the records."""

from __future__ import annotations

import pytest

from streams.errors import Reason, RecordError
from streams.records import (
    Analysis,
    Article,
    Entities,
    Entity,
    Label,
    Language,
    Mention,
    NotAnalysed,
    Probabilities,
    Sentiment,
    TargetSentiment,
    validation,
)

ARTICLE = Article(
    id="1",
    text="Paris is large.",
    title="Paris",
    language="en",
    declared="fr",
    entities=Entities(model="m/1", items=[Entity(name="Paris", type="LOCATION", count=1, mentions=[])]),
    fields={},
)

EVEN = Probabilities(negative=0.25, neutral=0.5, positive=0.25)


def of_entities(*mentions: Mention, count: int = 1) -> Entities:
    return Entities(model="m/1", items=[Entity(name="Paris", type="LOCATION", count=count, mentions=list(mentions))])


def with_target(name: str, label: Label = "neutral") -> Sentiment:
    target = TargetSentiment(
        name=name, type="LOCATION", label=label, score=0.0, confidence=getattr(EVEN, label), probabilities=EVEN
    )
    return Sentiment(model="m/1", label="neutral", score=0.0, confidence=0.5, probabilities=EVEN, targets=[target])


HERE = Mention(field="text", start=0, end=5, text="Paris")


@pytest.mark.parametrize(
    ("stage", "analysis", "message"),
    [
        ("language", Language(model="m/1", code="en", confidence=1.0), "`declared`"),
        ("language", NotAnalysed(reason="language_unknown"), "`declared`"),
        ("language", Language(model="m/1", code="English", confidence=1.0, declared="fr"), "`code`"),
        ("language", Language(model="m/1", code="en", confidence=1.1, declared="fr"), r"\$\.confidence"),
        ("entities", of_entities(Mention(field="text", start=1, end=6, text="Paris")), "'Paris' does not stand at 1 to 6 of the text"),
        ("entities", of_entities(Mention(field="title", start=0, end=9, text="Paris")), "of the title"),
        ("entities", of_entities(HERE, count=2), "`count` of 'Paris' is 2"),
        ("entities", Sentiment(model="m/1", label="neutral", score=0.0, confidence=0.5, probabilities=EVEN), "the type Sentiment"),
        ("sentiment", Sentiment(model="m/1", label="negative", score=0.0, confidence=0.25, probabilities=EVEN), "`label`"),
        ("sentiment", Sentiment(model="m/1", label="neutral", score=0.1, confidence=0.5, probabilities=EVEN), "`score`"),
        ("sentiment", Sentiment(model="m/1", label="neutral", score=0.0, confidence=0.4, probabilities=EVEN), "`confidence`"),
        (
            "sentiment",
            Sentiment(model="m/1", label="neutral", score=0.0, confidence=0.9, probabilities=Probabilities(negative=0.2, neutral=0.9, positive=0.2)),
            "sum to 1.300",
        ),
        ("sentiment", with_target("Rome"), "the target 'Rome' is not an entity of the article"),
        ("sentiment", with_target("Paris", label="negative"), "`label`"),
    ],
)  # fmt: skip
def test_an_analysis_that_breaks_a_promise_is_refused_with_the_promise(
    stage: str, analysis: Analysis, message: str
) -> None:
    with pytest.raises(RecordError, match=message) as refused:
        validation.check(ARTICLE, stage, analysis)
    assert refused.value.reason is Reason.ANALYSIS_FAILED


@pytest.mark.parametrize(
    ("stage", "analysis"),
    [
        ("language", Language(model="m/1", code="en", confidence=1.0, declared="fr")),
        ("entities", of_entities(HERE)),
        ("entities", NotAnalysed(reason="no_model_for_language")),
        ("sentiment", Sentiment(model="m/1", label="neutral", score=0.0, confidence=0.5, probabilities=EVEN)),
        ("sentiment", with_target("Paris")),
    ],
)
def test_an_analysis_that_keeps_the_promises_is_accepted(stage: str, analysis: Analysis) -> None:
    validation.check(ARTICLE, stage, analysis)
