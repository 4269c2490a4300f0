"""The id of an article that its publisher gave none: the same content always gets the same id."""

from __future__ import annotations

import json
import re
import uuid

import msgspec
from msgspec import Raw

# The namespace of the ids that Telex makes (RFC 9562, section 5.5).
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:telex:article")
# Possessive, and with an optional closing quote: the time stays linear even on a string that never ends.
_SPACE_OUTSIDE_STRINGS = re.compile(rb'("(?:[^"\\]++|\\.)*+"?)|[ \t\r\n]+', re.DOTALL)


def content_id(fields: dict[str, Raw], declared: str | None) -> str:
    """A UUIDv5 of the canonical content: all fields except the id, sorted by name, without white space.

    Two strings with different escapes are equal if their characters are. Other values are compared by their literal
    bytes.
    """
    content = {name: _canonical(bytes(value)) for name, value in sorted(fields.items()) if name != "id"}
    if declared is not None:
        content["language"] = json.dumps(declared)
    return str(uuid.uuid5(NAMESPACE, json.dumps(content, ensure_ascii=True, sort_keys=True)))


def _canonical(value: bytes) -> str:
    if value.startswith(b'"'):
        return json.dumps(msgspec.json.decode(value, type=str))
    return _SPACE_OUTSIDE_STRINGS.sub(rb"\1", value).decode()
