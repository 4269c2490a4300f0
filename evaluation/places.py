"""The accuracy of the places: sentences in which each name of a place has its GeoNames id.

`places.tsv` in this folder was written for Telex, on public facts. A line has `tuned` or `kept`, a language, and a
sentence. Its places stand in brackets, each with its GeoNames id behind it. The id is left out if the name is not a
town, region, country or continent, or if the sentence does not tell which one. The rules were made on the tuned
sentences; the kept ones only measure.

"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agents.entities.places import locate
from evaluation.measures import share
from evaluation.tables import Cell, Table
from streams.records import Entity, Mention

FILE = Path(__file__).with_name("places.tsv")
_PLACE = re.compile(r"\[([^\]]+)\]\((\d*)\)")


@dataclass(frozen=True)
class Line:
    """A sentence with the names of places in it: the start and end of each, and its GeoNames id or None."""

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
    """The table of the places, for the marked names: no entity model takes part."""
    answers = [(line.part, line.language, *answer) for line in lines() for answer in answers_for(line)]
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


def answers_for(line: Line) -> list[tuple[int | None, int | None]]:
    """For each name the right id, and the id that Telex gives."""
    mentions: dict[str, list[Mention]] = {}
    for start, end, _ in line.places:
        name = line.text[start:end]
        mentions.setdefault(name, []).append(Mention(field="text", start=start, end=end, text=name))
    entities = [Entity(name=name, type="LOCATION", count=len(same), mentions=same) for name, same in mentions.items()]
    ids = {
        each.name: each.place.geonames_id if each.place else None
        for each in locate(entities, {"text": line.text}, line.language)
    }
    return [(wanted, ids[line.text[start:end]]) for start, end, wanted in line.places]


def _figures(answers: list[tuple[int | None, int | None]]) -> dict[str, Cell]:
    right = sum(given is not None and given == wanted for wanted, given in answers)
    return {
        "names": len(answers),
        "with an id": sum(wanted is not None for wanted, _ in answers),
        "placed": sum(given is not None for _, given in answers),
        "precision": share(right, sum(given is not None for _, given in answers)),
        "recall": share(right, sum(wanted is not None for wanted, _ in answers)),
    }
