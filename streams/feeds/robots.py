"""The rules of a site's robots.txt (RFC 9309)."""

from __future__ import annotations

from protego import Protego

from streams.errors import FeedError
from streams.feeds.addresses import shown
from streams.feeds.time_limit import time_limit

# The product token: robots.txt addresses Telex by this name, and the User-Agent begins with it.
PRODUCT = "Telex"
# Seconds for all rules of a file. One of the largest size has 100,000 rules.
_LIMIT_S = 2.0


class RobotRules:
    """The rules of a robots.txt for Telex.

    Args:
        text: the content of the file.
        origin: the site, for messages.

    Raises:
        FeedError: the file takes too long to read.
    """

    def __init__(self, text: str, origin: str) -> None:
        self._origin = origin
        with time_limit(_LIMIT_S, f"{origin}/robots.txt"):
            self._rules = Protego.parse(text)
            self.delay_s = float(self._rules.crawl_delay(PRODUCT) or 0)

    def require_allowed(self, url: str) -> None:
        """Raises FeedError where the file does not allow an address to Telex."""
        with time_limit(_LIMIT_S, f"{self._origin}/robots.txt"):
            allowed = self._rules.can_fetch(url, PRODUCT)
        if not allowed:
            raise FeedError(
                f"{shown(url)} is not allowed by {self._origin}/robots.txt: ask the site, and use --ignore-robots "
                "when it agrees.",
                lasting=True,
            )
