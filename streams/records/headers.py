"""The headers of a record: CloudEvents 1.0 (Kafka binding, binary mode) and W3C Trace Context; others pass through.

The headers that Telex writes always comply with these specifications, even if the headers that it reads do not.

Sources: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md,
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md and https://www.rfc-editor.org/rfc/rfc3339
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from streams.records import rfc3339, trace_context

Headers = Sequence[tuple[str, bytes | None]]

# In a record that says more about an article: the offset of the article in its topic. The partition is the same.
ARTICLE_OFFSET = "telex.article.offset"
SCHEMA, MATCH_SCHEMA = b"urn:telex:article:2", b"urn:telex:match:1"
# The header of a record that was replayed in place, and of all that comes of it.
REPLAYED = "telex.replay"
_WRITTEN_BY_TELEX = {
    "ce_specversion",
    "ce_id",
    "ce_type",
    "ce_source",
    "ce_time",
    "content-type",
    "ce_dataschema",
    "traceparent",
    "tracestate",
}
# The beginnings of the names of a dead letter's headers.
_DEAD_LETTER_PREFIXES = ("telex.error.", "__connect.errors.")
_RFC_3339 = re.compile(
    rb"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_ATTRIBUTE = re.compile(r"ce_(?!data$|datacontenttype$)[a-z0-9]+")
# The characters that are forbidden in the strings of a CloudEvent: control characters and noncharacters.
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_FORBIDDEN = re.compile(f"[\x00-\x1f\x7f-\x9f{_NONCHARACTERS}]")


def all_of(headers: Iterable[tuple[str, bytes | None]], name: str) -> list[bytes | None]:
    """The values of all headers with a name."""
    return [value for key, value in headers if key == name]


def event(
    article_id: str, kind: str, source: str, before: Headers, time: float | None
) -> list[tuple[str, bytes | None]]:
    """The headers of a new record with an article.

    Args:
        article_id: the id of the article in the record.
        kind: the last part of the event's type: raw, language, ...
        source: the URN of the program that writes the record.
        before: the headers of the record that it is made from. The publisher's time and trace are taken from them.
        time: seconds since 1970, for a record whose publisher gave no time; None: the current time.
    """
    return [*_event(article_id, f"telex.article.{kind}", source, SCHEMA, before, time), *_passed_through(before)]


def match_event(match_id: str, source: str, before: Headers, time: float | None) -> list[tuple[str, bytes | None]]:
    """The headers of a record with a match. The publisher's own headers stay with the article.

    Args:
        match_id: the id of the match.
        source, before, time: as of `event`.
    """
    return _event(match_id, "telex.match", source, MATCH_SCHEMA, before, time)


def _event(
    identifier: str, kind: str, source: str, schema: bytes, before: Headers, time: float | None
) -> list[tuple[str, bytes | None]]:
    trace = trace_context.parent(all_of(before, "traceparent"))
    state = trace_context.state(all_of(before, "tracestate")) if trace else None
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", _FORBIDDEN.sub(lambda character: quote(character[0]), identifier).encode()),
        ("ce_type", kind.encode()),
        ("ce_source", source.encode()),
        ("ce_time", next(_times(before), None) or _rfc_3339(time)),
        ("content-type", b"application/json"),
        ("ce_dataschema", schema),
        ("traceparent", trace or trace_context.new()),
        *([("tracestate", state)] if state else []),
    ]


def _passed_through(before: Headers) -> Iterator[tuple[str, bytes | None]]:
    """The publisher's own headers. Of the attributes of CloudEvents only the valid ones, and each only once."""
    attributes = set()
    for name, value in before:
        # A redrive by hand (for example with kcat) sends a dead letter with all its headers, but the next record is no
        # dead letter.
        if name in _WRITTEN_BY_TELEX or name.startswith(_DEAD_LETTER_PREFIXES):
            continue
        if name.startswith("ce_"):
            if name in attributes or not _is_attribute(name, value):
                continue
            attributes.add(name)
        yield name, value


def _is_attribute(name: str, value: bytes | None) -> bool:
    if value is None or not _ATTRIBUTE.fullmatch(name):
        return False
    if name == "ce_traceparent":  # the extension for distributed tracing
        return trace_context.parent([value]) == value
    try:
        return not _FORBIDDEN.search(value.decode()) and (value != b"" or name != "ce_subject")
    except UnicodeDecodeError:
        return False


def article_offset(headers: Headers) -> int | None:
    """The offset of the article that a record says more about; None where the header is missing or no offset."""
    value = next(iter(all_of(headers, ARTICLE_OFFSET)), None) or b""
    return int(value) if value.isdigit() and len(value) < 20 else None


def published_at(headers: Headers) -> float | None:
    """The time of publication, in seconds since 1970; None where the headers do not have it."""
    time = next(_times(headers), None)
    return _moment(time).timestamp() if time else None


def _times(headers: Headers) -> Iterator[bytes]:
    """The publisher's `ce_time` in the form of RFC 3339.

    Other forms of ISO 8601 are rewritten. A time without an offset is ambiguous and does not count.
    """
    for value in all_of(headers, "ce_time"):
        try:
            moment = _moment(value or b"")
            if value and moment.tzinfo:
                yield (
                    value
                    if _RFC_3339.fullmatch(value)
                    else moment.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()
                )
        except (ValueError, OverflowError):
            continue


def _moment(time: bytes) -> datetime:
    # RFC 3339 allows lower case and the 60th second; Python knows neither.
    return datetime.fromisoformat(re.sub(r":60(?=[.+\-Z])", ":59", time.decode("ascii").upper()))


def _rfc_3339(time: float | None) -> bytes:
    formatted = None if time is None else rfc3339.of_seconds(time)
    return (formatted or rfc3339.format_moment(datetime.now(UTC))).encode()
