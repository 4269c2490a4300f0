"""Articles for tests of filters and watches, and whether they meet a filter."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from streams.records.filters import Filter, FilteredArticle, Matcher, of_object


def article(
    title: str | None,
    text: str,
    *,
    named: Mapping[str, str] | None = None,
    towards: Mapping[str, str] | None = None,
    language: str | None = None,
    sentiment: str | None = None,
    **more: Any,
) -> bytes:
    """The value of an enriched record.

    Args:
        title, text: of the article.
        named: the type of each entity by its name, for a place with its country: LOCATION/FR. It is mentioned wherever
            its last word stands.
        towards: the sentiment towards each entity that has one.
        language, sentiment: of the article; None: not analysed, and neither are the entities without `named`.
        more: further fields.
    """
    fields = {"title": title, "text": text}
    items = []
    for name, kind in (named or {}).items():
        type_, _, country = kind.partition("/")
        mentions = [
            {"field": field, "start": found.start(), "end": found.end(), "text": found[0]}
            for field, content in fields.items()
            for found in re.finditer(re.escape(name.split()[-1]), content or "")
        ]
        place = {"place": {"geonames_id": 1, "latitude": 0.0, "longitude": 0.0, "country": country}} if country else {}
        items.append({"name": name, "type": type_, "count": max(1, len(mentions)), "mentions": mentions, **place})
    targets = [
        {"name": name, "type": (named or {})[name].partition("/")[0], **_sentiment(label)}
        for name, label in (towards or {}).items()
    ]
    missing = {"status": "not_analysed", "reason": "text_too_short"}
    analyses = {
        "language": {"status": "analysed", "model": "m", "code": language, "confidence": 1.0} if language else missing,
        "entities": {"status": "analysed", "model": "m", "items": items} if named is not None else missing,
        "sentiment": {"status": "analysed", "model": "m", **_sentiment(sentiment), "targets": targets}
        if sentiment or targets
        else missing,
    }
    return json.dumps({"id": "a", **fields, **more, **analyses}, ensure_ascii=False).encode()


def _sentiment(label: str | None) -> dict[str, Any]:
    label = label or "neutral"
    probabilities = {"negative": 0.0, "neutral": 0.0, "positive": 0.0, label: 1.0}
    return {"label": label, "score": 0.0, "confidence": 1.0, "probabilities": probabilities}


def wanted(conditions: dict[str, Any]) -> Filter:
    """The filter with these conditions, as JSON has them."""
    return of_object(conditions)


def matches(conditions: dict[str, Any], value: bytes) -> bool:
    """Whether an article meets a filter."""
    return Matcher(wanted(conditions)).match(FilteredArticle(value)) is not None


# An article that meets many of the filters that tests make up.
ENTITIES = article(
    "日本 l'été et l'hiver",
    "Angela Merkel, Angela Merkel, Angela Merkel: a b c d é 日本.",
    named={"Angela Merkel": "PERSON", "日本": "LOCATION/DE"},
    towards={"Angela Merkel": "positive"},
    language="fr",
    sentiment="negative",
    source="日本",
)
