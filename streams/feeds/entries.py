"""The entries of a feed as articles: RSS, RDF and Atom, read by feedparser."""

from __future__ import annotations

import json
import re
import uuid
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from time import struct_time
from typing import Any
from xml.sax import SAXParseException

import feedparser
import httpx

from streams.errors import FeedError
from streams.feeds import html_text
from streams.feeds.addresses import shown, without_user
from streams.feeds.time_limit import time_limit
from streams.records.article_id import NAMESPACE

# Most entries that are read of one feed, the newest. Long podcasts have some 3,000.
MAX_ENTRIES = 5000
# Seconds to parse a feed. One of 10 MB takes 2 to 3.
PARSE_LIMIT_S = 20.0
# Web addresses of up to 2,000 characters, without the characters that no address has.
_WEB_ADDRESS = re.compile(r"https?://[^\x00-\x20\x7f<>\ud800-\udfff]{1,2000}")
# The end of every whole feed: RSS, Atom and RDF, with any prefix.
_END = re.compile(rb"</(\w+:)?(rss|feed|rdf)\s*>", re.IGNORECASE)
# Some sites write comments after it.
_END_BYTES = 10_000
_TAG = re.compile(r"</?[A-Za-z!]")
_LETTER = re.compile(r"[^\W\d_]")
_LANGUAGE = re.compile(r"([A-Za-z]{2})(?![A-Za-z])")
# The errors that feedparser notes about a feed that it could read whole.
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)


@dataclass(frozen=True)
class Entry:
    """An entry of a feed.

    Attributes:
        id: of its article. It stays the same when the entry changes.
        digest: of title and text. An entry whose digest changes is a new version of its article.
        article: the fields of the article.
    """

    id: str
    digest: bytes
    article: Mapping[str, str]


@dataclass(frozen=True)
class ParsedFeed:
    """The entries of a feed, the oldest first.

    Attributes:
        is_whole: whether nothing of the feed was lost; otherwise `fault` says what.
        fault: a sentence on what could not be read; None where everything could.
    """

    entries: list[Entry]
    is_whole: bool
    fault: str | None


def parse(body: bytes, headers: Mapping[str, str], url: str, feed: str) -> ParsedFeed:
    """The entries of a feed.

    Args:
        body: the feed as it was received, unpacked.
        headers: of the answer; they may name the encoding.
        url: the address that answered. Relative links begin there.
        feed: the address that the user gave. Its host is a part of the ids: no feed can change another site's articles.

    Raises:
        FeedError: it is not a feed, or takes too long to parse.
    """
    name = shown(feed)
    with time_limit(PARSE_LIMIT_S, name):
        parsed = _parsed(body, headers, url, name)
        host = httpx.URL(feed).host
        source = html_text.one_line(html_text.of_html(parsed.feed.get("title") or "")) or host
        newest = parsed.entries[:MAX_ENTRIES]
        if is_cut := not _END.search(_ascii(body[-_END_BYTES:])):
            newest = newest[:-1]  # half of an entry would become a wrong version of its article
        found = [each for entry in newest if (each := _found(entry, parsed, source))]
        entries = list(_identified(host, reversed(found)))
    is_broken = bool(parsed.bozo) and not isinstance(parsed.get("bozo_exception"), _HARMLESS)
    faults = []
    if is_cut:
        faults.append("it ends too early, and its last entry is not read")
    elif is_broken:
        faults.append(f"it is not well-formed ({_reason(parsed.bozo_exception, body)}), so that entries may be missing")
    if len(parsed.entries) > MAX_ENTRIES:
        faults.append(f"it has {len(parsed.entries):,} entries, and only the first {MAX_ENTRIES:,} are read")
    if len(found) < len(newest):
        faults.append(f"{len(newest) - len(found)} of its entries have neither a title nor a text")
    return ParsedFeed(entries, not (is_cut or is_broken), f"{name}: {'; '.join(faults)}." if faults else None)


def _ascii(part: bytes) -> bytes:
    """The mark-up of a part of a feed, also of one in UTF-16 or UTF-32."""
    return part.replace(b"\0", b"")


def _parsed(body: bytes, headers: Mapping[str, str], url: str, name: str) -> Any:
    told = {
        "content-type": headers.get("Content-Type") or "application/xml",
        "content-location": without_user(url),
        "content-language": headers.get("Content-Language", ""),
    }
    try:
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            # As a stream: feedparser takes bytes for the name of a file first, and would read that file.
            parsed = feedparser.parse(BytesIO(body), response_headers=told)
    except Exception as error:  # feedparser documents none, and hostile input has found several
        raise FeedError(f"{name} cannot be read as a feed ({type(error).__name__}: {error}).") from None
    if not parsed.get("version") and not parsed.entries:
        raise FeedError(_not_a_feed(parsed, body, name))
    return parsed


