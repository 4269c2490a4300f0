"""Reads feeds and publishes their new entries. An entry is remembered when the broker has confirmed its article."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, zip_longest

import httpx

from streams.client.publisher import Publisher
from streams.errors import FeedError, RecordError, TelexError
from streams.feeds import full_text
from streams.feeds.addresses import shown
from streams.feeds.entries import Entry, ParsedFeed, parse
from streams.feeds.feed_memory import FeedMemory
from streams.feeds.site_client import MAX_FEED_BYTES, Answer, SiteClient
from streams.settings import Settings

# Feeds that are read at the same time.
MAX_FEEDS_AT_ONCE = 16
# Entries that are sent before the broker's confirmation is awaited.
BATCH_SIZE = 100
# Rounds in which a page is requested that fails for a passing reason. Then the article has the text of the feed.
PAGE_ATTEMPTS = 3
_ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"

# Entries, each with its article.
_Batch = list[tuple[Entry, Mapping[str, str]]]


@dataclass
class FeedResult:
    """The result of one round for a feed.

    Attributes:
        published: articles that were published.
        troubles: sentences for the user, each on what went wrong.
        unread: whether the feed itself could not be read.
        failed: whether the feed, or an entry of it, could not be read or published.
        wait_s: seconds that the server asks to wait before the feed is read again; None where it does not ask.
    """

    published: int = 0
    troubles: list[str] = field(default_factory=list)
    unread: bool = False
    failed: bool = False
    wait_s: float | None = None


class FeedReader:
    """Reads feeds in rounds.

    Args:
        settings: the pause between requests and the contact in their User-Agent.
        publisher: publishes the articles.
        memory: the entries that were published before.
        on_published: is called with the id of each article that the broker has confirmed.
        full_text: whether an article has the text of the linked page.
        obeys_robots: whether robots.txt decides what is read.
    """

    def __init__(
        self,
        settings: Settings,
        publisher: Publisher,
        memory: FeedMemory,
        on_published: Callable[[str], None],
        *,
        full_text: bool = False,
        obeys_robots: bool = True,
    ) -> None:
        self._settings, self._publisher, self._memory = settings, publisher, memory
        self._on_published = on_published
        self._full_text, self._obeys_robots = full_text, obeys_robots

    def read(self, feeds: Sequence[str]) -> dict[str, FeedResult]:
        """Read each feed once, and publish its new entries.

        Returns:
            The result of each feed, by its address.

        Raises:
            TelexError: the broker or the memory does not work. Entries that are not remembered are published again.
        """
        return asyncio.run(self._read_all(feeds))

    async def _read_all(self, feeds: Sequence[str]) -> dict[str, FeedResult]:
        results = {feed: FeedResult() for feed in feeds}
        places = asyncio.Semaphore(MAX_FEEDS_AT_ONCE)
        async with SiteClient(self._settings, self._memory, obeys_robots=self._obeys_robots) as client:
            try:
                async with asyncio.TaskGroup() as group:
                    for feed in _in_turns(feeds):
                        group.create_task(self._read_one(client, feed, results[feed], places))
            except BaseExceptionGroup as errors:
                raise errors.exceptions[0] from None
        return results

    async def _read_one(self, client: SiteClient, feed: str, result: FeedResult, places: asyncio.Semaphore) -> None:
        async with places:
            try:
                await self._read_feed(client, feed, result)
            except FeedError as error:
                result.unread = result.failed = True
                result.wait_s = error.wait_s
                result.troubles.append(str(error))

    async def _read_feed(self, client: SiteClient, feed: str, result: FeedResult) -> None:
        etag, last_modified = self._memory.validators(feed)
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {"Accept": _ACCEPT, **{name: value for name, value in conditions.items() if value}}
        # The user has named this address, so it may be anywhere.
        answer = await client.get(feed, MAX_FEED_BYTES, headers, may_be_private=True)
        if answer.status == httpx.codes.NOT_MODIFIED:
            return
        with client.requests_wait():
            parsed = parse(answer.body, answer.headers, answer.url, feed)
        if parsed.fault:
            result.troubles.append(parsed.fault)
        result.failed = not parsed.is_whole
        waiting = await self._publish_new(client, feed, parsed, result, may_be_private=answer.private)
        self._finish(feed, answer, parsed, waiting)

    async def _publish_new(
        self, client: SiteClient, feed: str, parsed: ParsedFeed, result: FeedResult, *, may_be_private: bool
    ) -> set[str]:
        """Publish the new entries of a feed. Returns the ids of those that wait for their page."""
        waiting: set[str] = set()
        pages_without_text: list[str] = []
        batch: _Batch = []
        for entry in parsed.entries:
            if not self._memory.is_new(entry):
                continue
            article = entry.article
            if self._full_text and "url" in article:
                try:
                    title = article.get("title", "")
                    page = await full_text.of_page(client, article["url"], title, may_be_private=may_be_private)
                    # A page that shows less than the feed has a paywall or asks for consent.
                    article = {**article, "text": max(page, article["text"], key=len)}
                except FeedError as error:
                    if not error.lasting and self._memory.count_attempt(feed, entry) < PAGE_ATTEMPTS:
                        waiting.add(entry.id)
                        continue
                    pages_without_text.append(str(error))
            batch.append((entry, article))
            if self._full_text or len(batch) == BATCH_SIZE:
                self._publish(client, feed, batch, result)
                batch = []
        self._publish(client, feed, batch, result)
        if waiting:
            result.failed = True
            result.troubles.append(
                f"{shown(feed)}: {len(waiting)} entries wait for their pages, which could not be read: "
                "they are tried again when the feed is read again."
            )
        if pages_without_text:
            result.troubles.append(
                f"{shown(feed)}: {len(pages_without_text)} articles have the text of the feed. {pages_without_text[0]}"
            )
        return waiting

    def _publish(self, client: SiteClient, feed: str, batch: _Batch, result: FeedResult) -> None:
        """Publish articles, and remember their entries when the broker has confirmed them."""
        published = []
        with client.requests_wait():
            try:
                for _, article in batch:
                    try:
                        published.append(self._publisher.publish(article))
                    except RecordError as error:
                        result.failed = True
                        result.troubles.append(f"{shown(article.get('url', feed))}: {error.reason}: {error}")
                self._publisher.flush()
            except TelexError:
                with suppress(TelexError):
                    self._publisher.flush()  # so that the publisher can be used again
                raise
            # Refused entries too: the next round would refuse them again.
            self._memory.remember(feed, [entry for entry, _ in batch])
        result.published += len(published)
        for identifier in published:
            self._on_published(identifier)

    def _finish(self, feed: str, answer: Answer, parsed: ParsedFeed, waiting: set[str]) -> None:
        # Without its validators a feed comes whole the next time.
        validators = answer.headers if parsed.is_whole and not waiting else {}
        self._memory.finish(
            feed,
            [entry for entry in parsed.entries if entry.id not in waiting],
            validators.get("ETag"),
            validators.get("Last-Modified"),
        )


def _in_turns(feeds: Iterable[str]) -> list[str]:
    """The feeds in an order in which the hosts take turns: feeds of one host wait for each other."""
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    for feed in feeds:
        by_host[feed.partition("://")[2].partition("/")[0]].append(feed)
    turns = zip_longest(*by_host.values())
    return [feed for feed in chain.from_iterable(turns) if feed is not None]
