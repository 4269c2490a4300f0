"""An enriched article as a reader sees it on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Group
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from streams.cli.marked_passages import marked
from streams.cli.terminal import printable
from streams.records import Mention
from streams.records.analysis_of import analysis

# An article shows at most so many of its entities.
SHOWN_ENTITIES = 8
_COLOURS = {
    "PERSON": "cyan",
    "ORGANIZATION": "magenta",
    "LOCATION": "green",
    "MISC": "blue",
    "negative": "red",
    "neutral": "dim",
    "positive": "green",
}


def readable(article: dict[str, Any], seconds: float | None = None, marks: Iterable[Mention] = ()) -> Group:
    """An article for a terminal: its id and title, then its language and sentiment, then its entities.

    Args:
        article: the enriched article, as a record has it.
        seconds: how long the article took; None to leave it out.
        marks: what met a filter; the passages around it are shown too.
    """
    title = str(article.get("title") or " ".join(str(article.get("text", "")).split()[:12]) + " …")
    language, entities, sentiment = (analysis(article, name) for name in ("language", "entities", "sentiment"))
    parts = [_or_reason(language, _plain(str(language.get("code")))), _sentiment(sentiment)]
    if seconds is not None:
        parts.append(f"[dim]{seconds * 1000:.0f} ms[/]")
    items = entities.get("items", [])
    names = [
        f"[{_COLOURS[item['type']]}]{_plain(item['name'])}[/] [dim]{item['type'].lower()} ×{item['count']}[/]"
        for item in items[:SHOWN_ENTITIES]
    ]
    more = [f"[dim]and {len(items) - SHOWN_ENTITIES} more[/]"] if len(items) > SHOWN_ENTITIES else []
    entity_list = ", ".join(names + more) or "[dim]none[/]"
    lines = ["  ·  ".join(parts), f"entities: {_or_reason(entities, entity_list)}", *marked(article, marks)]
    details = Text.from_markup("\n".join(lines) + "\n")
    return Group(
        Text.from_markup(f"[bold]{_plain(str(article.get('id')))}[/]  {_plain(title[:100])}"),
        Padding(details, (0, 0, 0, 4), expand=False),
    )


def view(record: dict[str, Any], marks: Iterable[Mention] = ()) -> Group | Text:
    """A record of any topic for a terminal: an article, a story or a match."""
    if "text" not in record and "relation" in record:
        return story_line(record)
    if "text" not in record and "watch" in record:
        return match_line(record)
    return readable(record, marks=marks)


def story_line(story: dict[str, Any]) -> Text:
    """A record of the stories for a terminal, on one line.

    Args:
        story: the record (`telex schema story`).
    """
    relation, identifier = _plain(str(story["relation"])).replace("_", " "), _plain(str(story.get("id")))
    if story["relation"] == "first":
        return Text.from_markup(f"[bold]{identifier}[/]  [green]opens a story[/]")
    return Text.from_markup(
        f"[bold]{identifier}[/]  [cyan]{relation}[/] of {_plain(str(story.get('of')))} "
        f"[dim]({story.get('similarity')})[/]  ·  story {_plain(str(story.get('story')))}, "
        f"{story.get('articles')} articles"
    )


def match_line(match: dict[str, Any]) -> Text:
    """A record of the matches for a terminal, on one line: the watch, the article, and what met the filter.

    Args:
        match: the record (`telex schema match`).
    """
    article = match.get("article") or {}
    met = [str(entity.get("name")) for entity in match.get("entities", [])]
    met += [str(passage.get("text")) for passage in match.get("passages", [])]
    what = ", ".join(_plain(each) for each in dict.fromkeys(met))
    parts = [f"[bold]{_plain(str(match.get('watch')))}[/]", _plain(str(article.get("id")))]
    parts += [_plain(str(article["title"])[:100])] if "title" in article else []
    return Text.from_markup("  ".join([*parts, *([f"·  [green]{what}[/]"] if what else [])]))


def _plain(text: str) -> str:
    """Text of an article on one line, without markup and without commands for the terminal."""
    return escape(printable(" ".join(text.split())))


def _or_reason(analysis: dict[str, Any], result: str) -> str:
    """The result, where there is an analysis; else the reason why there is none."""
    if analysis.get("status") == "analysed":
        return result
    return f"[yellow]not analysed: {_plain(str(analysis.get('reason', 'not yet'))).replace('_', ' ')}[/]"


def _sentiment(sentiment: dict[str, Any]) -> str:
    label = str(sentiment.get("label"))
    return "sentiment: " + _or_reason(
        sentiment, f"[{_COLOURS.get(label, 'dim')}]{label}[/] {sentiment.get('score', 0):+.2f}"
    )
