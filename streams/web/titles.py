"""The titles of the recent articles, by which readers recognise a story or a match."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from streams.web.recent import RecentArticle

# Articles whose title is known, and characters of a title.
MAX_TITLES, MAX_CHARACTERS = 20_000, 160


class _Named(Struct):
    text: str
    id: str | None = None
    title: str | None = None


_decoder = msgspec.json.Decoder(_Named)


class Titles:
    """The titles of articles by their ids."""

    def __init__(self) -> None:
        self._titles: OrderedDict[str, str] = OrderedDict()

    def add(self, articles: Iterable[RecentArticle]) -> None:
        """Remember the titles of articles. One without a title gets the beginning of its text."""
        for article in articles:
            named = _decoder.decode(article.value)
            if named.id is not None:
                words = " ".join((named.title or named.text[: 2 * MAX_CHARACTERS]).split())
                self._titles[named.id] = words if len(words) <= MAX_CHARACTERS else f"{words[: MAX_CHARACTERS - 1]}…"
            if len(self._titles) > MAX_TITLES:
                self._titles.popitem(last=False)

    def of(self, identity: str) -> str | None:
        """The title of an article; None where it is not known."""
        return self._titles.get(identity)