def _not_a_feed(parsed: Any, body: bytes, name: str) -> str:
    """A sentence on an answer that is no feed. A web page often names its feeds."""
    links = [
        str(link.get("href"))
        for link in parsed.feed.get("links", ())
        if link.get("rel") == "alternate" and "xml" in link.get("type", "") and link.get("href")
    ]
    if not body.strip():
        return f"{name} is empty: try again later."
    if links:
        return f"{name} is a web page and not a feed: use {' or '.join(links[:3])}."
    return f"{name} is not a feed: give the address of RSS or Atom."


def _reason(error: Exception, body: bytes) -> str:
    if isinstance(error, SAXParseException):
        # feedparser puts a line with a declaration before a feed that has none.
        line = (error.getLineNumber() or 0) - (b"<?xml" not in _ascii(body[:_END_BYTES]))
        return f"line {line}: {error.getMessage()}"
    return str(error) or type(error).__name__


# The name under which a feed knows an entry, and the fields of its article.
_Found = tuple[str | None, dict[str, str]]


def _found(entry: Any, parsed: Any, source: str) -> _Found | None:
    """An entry as an article without an id; None where it has no words."""
    is_atom = (parsed.get("version") or "").startswith("atom")
    title = html_text.one_line(_plain(entry.get("title"), entry.get("title_detail"), is_atom=is_atom))
    text = max((_plain(value, detail, is_atom=is_atom) for value, detail in _contents(entry)), key=len)
    if not _LETTER.search(text):
        # A list of links has titles only.
        title, text = "", title
    if not _LETTER.search(text):
        return None
    article = {
        "url": _web_address(entry.get("link") or ""),
        "title": title,
        "text": text,
        "source": source,
        "published": _published(entry),
        "language": _language(entry, parsed.feed),
    }
    identity = entry.get("id") or entry.get("link") or None
    return identity, {name: value for name, value in article.items() if value}


def _contents(entry: Any) -> Iterator[tuple[str | None, Any]]:
    """The contents and the summary of an entry, each with its details."""
    for content in entry.get("content", ()):
        yield content.get("value"), content
    yield entry.get("summary"), entry.get("summary_detail")


def _plain(value: str | None, detail: Any, *, is_atom: bool) -> str:
    kind = (detail or {}).get("type") or "text/html"
    if not value or not (kind.startswith("text/") or kind.endswith("xml")):
        return ""
    # Only Atom can say that a `<` is meant as one. RSS says nothing, and feeds have mark-up everywhere.
    if kind == "text/plain" and (is_atom or not _TAG.search(value)):
        return html_text.tidy(value)
    return html_text.of_html(value)


def _web_address(link: str) -> str | None:
    address = link.strip().replace(" ", "%20")
    return address if _WEB_ADDRESS.fullmatch(address) else None


def _published(entry: Any) -> str | None:
    """The date of an entry in UTC, to the second. Feeds without dates of publication have dates of the last change."""
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        moment = entry.get(name) if name in entry else None
        if isinstance(moment, struct_time) and 1 <= moment.tm_year <= 9999:
            seconds = min(moment.tm_sec, 59)  # a leap second
            return (
                f"{moment.tm_year:04}-{moment.tm_mon:02}-{moment.tm_mday:02}"
                f"T{moment.tm_hour:02}:{moment.tm_min:02}:{seconds:02}Z"
            )
    return None


def _language(entry: Any, feed: Any) -> str | None:
    details = [*entry.get("content", ()), entry.get("summary_detail") or {}, entry.get("title_detail") or {}, feed]
    declared = next((each["language"] for each in details if each.get("language")), "")
    match = _LANGUAGE.match(declared)
    return match[1].lower() if match else None


def _identified(host: str, found: Iterable[_Found]) -> Iterator[Entry]:
    """The entries with the ids of their articles, each once."""
    digested = [(identity, _digest(article), article) for identity, article in found]
    versions = Counter(identity for identity, _ in {(identity, digest) for identity, digest, _ in digested})
    seen: set[str] = set()
    for identity, digest, article in digested:
        # Some feeds give all entries one id. Then an entry is known by its content.
        known_by = identity if identity and versions[identity] == 1 else digest.hex()
        identifier = str(uuid.uuid5(NAMESPACE, json.dumps([host, known_by])))
        if identifier not in seen:
            seen.add(identifier)
            yield Entry(identifier, digest, {"id": identifier, **article})


def _digest(article: Mapping[str, str]) -> bytes:
    words = json.dumps([article.get("title"), article["text"]])
    return blake2b(words.encode(), digest_size=16).digest()
