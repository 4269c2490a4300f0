"""How right the places are: sentences with what each place that they name is, and which of those a name alone does not tell.

`places.tsv` beside this file was written for Telex, on public facts. A line is `tuned` or `kept`, a language, and a
sentence with its places in brackets, each with its GeoNames id behind it; nothing for what is no town, region, country
or continent, or cannot be told. The rules were made on the tuned ones; the kept ones are only measured on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agents.entities.places import locate
from agents.evaluation.measures import share
from agents.evaluation.tables import Cell, Table
from streams.records import Entity, Mention

FILE = Path(__file__).with_name("places.tsv")
_PLACE = re.compile(r"\[([^\]]+)\]\((\d*)\)")


@dataclass(frozen=True)
class Line:
    """A sentence with the names of places in it: where each stands, and its GeoNames id, or None."""

    part: str
    language: str
    text: str
    places: list[tuple[int, int, int | None]]


def lines() -> Iterator[Line]:
    """The sentences."""
    for written in FILE.read_text(encoding="utf-8").splitlines():
        part, language, marked = written.split("\t")
        text, places, at = "", list[tuple[int, int, int | None]](), 0
        for place in _PLACE.finditer(marked):
            text += marked[at : place.start()]
            places.append((len(text), len(text) + len(place[1]), int(place[2]) if place[2] else None))
            text, at = text + place[1], place.end()
        yield Line(part, language, text + marked[at:], places)


def tables() -> Iterator[Table]:
    """The table of the places: of the names as they are marked, whatever a model would find."""
    answers = [(line.part, line.language, *answer) for line in lines() for answer in said(line)]
    rows = [
        {"sentences": part, **_figures([(wanted, given) for of, _, wanted, given in answers if of == part])}
        for part in ("tuned", "kept")
    ]
    for language in sorted({language for _, language, _, _ in answers}):
        rows.append(
            {
                "sentences": f"all, {language}",
                **_figures([(wanted, given) for _, of, wanted, given in answers if of == language]),
            }
        )
    yield Table("places", "Places: the right GeoNames id, or none where none is right", rows)


def said(line: Line) -> list[tuple[int | None, int | None]]:
    """For each name the id that is right, and the one that Telex says."""
    mentions: dict[str, list[Mention]] = {}
    for start, end, _ in line.places:
        name = line.text[start:end]
        mentions.setdefault(name, []).append(Mention(field="text", start=start, end=end, text=name))
    entities = [
        Entity(name=name, type="LOCATION", count=len(those), mentions=those) for name, those in mentions.items()
    ]
    found = {
        each.name: each.place.geonames_id if each.place else None
        for each in locate(entities, {"text": line.text}, line.language)
    }
    return [(wanted, found[line.text[start:end]]) for start, end, wanted in line.places]


def _figures(answers: list[tuple[int | None, int | None]]) -> dict[str, Cell]:
    right = sum(given is not None and given == wanted for wanted, given in answers)
    return {
        "names": len(answers),
        "with an id": sum(wanted is not None for wanted, _ in answers),
        "placed": sum(given is not None for _, given in answers),
        "precision": share(right, sum(given is not None for _, given in answers)),
        "recall": share(right, sum(wanted is not None for wanted, _ in answers)),
    }
