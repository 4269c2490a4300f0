"""Enriched records that name sources."""

from __future__ import annotations

import json
from typing import Any

from tests.support.articles import enriched


def source_article(
    identifier: str,
    source: object = None,
    language: str | dict[str, Any] = "fr",
    reason: str | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """An enriched article.

    Args:
        source: its field `source`; None for an article without that field.
        language: the code of its language, or the whole analysis.
        reason: why it has no entities and no sentiment.
    """
    article = enriched(identifier)
    if isinstance(language, str):
        article["language"]["code"] = language
    else:
        article["language"] = language
    if source is not None:
        article["source"] = source
    if reason:
        for stage in ("entities", "sentiment"):
            article[stage] = {"status": "not_analysed", "reason": reason}
    return {**article, **fields}


def source_value(
    source: object = None, language: str | dict[str, Any] = "fr", reason: str | None = None, **fields: Any
) -> bytes:
    """The value of the record of such an article."""
    return json.dumps(source_article("x", source, language, reason, **fields)).encode()
