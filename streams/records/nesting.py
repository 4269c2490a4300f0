"""How deep the objects and arrays of a JSON value are nested."""

from __future__ import annotations

import itertools
import re

# Possessive, and with an optional closing quote: the time stays linear even on a string that never ends.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - _STEP.keys())


def depth_exceeds(value: bytes, limit: int) -> bool:
    """Whether JSON is nested deeper than `limit` levels, without parsing it."""
    if value.count(b"[") + value.count(b"{") <= limit:
        return False
    brackets = _STRING.sub(b"", value).translate(None, delete=_NO_BRACKETS)
    return any(depth > limit for depth in itertools.accumulate(map(_STEP.__getitem__, brackets)))
