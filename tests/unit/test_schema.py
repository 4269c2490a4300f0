"""The JSON Schemas are valid, and agree with the pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from streams.cli import app
from streams.client import article_files
from streams.errors import Reason, RecordError
from streams.records import (
    Analysis,
    Entities,
    Entity,
    Language,
    Mention,
    NotAnalysed,
    Place,
    Probabilities,
    Sentiment,
    TargetSentiment,
    codec,
)
from streams.records.headers import MATCH_SCHEMA, SCHEMA
from streams.records.schema import NAMES, STORY_SCHEMA, Name, schema

SEEDS = Path(__file__).parents[2] / "seeds"
ARTICLES = {
    str(Path(origin).relative_to(SEEDS)): article
    for path in sorted(SEEDS.glob("*.*"))
    if path.name != "README.md"
    for origin, article in article_files.read(path)
}
VALIDATORS = {name: jsonschema.Draft202012Validator(schema(name)) for name in NAMES}

LANGUAGE = Language(model="m/1", code="fr", script="Latn", confidence=0.9, declared="en")
PARIS = Place(geonames_id=2988507, latitude=48.853, longitude=2.349, country="FR")
MENTION = Mention(field="text", start=0, end=5, text="Paris")
ENTITIES = Entities(
    model="m/1", items=[Entity(name="Paris", type="LOCATION", count=1, mentions=[MENTION], place=PARIS)]
)
SENTIMENT = Sentiment(
    model="m/1",
    label="negative",
    score=-0.6,
    confidence=0.7,
    probabilities=Probabilities(negative=0.7, neutral=0.2, positive=0.1),
    targets=[
        TargetSentiment(
            name="Paris",
            type="LOCATION",
            label="neutral",
            score=0.0,
            confidence=1.0,
            probabilities=Probabilities(negative=0.0, neutral=1.0, positive=0.0),
        )
    ],
)
NOT_ANALYSED = NotAnalysed(reason="no_model_for_language", model="m/1")


def fits(name: Name, value: object) -> bool:
    return bool(VALIDATORS[name].is_valid(value))


def enriched(
    language: Analysis = LANGUAGE, entities: Analysis = ENTITIES, sentiment: Analysis = SENTIMENT
) -> dict[str, Any]:
    value = codec.encode(codec.decode_raw(b'{"id":"x","text":"Paris","n":1}'), "language", language)
    value = codec.encode(codec.decode_identified(value), "entities", entities)
    record: dict[str, Any] = json.loads(codec.encode(codec.decode_identified(value), "sentiment", sentiment))
    return record


@pytest.mark.parametrize("name", NAMES)
def test_the_command_prints_a_schema_that_is_valid_under_its_dialect_and_named_as_records_name_it(name: Name) -> None:
    done = CliRunner().invoke(app, ["schema", name])
    assert done.exit_code == 0
    printed = json.loads(done.stdout)
    assert printed == schema(name)
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    addresses = {"story": STORY_SCHEMA, "match": MATCH_SCHEMA.decode()}
    assert printed["$id"] == addresses.get(name, f"{SCHEMA.decode()}:{name}")
    jsonschema.Draft202012Validator.check_schema(printed)


def test_the_default_is_the_schema_of_the_enriched_record() -> None:
    assert json.loads(CliRunner().invoke(app, ["schema"]).stdout) == schema("enriched")


@pytest.mark.parametrize("article", ARTICLES.values(), ids=ARTICLES)
def test_the_sample_articles_are_raw_articles(article: bytes) -> None:
    VALIDATORS["raw"].validate(json.loads(article))
    VALIDATORS["raw"].validate(json.loads(codec.identify(article)[1]))


@pytest.mark.parametrize("reason", [Reason.MISSING_TEXT, Reason.INVALID_FIELD, Reason.NOT_AN_OBJECT])
def test_the_bad_sample_records_are_no_raw_articles(reason: Reason) -> None:
    value = (SEEDS / "bad" / f"{reason}.json").read_bytes()
    with pytest.raises(RecordError) as refused:
        codec.decode_raw(value)
    assert refused.value.reason is reason
    assert not fits("raw", json.loads(value))


@pytest.mark.parametrize(
    "record",
    [
        {"title": "a"},
        {"text": None},
        {"text": ""},
        {"text": "12 %"},
        {"text": 1},
        {"text": ["a"]},
        {"text": "a", "title": 1},
        {"text": "a", "url": {}},
        {"text": "a", "source": []},
        {"text": "a", "id": ""},
        {"text": "a", "id": 7},
        {"text": "a", "id": "x" * 201},
        {"text": "a", "published": "yesterday"},
        {"text": "a", "published": 2024},
        {"text": "a", "published": "2024-3"},
        {"text": "a", "language": "french"},
        {"text": "a", "language": "FR"},
        {"text": "a", "language": {"code": "fr"}},
        {"text": "a", "entities": []},
        {"text": "a", "entities": None},
        {"text": "a", "sentiment": "good"},
        {"text": "a", "sentiment": {"status": "not_analysed"}},
    ],
    ids=json.dumps,
)
def test_the_schema_refuses_records_that_the_pipeline_refuses(record: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        codec.decode_raw(json.dumps(record).encode())
    assert not fits("raw", record)


@pytest.mark.parametrize(
    "record",
    [
        {"text": "a"},
        {"text": "é"},
        {"text": "北京"},
        {"text": "a", "id": "x" * 200, "title": None, "url": None, "source": None, "published": None, "language": None},
        {"text": "a", "published": "2024"},
        {"text": "a", "published": "2024-03-26T18:00:00.123+01:00"},
        {"text": "a", "language": "fr"},
        {"text": "a", "anything": {"else": [1, None]}},
        enriched(),
        enriched(NotAnalysed(reason="language_unknown"), NOT_ANALYSED, NOT_ANALYSED),
    ],
    ids=json.dumps,
)
def test_the_schema_accepts_records_that_the_pipeline_accepts(record: dict[str, Any]) -> None:
    codec.decode_raw(json.dumps(record).encode())
    assert fits("raw", record)


VALUES = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2)
OPTIONAL = {
    "id": VALUES | st.text(min_size=195, max_size=205),
    "title": VALUES,
    "published": VALUES | st.from_regex(r"\A\d{4}(-[01]\d)?\Z"),
    "language": VALUES | st.from_regex(r"\A[a-z]{2}\Z") | st.just(msgspec.to_builtins(LANGUAGE)),
    "entities": VALUES | st.just(msgspec.to_builtins(ENTITIES)),
    "sentiment": VALUES | st.just(msgspec.to_builtins(NOT_ANALYSED)),
    "other": VALUES,
}


@given(
    st.fixed_dictionaries({"text": VALUES}, optional=OPTIONAL)
    | st.fixed_dictionaries({"text": st.text(min_size=1)}, optional=OPTIONAL)
)
def test_the_schema_accepts_any_record_that_the_pipeline_accepts(record: dict[str, Any]) -> None:
    try:
        codec.decode_raw(json.dumps(record).encode())
    except RecordError:
        return
    VALIDATORS["raw"].validate(record)


def test_the_record_of_the_last_stage_is_an_enriched_article() -> None:
    VALIDATORS["enriched"].validate(enriched())
    VALIDATORS["enriched"].validate(enriched(NotAnalysed(reason="language_unknown"), NOT_ANALYSED, NOT_ANALYSED))
    for name in ("language", "entities", "sentiment"):
        VALIDATORS[name].validate(enriched()[name])
        VALIDATORS[name].validate(json.loads(msgspec.json.encode(NOT_ANALYSED)))


@pytest.mark.parametrize("name", ["id", "text", "language", "entities", "sentiment"])
def test_an_enriched_article_without_one_of_its_fields_is_refused(name: str) -> None:
    record = enriched()
    del record[name]
    assert not fits("enriched", record)


@pytest.mark.parametrize("name", ["language", "entities", "sentiment"])
@pytest.mark.parametrize(
    "other",
    ["fr", None, {}, {"status": "analysed"}, {"status": "not_analysed"}, {"status": "not_analysed", "reason": "bored"}],
)
def test_an_analysis_is_whole_or_says_why_it_is_not_there(name: Name, other: object) -> None:
    assert not fits("enriched", enriched() | {name: other})
    assert not fits(name, other)


@pytest.mark.parametrize(
    ("field", "value"),
    [("start", -1), ("end", 0), ("end", 2.5), ("field", "url"), ("text", None)],
    ids=lambda value: json.dumps(value),
)
def test_a_mention_has_a_place_in_the_article(field: str, value: object) -> None:
    record = enriched()
    record["entities"]["items"][0]["mentions"][0][field] = value
    assert not fits("enriched", record)


@pytest.mark.parametrize(
    ("field", "value"),
    [("geonames_id", 0), ("latitude", 91), ("longitude", None), ("country", "France")],
    ids=lambda value: json.dumps(value),
)
def test_a_place_is_a_point_on_earth_with_an_id(field: str, value: object) -> None:
    record = enriched()
    record["entities"]["items"][0]["place"][field] = value
    assert not fits("enriched", record)


def test_a_record_of_schema_1_is_valid() -> None:
    record = enriched()
    record["entities"]["items"][0]["sentiment"] = {"status": "not_analysed", "reason": "no_model_for_type"}
    del record["sentiment"]["targets"]
    VALIDATORS["enriched"].validate(record)
    codec.decode_raw(json.dumps(record).encode())


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", None), ("type", "CITY"), ("label", "good"), ("score", 2), ("confidence", "sure"), ("probabilities", {})],
    ids=lambda value: json.dumps(value),
)
def test_a_target_names_an_entity_and_has_a_sentiment(field: str, value: object) -> None:
    record = enriched()
    VALIDATORS["enriched"].validate(record)
    record["sentiment"]["targets"][0][field] = value
    assert not fits("enriched", record)


def test_an_entity_may_have_no_place_and_a_place_no_country() -> None:
    record = enriched()
    del record["entities"]["items"][0]["place"]["country"]
    VALIDATORS["enriched"].validate(record)
    del record["entities"]["items"][0]["place"]
    VALIDATORS["enriched"].validate(record)
