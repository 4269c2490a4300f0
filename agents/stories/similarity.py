"""How alike two articles are: the shared part of their texts, and what they say about the same event."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.stories.fingerprint import EMBEDDING_STEPS, SKETCH, TYPE_SHIFT, Embedding, Hashes, Term

# The weight of a shared term by its type, in quarters. A name says more about an event than a word.
_WEIGHTS = np.zeros(1 << (32 - TYPE_SHIFT), np.int64)
_WEIGHTS[[Term.WORD, Term.SMALL_NUMBER, Term.NUMBER, Term.NAME, Term.PLACE]] = [2, 1, 4, 6, 4]
_TYPE_SHIFT = np.uint32(TYPE_SHIFT)
_AFTER_WORDS = np.uint32(Term.SMALL_NUMBER << TYPE_SHIFT)
_TELLING = np.uint32(Term.NUMBER << TYPE_SHIFT)


class Overlap(NamedTuple):
    """The shared sequences of two texts: as a part of the shorter text, and of both together (Jaccard)."""

    of_shorter: float
    of_both: float


def overlap(one: Hashes, other: Hashes) -> Overlap:
    """The shared part of two sketches, in the range of hashes that both of them keep."""
    highest = min((sketch[-1] for sketch in (one, other) if len(sketch) == SKETCH), default=None)
    if highest is not None:
        one, other = one[one <= highest], other[other <= highest]
    shared = _shared(one, other)
    return Overlap(shared / max(1, min(len(one), len(other))), shared / max(1, len(one) + len(other) - shared))


class Agreement(NamedTuple):
    """The shared part of the terms of some types, of the article that has fewer, and how many that one has."""

    share: float
    fewer: int


def agreement(one: Hashes, other: Hashes, first: Term, last: Term) -> Agreement:
    """How far the terms of the types from `first` to `last` agree."""
    one, other = _of_types(one, first, last), _of_types(other, first, last)
    fewer = min(len(one), len(other))
    return Agreement(_shared(one, other) / max(1, fewer), fewer)


def _of_types(terms: Hashes, first: Term, last: Term) -> Hashes:
    types = terms >> _TYPE_SHIFT
    return terms[(types >= first) & (types <= last) & (terms > 0)]


def _shared(one: Hashes, other: Hashes) -> int:
    """The number of common elements of two arrays, of which the first is ascending."""
    if not len(one):
        return 0
    at = np.minimum(np.searchsorted(one, other), len(one) - 1)
    return int(np.count_nonzero(one[at] == other))


def shared_evidence(
    terms: Hashes,
    rarity: NDArray[np.int64],
    others: Hashes,
    other_rarity: NDArray[np.int64],
    is_same_language: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """How much of what an article says about its event other articles say too.

    Words do not count between two languages.

    Args:
        terms: of the article, ascending.
        rarity: of these terms.
        others: the terms of the other articles, a row for each, with 0 in unused places.
        other_rarity: of these terms.
        is_same_language: of the other articles.

    Returns:
        The similarity from 0 to 1, and the number of shared names, places and numbers, by row.
    """
    own = _WEIGHTS[terms >> _TYPE_SHIFT] * rarity
    theirs = _WEIGHTS[others >> _TYPE_SHIFT] * other_rarity
    theirs[(others == 0) | ((others < _AFTER_WORDS) & ~is_same_language[:, None])] = 0
    at = np.minimum(np.searchsorted(terms, others), len(terms) - 1)
    is_shared = terms[at] == others
    shared, their_sums = (theirs * is_shared).sum(axis=1), theirs.sum(axis=1)
    own_sum, own_sum_across = own.sum(), own[terms >= _AFTER_WORDS].sum()
    # In one language the cosine. Between languages the share of the article that says less, because the names of a
    # language without an entity model are uncertain.
    norms = np.where(is_same_language, np.sqrt(own_sum * their_sums), np.minimum(own_sum_across, their_sums))
    telling = np.count_nonzero(is_shared & (others >= _TELLING), axis=1)
    return shared / np.maximum(norms, 1), telling


def cosines(embedding: Embedding, others: Embedding) -> NDArray[np.float64]:
    """The cosine of an embedding and each of several others; 0 for an article without one."""
    return others.astype(np.int64) @ embedding.astype(np.int64) / EMBEDDING_STEPS**2
