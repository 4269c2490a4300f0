"""The record that says to which story an article belongs: the value in `articles.stories`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from streams.records.article import Id, Probability

Relation = Literal["first", "duplicate", "near_duplicate", "same_story"]


class Story(Struct, frozen=True, kw_only=True):
    """An article's story, and its relation to the article of the story that is most like it."""

    id: Id
    story: Annotated[str, Meta(description="The id of the article that opened the story; it never changes.")]
    relation: Relation
    of: Annotated[str | None, Meta(description="The article to which the relation is; null for `first`.")]
    similarity: Annotated[Probability | None, Meta(description="To the article `of`; null for `first`.")]
    articles: Annotated[int, Meta(ge=1, description="The articles of the story so far, this one included.")]
    model: str
