"""`telex publish --feed` and `--opml`: publishes the new entries of feeds, once or again and again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence

import typer

from streams.cli.run import interrupts
from streams.cli.terminal import complain, tell, write_id
from streams.client.publisher import Publisher
from streams.errors import TelexError
from streams.feeds import full_text as page_text
from streams.feeds.feed_memory import FeedMemory
from streams.feeds.feed_reader import FeedReader, FeedResult
from streams.feeds.feed_schedule import FeedSchedule
from streams.kafka import topics
from streams.kafka.connections import admin
from streams.settings import load
from streams.stages import RAW

# The least number of seconds between two readings of a feed.
MIN_EVERY_S = 10
_DURATION = re.compile(r"(\d{1,6})\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

# Reads feeds, and gives the result of each by its address.
_Read = Callable[[Sequence[str]], dict[str, FeedResult]]


def duration(text: str | None) -> float | None:
    """The seconds of a duration such as 30s, 5m, 1h or 1d. Raises typer.BadParameter, which is wrong usage."""
    if text is None:
        return None
    match = _DURATION.fullmatch(text.strip())
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if seconds < MIN_EVERY_S:
        raise typer.BadParameter(
            f"{text!r} is not a duration from {MIN_EVERY_S}s on, such as 5m or 1h", param_hint="--every"
        )
    return seconds


def publish_feeds(feeds: Sequence[str], every_s: float | None, *, full_text: bool, obeys_robots: bool) -> None:
    """Publish the new entries of feeds and print the ids of their articles.

    Args:
        feeds: their addresses, each once.
        every_s: seconds from one reading to the next; None: read once.
        full_text: whether an article has the text of the linked page.
        obeys_robots: whether robots.txt decides what is read.

    Raises:
        typer.Exit: with code 1, where a feed or an entry could not be published.
        TelexError: the broker or the state of the feeds cannot be used.
    """
    if full_text:
        page_text.require_installed()
    settings = load()
    with Publisher(settings) as publisher:

        def read(due: Sequence[str]) -> dict[str, FeedResult]:
            # Opened for each reading: the topic may have been created again since the last one, and the file deleted.
            with admin(settings) as client:
                topic_id = topics.topic_id(client, settings.topic(RAW))
            with FeedMemory(settings.data_dir / "feeds.sqlite", topic_id) as memory:
                reader = FeedReader(
                    settings, publisher, memory, write_id, full_text=full_text, obeys_robots=obeys_robots
                )
                return reader.read(due)

        if every_s is None:
            _read_once(read, feeds)
        else:
            with interrupts():
                _read_for_ever(read, feeds, every_s)


def _read_once(read: _Read, feeds: Sequence[str]) -> None:
    results = read(feeds)
    Troubles().report(results)
    published = sum(result.published for result in results.values())
    unread = sum(result.unread for result in results.values())
    tell(
        f"[green]{published} published[/] from {len(results) - unread} feeds"
        + (f", [red]{unread} could not be read[/]" if unread else "")
    )
    if any(result.failed for result in results.values()):
        raise typer.Exit(1)


def _read_for_ever(read: _Read, feeds: Sequence[str], every_s: float) -> None:
    schedule, troubles = FeedSchedule(feeds, every_s), Troubles()
    tell(f"[dim]Reading {len(feeds)} feeds every {every_s:g} s. Ctrl-C stops.[/]")
    while True:
        begin = time.monotonic()
        try:
            results = read(schedule.due(begin))
        except TelexError as error:
            # The broker, say, which may come back. Nothing of the round that it has not confirmed is remembered.
            troubles.report({"": FeedResult(troubles=[str(error)])})
            time.sleep(every_s)
            continue
        troubles.report({"": FeedResult(), **results})
        for feed, result in results.items():
            schedule.plan(feed, result, begin)
        time.sleep(max(0.0, schedule.next_at() - time.monotonic()))


class Troubles:
    """Reports what goes wrong, and not a second time while it goes on."""

    def __init__(self) -> None:
        self._reported: dict[str, list[str]] = {}

    def report(self, results: Mapping[str, FeedResult]) -> None:
        """Complain of each trouble of a feed that the result before did not have."""
        for feed, result in results.items():
            for trouble in result.troubles:
                if trouble not in self._reported.get(feed, ()):
                    complain(trouble)
            self._reported[feed] = result.troubles
