"""A watch: a filter under a name, with the URL that its matches are sent to; and the record of a match."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from streams.errors import TelexError
from streams.records import Mention, Relation
from streams.records.filters import Filter, FilteredArticle, Match, MatchedEntity, of_object, to_json

logger = logging.getLogger(__name__)

# The namespace of the ids of matches (RFC 9562, section 5.5).
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:telex:match")
# The largest record of a watch in bytes, and the longest URL in characters.
MAX_WATCH_BYTES, MAX_URL = 256 * 1024, 2000
# The record of a match has at most so many mentions and passages, each of at most so many characters, and each field of
# the article with at most so many.
MAX_MARKS, MAX_CHARACTERS = 100, 500

# Watches that are remembered, so that a change of one does not read all others anew.
REMEMBERED = 20_000

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}")
_encoder = msgspec.json.Encoder()


class Watch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A standing query.

    Attributes:
        filter: which articles match.
        url: where the matches are sent; None: they are only written to their topic.
    """

    filter: Filter
    url: str | None = None

    @property
    def version(self) -> str:
        """Identifies the filter: 16 hexadecimal digits of its SHA-256. Another URL makes no other version."""
        return sha256(to_json(self.filter)).hexdigest()[:16]


class MatchedStory(Struct, frozen=True, kw_only=True):
    """The story of an article: the id of the article that opened it, and the relation of this article to it."""

    id: str
    relation: Relation


class MatchRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The value of a record in `articles.matches`. It depends on the watch, the article and its story alone.

    Attributes:
        id: identifies the match; the same when the article comes again.
        watch, version: the name of the watch, and its version.
        article: the id, title, URL, source and date of publication of the article, where it has them.
        entities, passages: what met the filter.
        story: of the article, where the watch asks for it.
        omitted: the number of mentions and passages that are left out, because they are too many or too long.
    """

    id: str
    watch: str
    version: str
    article: dict[str, str]
    entities: list[MatchedEntity] = []
    passages: list[Mention] = []
    story: MatchedStory | None = None
    omitted: int = 0


def is_name(name: str) -> bool:
    """Whether a watch may have this name."""
    return _NAME.fullmatch(name) is not None


def checked_name(name: str) -> str:
    """The name of a watch. Raises TelexError, which says which names there may be."""
    if not is_name(name):
        raise TelexError(
            f"{name[:40]!r} is no name for a watch: take 1 to 100 letters of ASCII, digits, dots, hyphens and "
            "underscores, with a letter or a digit first."
        )
    return name


def new(wanted: Filter, url: str | None = None) -> Watch:
    """A watch. Raises TelexError where its filter or its URL cannot be used."""
    if wanted.is_empty:
        raise TelexError("A watch needs at least one condition: docs/filters.md lists them.")
    if url is not None:
        _check_url(url)
    return Watch(filter=wanted, url=url)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("https", "http") and parts.hostname and (parts.port or 1) and not parts.username
    except ValueError:
        is_usable = False
    if not is_usable or len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise TelexError(
            f"{url[:100]!r} is no URL for a webhook: give one such as https://example.org/telex, "
            f"without a user and with at most {MAX_URL} characters."
        )


def encode(watch: Watch) -> bytes:
    """The value of the record of a watch."""
    return _encoder.encode(watch)


@lru_cache(REMEMBERED)
def decode(value: bytes) -> Watch:
    """The watch in a record. Raises TelexError where the record is none."""
    if len(value) > MAX_WATCH_BYTES:
        raise TelexError(
            f"A watch has at most {MAX_WATCH_BYTES} bytes, and this one has {len(value)}: make several of it."
        )
    try:
        content = msgspec.json.decode(value, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise TelexError(f"A watch is a JSON object, and this is none: {error}.") from None
    wanted, url = content.get("filter"), content.get("url")
    if not isinstance(wanted, Mapping) or not isinstance(url, str | None):
        raise TelexError("A watch has other fields: it should have an object `filter`, and may have a string `url`.")
    return new(of_object(wanted), url)


def decode_all(table: Mapping[bytes, bytes]) -> dict[str, Watch]:
    """The watches in the records of their topic, by name. Records that are no watch are left out, and logged."""
    known = {}
    for key, value in table.items():
        try:
            known[checked_name(key.decode(errors="replace"))] = decode(value)
        except TelexError as error:
            logger.warning("The record %r of the watches is not used: %s", key[:100], error)
    return known


def match_id(name: str, version: str, article_id: str) -> str:
    """The id of a match: a UUIDv5 of the watch's name, its version and the article's id."""
    return str(uuid.uuid5(NAMESPACE, _encoder.encode([name, version, article_id]).decode()))


def match_record(
    name: str, watch: Watch, article: FilteredArticle, match: Match, story: MatchedStory | None = None
) -> MatchRecord:
    """The record of a match. The article has an id."""
    version = watch.version
    free = MAX_MARKS
    entities = []
    for entity in match.entities:
        mentions = _short(entity.mentions)[:free]
        free -= len(mentions)
        if len(entity.name) <= MAX_CHARACTERS and mentions:
            entities.append(MatchedEntity(name=entity.name, type=entity.type, mentions=mentions))
    passages = _short(match.passages)[:free]
    shown = sum(len(entity.mentions) for entity in entities) + len(passages)
    return MatchRecord(
        id=match_id(name, version, article.head["id"]),
        watch=name,
        version=version,
        article={field: _cut(content) for field, content in article.head.items()},
        entities=entities,
        passages=passages,
        story=story,
        omitted=len(match.marks) - shown,
    )


def _short(marks: list[Mention]) -> list[Mention]:
    return [mark for mark in marks if len(mark.text) <= MAX_CHARACTERS]


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"
