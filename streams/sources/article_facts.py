"""The facts of an enriched record for the count of its source: source, language, and stages without a result."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, NamedTuple, get_args
from urllib.parse import urlsplit

import msgspec

from streams.records import NotAnalysedReason
from streams.records.headers import REPLAYED, Headers
from streams.stages import STAGE_NAMES

# In place of a source or a language that an article does not have, and of what does not fit into a bound.
UNKNOWN, OTHER = "unknown", "other"
# Longest name of a source in characters. Names of newspapers and titles of feeds have fewer.
MAX_NAME = 80
# Characters of a `source` or `url` that are read. They come from outside and may have a megabyte.
_READ = 400
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_REASONS = frozenset(get_args(NotAnalysedReason))


class Facts(NamedTuple):
    """The facts of one article.

    Attributes:
        source: the cleaned `source` of the article, else the host of its `url`, else `unknown`.
        language: its identified language (ISO 639-1), or `unknown`.
        not_analysed: each stage that has no result, with the reason.
    """

    source: str
    language: str
    not_analysed: tuple[tuple[str, str], ...]


# The fields are not checked, except where a wrong type would break the count: an analyser of a user may write others.
_Analysis = msgspec.defstruct("_Analysis", [("status", Any, None), ("reason", Any, None), ("code", Any, None)])
_Record = msgspec.defstruct(
    "_Record",
    [
        ("source", str | None, None),
        ("url", str | None, None),
        *((name, _Analysis | None, None) for name in STAGE_NAMES),
    ],
)
_decoder = msgspec.json.Decoder(_Record)


def article_facts(value: bytes | None, headers: Headers) -> Facts | None:
    """The facts of an enriched record. None for one that was replayed, and for one that is no enriched article.

    A replayed article says nothing of its source: it was published before.
    """
    if any(name == REPLAYED for name, _ in headers):
        return None
    try:
        record: Any = _decoder.decode(value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if record.language is None:
        return None
    analyses = [(name, analysis) for name in STAGE_NAMES if (analysis := getattr(record, name))]
    code = record.language.code
    return Facts(
        _clean(record.source or "") or _host(record.url or "") or UNKNOWN,
        code if isinstance(code, str) and _LANGUAGE.fullmatch(code) else UNKNOWN,
        tuple((name, _reason(analysis)) for name, analysis in analyses if analysis.status == "not_analysed"),
    )


def _reason(analysis: Any) -> str:
    reason = analysis.reason
    return reason if isinstance(reason, str) and reason in _REASONS else OTHER


def _clean(name: str) -> str:
    """The name on one line, without control characters and marks of direction, and cut to MAX_NAME characters."""
    name = name[:_READ]
    if not name.isprintable():
        name = "".join(character if character.isprintable() else " " for character in name)
    return unicodedata.normalize("NFC", " ".join(name.split()))[:MAX_NAME].rstrip()


def _host(url: str) -> str:
    try:
        host = urlsplit(url[:_READ]).hostname or ""
    except ValueError:  # a broken address of IPv6
        return ""
    return _clean(host.removeprefix("www."))
