"""The passages of an article that met a filter, as a reader sees them on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from typing import Any

from rich.markup import escape

from streams.cli.terminal import printable
from streams.records import Mention

# An article shows at most so many passages, each with so many characters around it.
SHOWN_PASSAGES, CONTEXT = 3, 50


def marked(article: Mapping[str, Any], marks: Iterable[Mention]) -> list[str]:
    """The first passages with their surroundings, in rich's markup: what met the filter stands between » and «."""
    in_order = sorted(marks, key=lambda mark: (mark.field != "title", mark.start, -mark.end))
    lines = []
    for passage in islice(_near(in_order), SHOWN_PASSAGES):
        content = str(article.get(passage[0].field) or "")
        begin, end = max(0, passage[0].start - CONTEXT), passage[-1].end + CONTEXT
        parts, at = ["… " * (begin > 0)], begin
        for mark in passage:
            if mark.start >= at:
                parts += [_plain(content[at : mark.start]), f"[bold]»{_plain(content[mark.start : mark.end])}«[/]"]
                at = mark.end
        lines.append("".join([*parts, _plain(content[at:end]), " …" * (end < len(content))]))
    return lines


def _near(marks: Iterable[Mention]) -> Iterator[list[Mention]]:
    """Marks that stand so near that one line shows them."""
    number, last = 0, None

    def passage(mark: Mention) -> int:
        nonlocal number, last
        if last and (last.field != mark.field or mark.start - last.end > CONTEXT):
            number += 1
        last = mark
        return number

    return (list(passage) for _, passage in groupby(marks, passage))


def _plain(text: str) -> str:
    """Text of an article without line breaks, markup and commands for the terminal."""
    return escape(printable("".join(" " if character.isspace() else character for character in text)))
