"""The analysis of a stage in an article that may come from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.records import Entities, Language, Sentiment

_ANALYSIS_TYPES = {"language": Language, "entities": Entities, "sentiment": Sentiment}


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
