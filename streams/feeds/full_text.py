"""The text of an article from its web page, by trafilatura."""

from __future__ import annotations

import importlib.util
import logging

import httpx

from streams.errors import FeedError, TelexError
from streams.feeds import html_text
from streams.feeds.addresses import shown
from streams.feeds.site_client import MAX_PAGE_BYTES, SiteClient
from streams.feeds.time_limit import time_limit

# Seconds to find the text in a page. It usually takes a tenth of a second.
EXTRACT_LIMIT_S = 20.0
_PAGES = ("text/html", "application/xhtml+xml")


def require_installed() -> None:
    """Raises TelexError where trafilatura, an optional dependency, is not installed."""
    if importlib.util.find_spec("trafilatura") is None:
        raise TelexError("--full-text needs trafilatura: pip install 'telex[full-text]'.")


async def of_page(client: SiteClient, url: str, title: str, *, may_be_private: bool) -> str:
    """The text of the article on a web page, without menus, comments and advertisements.

    Args:
        client: requests the page.
        url: of the page.
        title: of the article. Where the text begins with it, it is left out: it has a field of its own.
        may_be_private: whether the page may be in a private network.

    Raises:
        FeedError: the page cannot be read, or has no text.
    """
    answer = await client.get(url, MAX_PAGE_BYTES, {"Accept": ", ".join(_PAGES)}, may_be_private=may_be_private)
    kind = answer.headers.get("Content-Type", "text/html").partition(";")[0].strip().lower()
    if kind not in _PAGES:
        raise FeedError(f"{shown(url)} is no web page, but {kind[:80]}.", lasting=True)
    with client.requests_wait(), time_limit(EXTRACT_LIMIT_S, shown(url)):
        text = _extracted(answer.body, answer.headers, answer.url)
    text = text.removeprefix(f"{title}\n").lstrip()
    if not text:
        raise FeedError(f"{shown(url)} has no text that can be told from its menus.", lasting=True)
    return text


def _extracted(body: bytes, headers: httpx.Headers, url: str) -> str:
    # Imported here: it takes a second, and is optional.
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    charset = httpx.Response(200, headers={"Content-Type": headers.get("Content-Type", "")}).charset_encoding
    page: str | bytes = body
    if charset:
        try:
            page = body.decode(charset)
        except (UnicodeDecodeError, LookupError):
            page = body  # trafilatura guesses the encoding
    try:
        text = trafilatura.extract(page, url=url, include_comments=False)
    except Exception as error:  # of lxml, or a RecursionError: it documents none
        raise FeedError(f"{shown(url)} cannot be read ({type(error).__name__}).", lasting=True) from None
    return html_text.tidy(text or "")
