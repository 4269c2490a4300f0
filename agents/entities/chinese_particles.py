"""Particles that a model includes in a Chinese name: it sees no space between "in" and "Beijing"."""

from __future__ import annotations

from agents.entities.places.toponyms import is_known_place

_IN, _IS, _OF = "在", "是", "的"
# "At", "from", "to", "and", "by", "for". They begin the names of people and places too: 于谦, 从化, 对马岛, 和田.
_AMBIGUOUS = frozenset("于於从從向对對与與和及由到被将將给給为為")
# A name of fewer characters has too little left without a particle: 美的, 和田.
_SHORTEST_REST = 2
# A place is searched in this many characters behind "is".
_LONGEST_PLACE = 6


def without_particles(text: str, start: int, end: int) -> tuple[int, int]:
    """The start and end of a Chinese name in a text, without the particles around it.

    "In" (在) before a name and "of" (的) behind it are always cut off. Other particles are cut off before a known place
    alone: 从上海 is "from Shanghai", and 从化 a town.
    """
    if text[end - 1 : end] == _OF and end - start > _SHORTEST_REST:
        end -= 1
    first, rest = text[start : start + 1], text[start + 1 : end]
    if len(rest) >= _SHORTEST_REST and (
        first == _IN
        or (first == _IS and _begins_with_place(rest))
        or (first in _AMBIGUOUS and is_known_place(rest, "zh") and not is_known_place(first + rest, "zh"))
    ):
        start += 1
    return start, end


def _begins_with_place(name: str) -> bool:
    return any(is_known_place(name[:length], "zh") for length in range(_SHORTEST_REST, _LONGEST_PLACE + 1))
