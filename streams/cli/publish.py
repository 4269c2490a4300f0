"""`telex publish`: sends articles from files, standard input or feeds to the raw topic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.help_text import USE, examples
from streams.cli.terminal import complain, progress, tell, write_id
from streams.client import article_files
from streams.client.publisher import Publisher
from streams.errors import RecordError, TelexError


def register(app: typer.Typer) -> None:
    """Add the command to `telex`."""
    app.command(
        rich_help_panel=USE,
        epilog=examples(
            "telex publish seeds/",
            "telex publish a.txt b.json c.jsonl",
            "tail -f feed.jsonl | telex publish -",
            "telex publish --feed https://example.org/news.rss",
            "telex publish --opml feeds.opml --full-text --every 5m",
        ),
    )(publish)


def publish(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Text files, JSON, JSON lines, folders of them, or - for standard input.",
            metavar="PATH…",
            show_default=False,
        ),
    ] = None,
    feed: Annotated[
        list[str] | None,
        typer.Option(help="Publish the new entries of this RSS or Atom feed. Repeat it.", metavar="URL"),
    ] = None,
    opml: Annotated[
        list[Path] | None, typer.Option(help="Publish the new entries of all feeds in this list.", metavar="FILE")
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(help="Read the feeds again and again, until Ctrl-C: every 30s, 5m, 1h, …", metavar="DURATION"),
    ] = None,
    full_text: Annotated[
        bool, typer.Option("--full-text", help="Take the text of an article from the page that its entry links to.")
    ] = False,
    ignore_robots: Annotated[
        bool, typer.Option("--ignore-robots", help="Do not ask robots.txt. Only for sites that have agreed to it.")
    ] = False,
) -> None:
    """Publish articles and print their ids.

    A record that is not an article is refused with the reason. The others are published, and the exit code is 1.

    The entries of a feed are published once, and again when their title or text has changed.
    A feed that cannot be read is reported. The others are read, and the exit code is 1. docs/feeds.md says more.
    """
    if not (feed or opml):
        if every or full_text or ignore_robots:
            raise typer.BadParameter("--every, --full-text and --ignore-robots are for feeds: name some with --feed")
        if not paths:
            raise typer.BadParameter("name files, folders, or - for standard input, or feeds with --feed")
        _publish_files(paths)
        return
    if paths:
        raise typer.BadParameter("name files or feeds, not both")
    # Imported here: it brings the parser of feeds and an HTTP client, which take 0.3 s.
    from streams.cli.publish_feeds import duration, publish_feeds
    from streams.feeds.opml import feeds

    every_s = duration(every)
    listed = [*(feed or ()), *(each for path in opml or () for each in feeds(path))]
    publish_feeds(list(dict.fromkeys(listed)), every_s, full_text=full_text, obeys_robots=not ignore_robots)


def _publish_files(paths: list[Path]) -> None:
    files = article_files.expand(paths)
    refused_count = sent_count = 0
    with Publisher() as publisher, progress() as bar:
        for file in bar.track(files, description="Publishing"):
            for origin, article in _articles(file):
                fault = article if isinstance(article, str) else _send(publisher, origin, article)
                if fault:
                    complain(fault)
                    refused_count += 1
                else:
                    sent_count += 1
        publisher.flush()
    tell(f"[green]{sent_count} published[/]" + (f", [red]{refused_count} refused[/]" if refused_count else ""))
    if refused_count:
        raise typer.Exit(1)


def _articles(file: Path) -> Iterator[tuple[str, bytes | str]]:
    """The articles of a file, each with its origin. A str in place of an article says why the file cannot be read."""
    try:
        yield from article_files.read(file)
    except RecordError as error:
        yield str(file), f"{file}: {error.reason}: {error}"
    except TelexError as error:
        yield str(file), str(error)


def _send(publisher: Publisher, origin: str, article: bytes) -> str | None:
    """Publish an article and print its id. Returns why it was refused; None where it was published."""
    try:
        identifier = publisher.publish(article)
    except RecordError as error:
        return f"{origin}: {error.reason}: {error}"
    write_id(identifier)
    return None
