"""The headers of a record: CloudEvents 1.0 (Kafka binding, binary mode) and W3C Trace Context; others pass through.

Sources: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md and
https://www.w3.org/TR/trace-context/
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

Headers = Sequence[tuple[str, bytes | None]]

SCHEMA = b"urn:telex:article:1"
_TRACEPARENT = re.compile(rb"^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$")
_OURS = {"ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type", "ce_dataschema", "traceparent"}


def first(headers: Iterable[tuple[str, bytes | None]], name: str) -> bytes | None:
    """The value of the first header of that name; None when there is none."""
    return next((value for key, value in headers if key == name), None)


def event(article_id: str, kind: str, source: str, before: Headers, time: float) -> list[tuple[str, bytes | None]]:
    """The headers of a record of `kind` (raw, language, ...) that comes from `source` after a record with headers `before`.

    The publisher's time and trace travel along; `time` (seconds since 1970) stands in when it gave none.
    """
    trace, published = first(before, "traceparent"), first(before, "ce_time")
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", article_id.encode()),
        ("ce_type", f"telex.article.{kind}".encode()),
        ("ce_source", source.encode()),
        ("ce_time", published if published and published_at(before) is not None else _rfc_3339(time)),
        ("content-type", b"application/json"),
        ("ce_dataschema", SCHEMA),
        ("traceparent", trace if trace and _TRACEPARENT.match(trace) else _new_trace()),
        *((name, value) for name, value in before if name not in _OURS),
    ]


def published_at(headers: Headers) -> float | None:
    """When the article was published, in seconds since 1970; None where the headers do not tell."""
    time = first(headers, "ce_time")
    try:
        return datetime.fromisoformat(time.decode()).timestamp() if time else None
    except (ValueError, OverflowError):
        return None


def _rfc_3339(time: float) -> bytes:
    try:
        moment = datetime.fromtimestamp(time, UTC)
    except (ValueError, OverflowError, OSError):  # a timestamp of Kafka's reaches 292 million years further than ours
        moment = datetime.now(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()


def _new_trace() -> bytes:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01".encode()
