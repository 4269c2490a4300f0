"""Filters for enriched articles: by language, by entities and by sentiment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from streams.records import Entities, Language, Sentiment

_ANALYSIS_TYPES = {"language": Language, "entities": Entities, "sentiment": Sentiment}


def matcher(
    language: str | None = None, entity: str | None = None, kind: str | None = None, sentiment: str | None = None
) -> Callable[[dict[str, Any]], bool]:
    """A predicate: whether an enriched article is in `language`, names `entity` (of type `kind`), and has `sentiment`.

    A condition that is None is always met. The name of an entity or any of its mentions may match; case and white space
    do not matter. An article that a stage could not analyse meets no condition on that stage.
    """
    wanted = None if entity is None else _normalised(entity)

    def is_wanted(item: dict[str, Any]) -> bool:
        names = (item["name"], *(mention["text"] for mention in item["mentions"]))
        return (kind is None or item["type"] == kind) and (wanted is None or wanted in map(_normalised, names))

    def matches(article: dict[str, Any]) -> bool:
        return (
            (language is None or analysis(article, "language").get("code") == language)
            and (sentiment is None or analysis(article, "sentiment").get("label") == sentiment)
            and (
                (wanted is None and kind is None) or any(map(is_wanted, analysis(article, "entities").get("items", ())))
            )
        )

    return matches


def analysis(article: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """The analysis of a stage; empty for other content under the stage's name, which a raw article may have."""
    content = article.get(stage)
    if not isinstance(content, dict):
        return {}
    if content.get("status") == "analysed":
        try:
            msgspec.convert(content, _ANALYSIS_TYPES[stage])
        except msgspec.ValidationError:
            return {}
    return content


def _normalised(name: str) -> str:
    return " ".join(name.split()).casefold()
