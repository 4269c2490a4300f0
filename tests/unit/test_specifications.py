"""The check of records against the schema finds what is wrong with a value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streams.records import headers
from tests.support.event_headers import NOW
from tests.support.specifications import breaches

LANGUAGE = {"status": "analysed", "model": "m", "code": "fr", "confidence": 0.9}
ENTITIES = {
    "status": "analysed",
    "model": "m",
    "items": [
        {
            "name": "Paris",
            "type": "LOCATION",
            "count": 1,
            "mentions": [{"field": "text", "start": 0, "end": 5, "text": "Paris"}],
        }
    ],
}
ARTICLE = {
    "id": "x",
    "text": "Paris.",
    "language": LANGUAGE,
    "entities": ENTITIES,
    "sentiment": {"status": "not_analysed", "reason": "text_too_short"},
}


def breaches_of(article: dict[str, Any]) -> list[str]:
    event = headers.event("x", "enriched", "urn:telex:sentiment", (), NOW)
    return breaches(b"x", json.dumps(article).encode(), event)


def test_a_right_article_breaks_no_rule() -> None:
    assert breaches_of(ARTICLE) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": None},
        {"id": "y"},
        {"language": LANGUAGE | {"confidence": 2}},
        {"entities": ENTITIES | {"items": [{"name": "Paris", "type": "TOWN", "count": 1, "mentions": []}]}},
        {"sentiment": {"status": "analysed"}},
    ],
    ids=str,
)
def test_a_wrong_value_is_found(wrong: dict[str, Any]) -> None:
    assert breaches_of(ARTICLE | wrong)
