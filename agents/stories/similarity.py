"""The similarity of two articles: the shared part of their texts, and their shared facts about an event."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.stories.fingerprint import EMBEDDING_STEPS, SKETCH, TYPE_SHIFT, Embedding, Hashes, Term

# The weight of a shared term by its type, in quarters. A name says more about an event than a word.
_WEIGHTS = np.zeros(1 << (32 - TYPE_SHIFT), np.int64)
_WEIGHTS[[Term.WORD, Term.SMALL_NUMBER, Term.NUMBER, Term.NAME, Term.PLACE]] = [2, 1, 4, 6, 4]
_TYPE_SHIFT = np.uint32(TYPE_SHIFT)
_FIRST, _AFTER_WORDS = np.uint32(1), np.uint32(Term.SMALL_NUMBER << TYPE_SHIFT)
_TELLING = np.uint32(Term.NUMBER << TYPE_SHIFT)
_HIGHEST = np.uint32((1 << 32) - 1)


class Overlap(NamedTuple):
    """The shared sequences of two texts: as a part of the shorter text, and of both together (Jaccard)."""

    of_shorter: float
    of_both: float


def overlaps(one: Hashes, others: Hashes, sizes: NDArray[np.uint16]) -> list[Overlap]:
    """The shared part of a sketch and each of several others, in the range of hashes that both of them keep.

    Args:
        one: a sketch.
        others: sketches, a row for each.
        sizes: of the other sketches.
    """
    limits = np.where(sizes == SKETCH, others[:, -1], _HIGHEST)
    if len(one) == SKETCH:
        limits = np.minimum(limits, one[-1])
    is_kept = (np.arange(others.shape[1]) < sizes[:, None]) & (others <= limits[:, None])
    own, theirs = one.searchsorted(limits, side="right"), is_kept.sum(axis=1)
    shared = (is_in(one, others) & is_kept).sum(axis=1)
    of_shorter = shared / np.maximum(1, np.minimum(own, theirs))
    of_both = shared / np.maximum(1, own + theirs - shared)
    return list(map(Overlap, of_shorter.tolist(), of_both.tolist()))


class Agreement(NamedTuple):
    """The shared part of the terms of some types, of the article that has fewer, and how many that one has."""

    share: float
    fewer: int


def agreement(one: Hashes, other: Hashes, first: Term, last: Term) -> Agreement:
    """How far the terms of the types from `first` to `last` agree."""
    one, other = _of_types(one, first, last), _of_types(other, first, last)
    fewer = min(len(one), len(other))
    return Agreement(np.count_nonzero(is_in(one, other)) / fewer if fewer else 0.0, fewer)


def _of_types(terms: Hashes, first: Term, last: Term) -> Hashes:
    return terms[(terms >= first << TYPE_SHIFT) & (terms < (last + 1) << TYPE_SHIFT) & (terms > 0)]


def is_in(one: Hashes, others: Hashes) -> NDArray[np.bool_]:
    """Whether `one` has each element of `others`. It is ascending, and empty only when `others` is empty too."""
    found: NDArray[np.bool_] = one.take(one.searchsorted(others), mode="clip") == others
    return found


def telling(others: Hashes, is_shared: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many of the shared terms are names, places and numbers, by row."""
    found: NDArray[np.int64] = (is_shared & (others >= _TELLING)).sum(axis=1)
    return found


def shared_evidence(
    terms: Hashes,
    rarity: NDArray[np.int64],
    others: Hashes,
    other_rarity: NDArray[np.int64],
    is_shared: NDArray[np.bool_],
    is_same_language: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """The share of the facts of an article about its event that other articles have too: from 0 to 1, by row.

    Words do not count between two languages.

    Args:
        terms: of the article, ascending.
        rarity: of these terms.
        others: the terms of the other articles, a row for each, with 0 in unused places.
        other_rarity: of these terms.
        is_shared: which of these terms the article has.
        is_same_language: of the other articles.
    """
    own = _WEIGHTS.take(terms >> _TYPE_SHIFT) * rarity
    theirs = _WEIGHTS.take(others >> _TYPE_SHIFT) * other_rarity
    theirs *= others >= np.where(is_same_language, _FIRST, _AFTER_WORDS)[:, None]
    shared, their_sums = (theirs * is_shared).sum(axis=1), theirs.sum(axis=1)
    own_sum, own_sum_across = own.sum(), own[terms.searchsorted(_AFTER_WORDS) :].sum()
    # In one language the cosine. Between languages the share of the article that says less, because the names of a
    # language without an entity model are uncertain.
    norms = np.where(is_same_language, np.sqrt(own_sum * their_sums), np.minimum(own_sum_across, their_sums))
    similarity: NDArray[np.float64] = shared / np.maximum(norms, 1)
    return similarity


def cosines(embedding: Embedding, others: Embedding) -> NDArray[np.float64]:
    """The cosine of an embedding and each of several others; 0 for an article without one."""
    return others.astype(np.int64) @ embedding.astype(np.int64) / EMBEDDING_STEPS**2
