"""`telex watch`: adds, shows, removes and tries standing queries."""

from __future__ import annotations

import shlex
import time
from contextlib import ExitStack
from typing import Annotated, Any

import msgspec
import typer
from msgspec.structs import replace

from streams.cli.article_view import readable
from streams.cli.filter_options import with_filter
from streams.cli.help_text import USE, examples
from streams.cli.run import interrupts
from streams.cli.terminal import FormatOption, complain, json_line, listing, out, tell, wants_json, write_line
from streams.client import watch_store
from streams.client.copies import Copies
from streams.client.latest_articles import latest
from streams.client.story_relations import StoryRelations
from streams.errors import TelexError
from streams.records import watches
from streams.records.filters import Filter, FilteredArticle, Matcher, to_options
from streams.records.watches import Watch
from streams.settings import load
from streams.stages import ENRICHED
from streams.worker.webhooks.signing import Secrets

# Seconds that `telex watch test` waits for stories, for all articles together.
STORIES_LIMIT_S = 10.0

Name = Annotated[str, typer.Argument(help="The name of the watch.", metavar="NAME", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands to `telex`."""
    group = typer.Typer(no_args_is_help=True)
    group.command(
        "add",
        epilog=examples(
            'telex watch add merkel --entity "Angela Merkel" --towards negative',
            "telex watch add floods --text flood --text Hochwasser --url https://example.org/telex",
        ),
    )(with_filter(add))
    group.command("list", epilog=examples("telex watch list", "telex watch list --format json"))(list_watches)
    group.command("show", epilog=examples("telex watch show merkel", "telex watch show merkel --secret"))(show)
    group.command("remove", epilog=examples("telex watch remove merkel", "telex watch remove merkel floods"))(remove)
    group.command("test", epilog=examples("telex watch test merkel", "telex watch test merkel --last 10000"))(try_out)
    app.add_typer(
        group,
        name="watch",
        rich_help_panel=USE,
        help="Keep filters as standing queries: Telex writes a record for each article that matches, and sends it to a URL.",
        epilog=examples("telex watch add floods --text flood", "telex watch test floods", "telex watch list"),
    )


def add(
    name: Name,
    url: Annotated[
        str | None, typer.Option(help="Where to send each match as a webhook.", metavar="URL", show_default=False)
    ] = None,
    *,
    wanted: Filter,
) -> None:
    """Add a watch, or replace the one of this name.

    All workers know it within two seconds. It sees the articles that are enriched from then on.
    """
    settings = load()
    try:
        watch = watches.new(wanted, url)
        watches.checked_name(name)
    except TelexError as error:
        raise typer.BadParameter(str(error).rstrip(".")) from None
    known = watch_store.read_all(settings)
    watch_store.put(settings, name, watch)
    tell(f"[green]{'Replaced' if name in known else 'Added'}[/] {name}.")


def list_watches(form: FormatOption = None) -> None:
    """List the watches, in alphabetical order."""
    rows = ({"name": name, **_described(watch)} for name, watch in watch_store.read_all(load()).items())
    listing(rows, ("name", "filter", "url"), form)


def show(
    name: Name,
    secret: Annotated[
        bool, typer.Option("--secret", help="Show only the secret that verifies the webhooks of this watch.")
    ] = False,
    form: FormatOption = None,
) -> None:
    """Show one watch."""
    settings = load()
    watch = watch_store.find(settings, name)
    if secret:
        write_line(Secrets(settings).of_watch(name).encode())
        return
    if wants_json(form):
        json_line({"name": name, "version": watch.version, **msgspec.to_builtins(watch)})
        return
    listing([{"name": name, "version": watch.version, **_described(watch)}], ("name", "version", "filter", "url"), form)


def remove(
    names: Annotated[list[str], typer.Argument(help="The names of the watches.", metavar="NAME…", show_default=False)],
) -> None:
    """Remove watches. The matches that they gave stay in their topic."""
    settings = load()
    known = watch_store.read_all(settings)
    for name in names:
        if name not in known:
            raise TelexError(f"There is no watch {name!r}: `telex watch list` shows all.")
        watch_store.remove(settings, name)
        tell(f"[green]Removed[/] {name}.")


def try_out(
    name: Name,
    last: Annotated[int, typer.Option(min=1, help="How many of the last articles to try.")] = 1000,
    form: FormatOption = None,
) -> None:
    """Show which of the last enriched articles a watch would have matched, with the passages marked.

    In a pipe, each line is the record that the match would give, without its `story`.
    A watch that asks for stories needs the worker of the stories.
    """
    settings = load()
    watch = watch_store.find(settings, name)
    relations, rest = watch.filter.stories, replace(watch.filter, stories=())
    matcher, copies, tried, matched, unknown = Matcher(rest), Copies(), 0, 0, 0
    deadline = time.monotonic() + STORIES_LIMIT_S
    with ExitStack() as stack:
        stack.enter_context(interrupts())
        stories = stack.enter_context(StoryRelations(settings, complain)) if relations else None
        for received in latest(settings, ENRICHED, last):
            try:
                article = FilteredArticle(received.value)
            except ValueError:
                continue
            if copies.is_copy(received.key, received.value):
                continue
            tried += 1
            match = matcher.match(article)
            if match is None or article.id is None:
                continue
            if stories:
                relation = stories.of(received, deadline)
                unknown += relation is None
                if relation not in relations:
                    continue
            matched += 1
            if wants_json(form):
                json_line(watches.match_record(name, watch, article, match))
            else:
                out.print(readable(received.article, marks=match.marks))
    tell(f"{matched} of the last {tried} articles match.")
    if unknown:
        complain(f"The stories of {unknown} articles are not known yet: check that a stories worker runs.")


def _described(watch: Watch) -> dict[str, Any]:
    return {"filter": shlex.join(to_options(watch.filter)), "url": watch.url}
