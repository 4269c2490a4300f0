"""Limits the requests of one address with a token bucket."""

from __future__ import annotations

import time
from collections import OrderedDict

# Requests that an address may make at once, and then in a second. An open page makes less than one a second.
BURST, RATE = 500, 50.0
# Addresses that are remembered. One that is forgotten may make BURST requests again.
MAX_ADDRESSES = 10_000


class RateLimit:
    """Counts the requests of each address."""

    def __init__(self, burst: float = BURST, rate: float = RATE) -> None:
        self._burst, self._rate = burst, rate
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Whether the address may make a request now. Counts it."""
        now = time.monotonic()
        left, before = self._left.pop(address, (self._burst, now))
        left = min(self._burst, left + (now - before) * self._rate)
        allowed = left >= 1
        self._left[address] = left - 1 if allowed else left, now
        if len(self._left) > MAX_ADDRESSES:
            self._left.popitem(last=False)
        return allowed
