"""Names from the scores of pieces: the most probable sequence of tags that begins and ends names at words only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.encoder.tokenizer import Pieces

Floats = NDArray[np.float32]

# The tags: 0 is outside of a name; of the kind number k, 1 + 2k is the first piece of a name and 2 + 2k a later one.
KINDS = ("PER", "LOC", "ORG", "MISC")
TAGS = 1 + 2 * len(KINDS)
_FIRST, _LATER = np.arange(1, TAGS, 2), np.arange(2, TAGS, 2)


class Name(NamedTuple):
    """A name: start and end in code points, its kind, and the probability that it is right."""

    start: int
    end: int
    kind: str
    confidence: float


def names(scores: Floats, pieces: Pieces) -> list[Name]:
    """The names in a text.

    Args:
        scores: pieces x tags, the logarithm of each tag's probability.
        pieces: of the text.
    """
    # A space can be a piece of its own. It is in no name, and the rest of a name goes on behind it.
    visible = [
        number for number, (start, end) in enumerate(zip(pieces.starts, pieces.ends, strict=True)) if start < end
    ]
    if not visible:
        return []
    scores, pieces = scores[visible], pieces.chosen(visible)
    begins = np.flatnonzero(~np.array(pieces.inside))
    units = _units(scores, begins)
    tags = _tags(units)
    found = []
    at = 0
    while at < len(tags):
        tag, first = int(tags[at]), at
        at += 1
        if tag == 0:
            continue
        kind = (tag - 1) // 2
        while at < len(tags) and tags[at] == 2 + 2 * kind:
            at += 1
        last = (begins[at] if at < len(begins) else len(pieces.ids)) - 1
        probabilities = units[np.arange(first, at), tags[first:at]]
        start, end = pieces.starts[begins[first]], pieces.ends[last]
        found.append(Name(start, end, KINDS[kind], float(np.exp(probabilities.min()))))
    return found


def _units(scores: Floats, begins: NDArray[np.intp]) -> Floats:
    """The scores of each unit, a word or a piece that is no part of one: units x tags, logarithms of probabilities.

    A unit is outside of a name with all its pieces, or inside with all.
    """
    sums = np.add.reduceat(scores, begins, axis=0)
    # The first piece of a name's first unit has the tag of a first piece, and its other pieces that of a later one.
    sums[:, _FIRST] = scores[begins][:, _FIRST] + sums[:, _LATER] - scores[begins][:, _LATER]
    sums -= np.logaddexp.reduce(sums, axis=1)[:, None]
    return sums


def _tags(units: Floats) -> NDArray[np.intp]:
    """The most probable tag of each unit, such that a later unit of a name follows one of the same kind."""
    tags: NDArray[np.intp] = units.argmax(axis=1)
    before = np.concatenate([[0], tags[:-1]])
    later = (tags > 0) & (tags % 2 == 0)
    if not np.any(later & (before != tags) & (before != tags - 1)):
        return tags
    return _viterbi(units)


def _viterbi(units: Floats) -> NDArray[np.intp]:
    """The best path (https://doi.org/10.1109/TIT.1967.1054010)."""
    best, ways = units[0].copy(), np.zeros(units.shape, np.intp)
    best[_LATER] = -np.inf
    for at in range(1, len(units)):
        source = int(best.argmax())
        reached = np.full(TAGS, best[source])
        ways[at] = source
        from_first = best[_FIRST] >= best[_LATER]
        reached[_LATER] = np.where(from_first, best[_FIRST], best[_LATER])
        ways[at, _LATER] = np.where(from_first, _FIRST, _LATER)
        best = reached + units[at]
    tags = np.empty(len(units), np.intp)
    tags[-1] = best.argmax()
    for at in range(len(units) - 1, 0, -1):
        tags[at - 1] = ways[at, tags[at]]
    return tags
