"""Filters of articles: by language, entities, sentiment, words, source and story; docs/filters.md describes them."""

from streams.records.filters.filter import (
    Filter,
    of_json,
    of_object,
    of_query,
    of_values,
    to_json,
    to_options,
    to_query,
)
from streams.records.filters.filtered_article import FilteredArticle
from streams.records.filters.index import FilterIndex
from streams.records.filters.matching import Match, MatchedEntity, Matcher

__all__ = [
    "Filter",
    "FilterIndex",
    "FilteredArticle",
    "Match",
    "MatchedEntity",
    "Matcher",
    "of_json",
    "of_object",
    "of_query",
    "of_values",
    "to_json",
    "to_options",
    "to_query",
]
