"""The articles of the comparison: the French and English ones in seeds/, which all stages analyse."""

from __future__ import annotations

import itertools
import json
from typing import Any

from streams.cli.throwaway import seeds
from streams.client import article_files
from streams.records import codec
from streams.worker import analysers

LANGUAGES = ("fr", "en")


def sample_articles(count: int) -> list[dict[str, Any]]:
    """So many articles, repeated where there are fewer."""
    values = [value for path in seeds("bench") for _, value in article_files.read(path)]
    languages = analysers.find("language").analyse([codec.decode_raw(value) for value in values])
    known = [
        json.loads(value)
        for value, language in zip(values, languages, strict=True)
        if getattr(language, "code", None) in LANGUAGES
    ]
    return list(itertools.islice(itertools.cycle(known), count))


def with_ids(articles: list[dict[str, Any]], prefix: str) -> list[tuple[bytes, bytes]]:
    """Key and value of a record for each article, under a new id, so that repeated articles count as different ones."""
    ids = [f"{prefix}-{number}" for number in range(len(articles))]
    return [
        (identifier.encode(), json.dumps({**article, "id": identifier}).encode())
        for identifier, article in zip(ids, articles, strict=True)
    ]
