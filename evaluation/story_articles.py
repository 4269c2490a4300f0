"""Articles for the evaluation of stories: texts written by hand, and edits of them as newsrooms make them.

Two files of such articles come with the project. All events, people and companies in them are made up. A text begins
with `=== EVENT LANGUAGE DAY HH:MM`, then its title (`= …`), then the text. Texts with one event report the same event,
also in other languages. A line `> DAY HH:MM EDIT | EDIT` makes another article of the text, with one or more edits:

- `headline TITLE`: another title
- `cut N`: only the first N sentences
- `extend SENTENCES`: another paragraph at the end
- `correct OLD -> NEW; OLD -> NEW`: corrected figures
- `byline NAME`: a by-line, a dateline of an agency, a notice of rights and a line of credit
- `upper`: title and text in capitals
- `layout`: other line breaks, mark-up and spaces
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

# The rules were made on the development part. Nobody looked at what they do on the held part, which has other events.
PARTS = ("development", "held")

_MONTHS = {"development": 3, "held": 6}
_SENTENCE_END = re.compile(r"(?<=[.!?»“”\"])\s+(?=[A-ZÀ-ÞА-ЯЁ«„»\"“‘])")
_BY = {"en": "By", "fr": "Par", "de": "Von", "es": "Por", "pt": "Por", "sv": "Av", "da": "Af", "ru": "Автор:"}
_RIGHTS = {
    "en": "All rights reserved.",
    "fr": "Tous droits réservés.",
    "de": "Alle Rechte vorbehalten.",
    "es": "Todos los derechos reservados.",
    "pt": "Todos os direitos reservados.",
    "sv": "Alla rättigheter förbehållna.",
    "da": "Alle rettigheder forbeholdes.",
    "ru": "Все права защищены.",
}


@dataclass(frozen=True)
class StoryArticle:
    """An article with its labels.

    Attributes:
        event: what it reports; articles of one event are one story.
        group: the number of the text that it is an edit of, in its part. Articles of one group are edits of each other.
        edits: the names of the edits that made it; empty for the text itself.
        time: when it was published.
    """

    id: str
    event: str
    group: int
    language: str
    time: datetime
    title: str
    text: str
    edits: tuple[str, ...] = ()


@cache
def articles(part: str) -> tuple[StoryArticle, ...]:
    """The articles of a part in the order of their publication."""
    written = Path(__file__).with_name(f"stories.{part}.txt").read_text(encoding="utf-8")
    return labelled(written, _MONTHS[part])


def labelled(written: str, month: int) -> tuple[StoryArticle, ...]:
    """The articles of a file, whose days are those of a month of 2026."""
    found = []
    for group, block in enumerate(re.split(r"^=== ", written, flags=re.MULTILINE)[1:]):
        lines = block.strip().splitlines()
        event, language, day, time = lines[0].split()
        title = lines[1].removeprefix("= ")
        text = "\n\n".join(line for line in lines[2:] if not line.startswith("> "))
        base = StoryArticle(f"{event}-{language}-{group}", event, group, language, _time(month, day, time), title, text)
        found.append(base)
        for number, line in enumerate((line for line in lines if line.startswith("> ")), 1):
            _, day, time, edits = line.split(" ", 3)
            edited = replace(base, id=f"{base.id}-{number}", time=_time(month, day, time))
            for edit in edits.split(" | "):
                name, _, argument = edit.partition(" ")
                edited = replace(_EDITS[name](edited, argument), edits=(*edited.edits, name))
            found.append(edited)
    return tuple(sorted(found, key=lambda article: (article.time, article.id)))


def _time(month: int, day: str, time: str) -> datetime:
    hours, minutes = time.split(":")
    return datetime(2026, month, int(day), int(hours), int(minutes), tzinfo=UTC)


def _headline(article: StoryArticle, title: str) -> StoryArticle:
    return replace(article, title=title)


def _cut(article: StoryArticle, sentences: str) -> StoryArticle:
    kept = _SENTENCE_END.split(article.text)[: int(sentences)]
    return replace(article, text=" ".join(kept))


def _extend(article: StoryArticle, addition: str) -> StoryArticle:
    return replace(article, text=f"{article.text}\n\n{addition}")


def _correct(article: StoryArticle, corrections: str) -> StoryArticle:
    title, text = article.title, article.text
    for correction in corrections.split("; "):
        old, new = correction.split(" -> ")
        if old not in title and old not in text:
            raise ValueError(f"{article.id} has no {old!r}")
        title, text = title.replace(old, new), text.replace(old, new)
    return replace(article, title=title, text=text)


def _byline(article: StoryArticle, name: str) -> StoryArticle:
    by, rights = _BY[article.language], _RIGHTS[article.language]
    return replace(article, text=f"{by} {name}\n\nOSLO (Nordpress) — {article.text}\n\n© 2026 Nordpress. {rights}")


def _upper(article: StoryArticle, _: str) -> StoryArticle:
    return replace(article, title=article.title.upper(), text=article.text.upper())


def _layout(article: StoryArticle, _: str) -> StoryArticle:
    sentences = [html.escape(sentence) for sentence in _SENTENCE_END.split(article.text)]
    return replace(article, text="\n".join(f"<p>{sentence}</p>" for sentence in sentences))


_EDITS: Mapping[str, Callable[[StoryArticle, str], StoryArticle]] = {
    "headline": _headline,
    "cut": _cut,
    "extend": _extend,
    "correct": _correct,
    "byline": _byline,
    "upper": _upper,
    "layout": _layout,
}
