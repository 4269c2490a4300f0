"""Which enriched articles are asked for: by their language, the entities that they name, and their sentiment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from streams.records import Entities, Language, Sentiment

_WRITTEN = {"language": Language, "entities": Entities, "sentiment": Sentiment}


def matcher(
    language: str | None = None, entity: str | None = None, kind: str | None = None, sentiment: str | None = None
) -> Callable[[dict[str, Any]], bool]:
    """Whether an enriched article is in `language`, names `entity` (of type `kind`), and has that `sentiment`.

    What is None is not asked for. An entity is found by its name or by any of its mentions, whatever the case and the
    white space. What a stage has not analysed matches nothing.
    """
    wanted = None if entity is None else _folded(entity)

    def named(item: dict[str, Any]) -> bool:
        names = (item["name"], *(mention["text"] for mention in item["mentions"]))
        return (kind is None or item["type"] == kind) and (wanted is None or wanted in map(_folded, names))

    def matches(article: dict[str, Any]) -> bool:
        return (
            (language is None or analysis(article, "language").get("code") == language)
            and (sentiment is None or analysis(article, "sentiment").get("label") == sentiment)
            and ((wanted is None and kind is None) or any(map(named, analysis(article, "entities").get("items", ()))))
        )

    return matches


def analysis(article: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """What a stage wrote; empty where it wrote nothing: a raw article may have anything under the same name."""
    found = article.get(stage)
    if not isinstance(found, dict):
        return {}
    if found.get("status") == "analysed":
        try:
            msgspec.convert(found, _WRITTEN[stage])
        except msgspec.ValidationError:
            return {}
    return found


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
