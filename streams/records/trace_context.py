"""The trace that a record belongs to: W3C Trace Context, level 1, in the headers `traceparent` and `tracestate`.

Source: https://www.w3.org/TR/trace-context-1/
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

# Match each pattern against the whole value with fullmatch: `$` would accept a line break at the end.
_PARENT = re.compile(rb"([0-9a-f]{2})-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL)
_INVALID_VERSION, _KNOWN_VERSION = b"ff", b"00"
_SAMPLED = 1
# A member of `tracestate`: the key of a vendor or of a vendor's tenant, and its value.
_KEY = rb"[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13}"
_MEMBER = re.compile(rb"(?:" + _KEY + rb")=[ -+\--<>-~]{0,255}[!-+\--<>-~]")
_MAX_MEMBERS = 32


def parent(values: Iterable[bytes | None]) -> bytes | None:
    """The `traceparent` to pass on, from all values of a record; None where they do not form one valid trace.

    A later version is written as version 00, with the ids and the sampled flag (section 3.2.4 of the source).
    """
    if len(distinct := set(values)) != 1 or not (match := _PARENT.fullmatch(distinct.pop() or b"")):
        return None
    version, ids, flags, more = match.groups()
    if version == _KNOWN_VERSION:
        return None if more else match[0]
    return None if version == _INVALID_VERSION else b"00-%b-%02x" % (ids, int(flags, 16) & _SAMPLED)


def state(values: Iterable[bytes | None]) -> bytes | None:
    """The `tracestate` to pass on; None without a valid one.

    Several headers form one list (RFC 9110, section 5.3).
    """
    joined = b",".join(value for value in values if value)
    members = [member for member in (part.strip(b" \t") for part in joined.split(b",")) if member]
    keys = {member.partition(b"=")[0] for member in members}
    valid = 0 < len(keys) == len(members) <= _MAX_MEMBERS and all(map(_MEMBER.fullmatch, members))
    return joined if valid else None


def new() -> bytes:
    """The `traceparent` of a new trace."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01".encode()
