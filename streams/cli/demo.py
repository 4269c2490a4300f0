"""`telex demo`: the whole pipeline on a temporary broker, article by article on the terminal."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from streams import logs
from streams.cli.article_view import readable
from streams.cli.help_text import USE, examples
from streams.cli.run import interrupts
from streams.cli.terminal import Format, complain, json_line, out, progress, write_line
from streams.cli.throwaway import seeds, throwaway_pipeline
from streams.client import article_files
from streams.client.publisher import Publisher
from streams.client.subscriber import Subscriber
from streams.settings import Settings
from streams.worker.supervisor import TEND_INTERVAL_S, Supervisor

# Seconds within which all articles have to come out of the pipeline.
ARTICLES_LIMIT_S = 180.0


@dataclass
class Summary:
    """Counts over the articles that came out of the pipeline."""

    articles: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    entities: Counter[str] = field(default_factory=Counter)
    sentiments: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def add(self, article: dict[str, Any], seconds: float) -> None:
        """Count an enriched article.

        Args:
            article: the enriched article, as a record has it.
            seconds: from its publication to its enrichment.
        """
        self.articles += 1
        self.seconds.append(seconds)
        self.languages[article["language"].get("code", "not known")] += 1
        self.entities.update(item["type"].lower() for item in article["entities"].get("items", ()))
        if article["entities"]["status"] == "not_analysed":
            self.entities["not analysed (articles)"] += 1
        self.sentiments[article["sentiment"].get("label", "not analysed")] += 1


def register(app: typer.Typer) -> None:
    """Add the command to `telex`."""
    app.command(
        rich_help_panel=USE, epilog=examples("telex demo", "telex demo my-articles/ a.txt", "telex demo --format json")
    )(demo)


def demo(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Your own articles; by default those in seeds/.", metavar="[PATH…]", show_default=False),
    ] = None,
    form: Annotated[
        Format,
        typer.Option("--format", help="table for people; json for one line an article and one for the summary."),
    ] = Format.TABLE,
) -> None:
    """Run the whole pipeline on a temporary broker: publish articles, show them enriched, and print a summary."""
    files = article_files.expand(paths or seeds("demo"))
    logs.set_up("WARNING", "text", "demo")
    begin = time.monotonic()
    _print_unless_json(form, "[bold]Telex[/] starts Apache Kafka and one worker for each stage …")
    with interrupts(), throwaway_pipeline("demo") as pipeline:
        _print_unless_json(
            form, f"Ready after {time.monotonic() - begin:.1f} s. Kafka: {pipeline.settings.bootstrap_servers}\n"
        )
        published = _publish(pipeline.settings, files)
        summary = _receive(pipeline.settings, pipeline.supervisor, published, form)
    _print_summary(summary, len(published), time.monotonic() - begin, form)
    _print_unless_json(form, _next(pipeline.settings))
    if summary.articles < len(published):
        complain(
            f"{len(published) - summary.articles} of {len(published)} articles did not come out "
            f"within {ARTICLES_LIMIT_S:g} s: see the messages above, or show fewer articles."
        )
        raise typer.Exit(1)


def _print_unless_json(form: Format, message: str) -> None:
    if form is not Format.JSON:
        out.print(message)


def _publish(settings: Settings, paths: list[Path]) -> dict[str, float]:
    """Publish the articles. Returns the time of publication of each, by id, in seconds since 1970."""
    published: dict[str, float] = {}
    with Publisher(settings) as publisher, progress() as bar:
        articles = [article for path in paths for article in article_files.read(path)]
        for _, article in bar.track(articles, description="Publishing"):
            published[publisher.publish(article)] = time.time()
    return published


def _receive(settings: Settings, supervisor: Supervisor, published: dict[str, float], form: Format) -> Summary:
    """Show the enriched articles until all of `published` have come or ARTICLES_LIMIT_S is over."""
    summary, waiting = Summary(), set(published)
    deadline = time.monotonic() + ARTICLES_LIMIT_S
    with Subscriber(settings, start="beginning", timeout_s=TEND_INTERVAL_S) as articles:
        while waiting and time.monotonic() < deadline:
            supervisor.tend()
            for received in articles:
                article = received.article
                if article["id"] not in waiting:
                    continue
                waiting.remove(article["id"])
                seconds = received.timestamp - published[article["id"]]
                summary.add(article, seconds)
                if form is Format.JSON:
                    write_line(received.value or b"")
                else:
                    out.print(readable(article, seconds))
                if not waiting:
                    break
    return summary


def _print_summary(summary: Summary, published: int, seconds: float, form: Format) -> None:
    latencies = sorted(summary.seconds) or [0.0]
    median, slowest = statistics.median(latencies), latencies[-1]
    counts_by_part = {"languages": summary.languages, "entities": summary.entities, "sentiment": summary.sentiments}
    if form is Format.JSON:
        counted = {"published": published, "enriched": summary.articles, **counts_by_part}
        json_line({"event": "summary", **counted, "median_s": median, "slowest_s": slowest, "seconds": seconds})
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column()
    table.add_row("articles", f"{summary.articles} of {published} enriched")
    for name, counts in counts_by_part.items():
        table.add_row(name, ", ".join(f"{kind} {count}" for kind, count in counts.most_common()))
    table.add_row(
        "latency",
        f"median {median:.2f} s, slowest {slowest:.2f} s, for all of them published at once, loading the models",
    )
    table.add_row("in all", f"{seconds:.1f} s")
    out.print(table)


def _next(settings: Settings) -> str:
    """The next steps after the demo, with the address of the page that `telex up` serves."""
    page = f"http://127.0.0.1:{settings.web_port}/" if settings.web_port else "the address that it prints"
    return (
        f"\nNext: [bold]telex up[/] in one terminal, the page at [bold]{page}[/] in a browser, "
        "and in another terminal [bold]telex publish seeds/[/]"
    )
