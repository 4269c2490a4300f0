"""Short news passages whose names are marked by hand, each for a kind of text in which models go wrong.

Two files of passages in twenty languages come with the project; they were written for it, and are not a source of
anything. A line has the language, the kind, and the passage: `en club: [Arsenal|O] won in [London|L].` The marks are on
people (P), organisations (O) and places (L), without titles, articles and the possessive 's, but with case endings. The
passages of the kind `invisible` have soft hyphens and zero-width spaces inside of names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agents import entities as analyser
from evaluation.data import Data, Tagged
from evaluation.entities import answers_of, counts_of, of_types
from evaluation.measures import micro_f1
from evaluation.tables import Cell, Table

# The rules were made on the development part. The held part also measures them: nobody looked at what they do there.
PARTS = ("development", "held")

_TAGS = {"P": "PER", "O": "ORG", "L": "LOC"}
_MARK = re.compile(r"\[([^\]|]+)\|([POL])\]")


@dataclass(frozen=True)
class Passage:
    """A passage with its names, its language (ISO 639-1), and the kind of difficulty that it is an example of."""

    language: str
    kind: str
    sentence: Tagged


@cache
def passages(part: str) -> tuple[Passage, ...]:
    """The passages of a part of the set."""
    written = Path(__file__).with_name(f"passages.{part}.txt").read_text(encoding="utf-8")
    return tuple(_passages(written))


def _passages(written: str) -> Iterator[Passage]:
    for line in filter(None, written.split("\n")):
        head, _, marked = line.partition(": ")
        language, kind = head.split(" ")
        text, spans, last = "", set[tuple[int, int, str]](), 0
        for mark in _MARK.finditer(marked):
            text += marked[last : mark.start()]
            spans.add((len(text), len(text) + len(mark[1]), _TAGS[mark[2]]))
            text += mark[1]
            last = mark.end()
        yield Passage(language, kind, Tagged(text + marked[last:], frozenset(spans)))


def tables(_: Data) -> Iterator[Table]:
    """The tables: by language and by kind, in the languages that have a model."""
    yield Table(
        "passages", "Names in short passages, by language", list(_rows("language", lambda passage: passage.language))
    )
    yield Table("passages_by_kind", "The same by kind of difficulty", list(_rows("kind", lambda passage: passage.kind)))


def _rows(column: str, group_of: Callable[[Passage], str]) -> Iterator[dict[str, Cell]]:
    analysed = analyser.models()
    for part in PARTS:
        known = [passage for passage in passages(part) if passage.language in analysed]
        groups = dict.fromkeys(map(group_of, known))
        yield _row(part, column, "all", known)
        for group in sorted(groups):
            yield _row(part, column, group, [passage for passage in known if group_of(passage) == group])


def _row(part: str, column: str, group: str, chosen: Sequence[Passage]) -> dict[str, Cell]:
    labelled = [of_types(passage.sentence.spans) for passage in chosen]
    answers = [answers_of([passage.sentence], passage.language)[0] for passage in chosen]
    counts = counts_of(labelled, answers)
    right, answered, wanted = (int(number) for number in counts.sum(axis=0))
    return {
        "part": part,
        column: group,
        "passages": len(chosen),
        "names": wanted,
        "precision": right / max(answered, 1),
        "recall": right / max(wanted, 1),
        "F1": micro_f1(counts),
    }
