"""Recognises copies: after a crash a stage writes some records again, equal to the byte."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b

# Articles that a reader remembers. A copy after a crash follows within seconds.
REMEMBERED_ARTICLES = 100_000


class Copies:
    """Remembers the last records.

    Args:
        remembered: how many.
    """

    def __init__(self, remembered: int = REMEMBERED_ARTICLES) -> None:
        self._remembered = remembered
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def is_copy(self, key: bytes | None, value: bytes | None) -> bool:
        """Whether the same key and value came before. Remembers them."""
        digest = blake2b((key or b"") + b"\0" + (value or b""), digest_size=16).digest()
        if digest in self._seen:
            return True
        self._seen[digest] = None
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        return False

    def forget(self) -> None:
        """Forget all records: their topic was created again."""
        self._seen.clear()
