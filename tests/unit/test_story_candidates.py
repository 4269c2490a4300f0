"""The arithmetic on arrays gives what a plain loop over the same articles gives."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from agents.stories.fingerprint import SKETCH, Fingerprint, Hashes
from agents.stories.similarity import Overlap, overlaps
from agents.stories.window import SKETCH_KEYS, Candidates, Window

MOST_EDITS, MOST_REPORTS = 3, 8


def made_up(dice: np.random.Generator) -> Fingerprint:
    """An article that has sequences and terms in common with many others, some of them by half."""
    sketch = np.unique(dice.integers(0, 1_000, int(dice.integers(1, 400)), np.uint32))[:SKETCH]
    terms = np.unique(dice.integers(1, 200, int(dice.integers(0, 64)), np.uint32)) << np.uint32(24)
    return Fingerprint(digest=0, sketch=sketch, terms=terms, language="en")


def candidates_by_hand(window: Window, article: Fingerprint) -> Candidates:
    keys = [*article.sketch[:SKETCH_KEYS].tolist(), *article.terms.tolist()]
    rarities = window.rarity(article.terms).tolist()
    sequences, terms, weights = Counter[int](), Counter[int](), Counter[int]()
    for at, key in enumerate(keys):
        [bucket] = window._bucket(np.array([key], np.uint32))
        for entry in window._entries[bucket].tolist():
            age = (window._next - 1 - (entry >> 10)) % window.capacity
            if entry % 1024 == key % 1024 and age < window.live:
                if at < SKETCH_KEYS and at < len(article.sketch):
                    sequences[age] += 1
                else:
                    terms[age] += 1
                    weights[age] += rarities[at - min(SKETCH_KEYS, len(article.sketch))]
    edits = sorted((age for age in sequences if sequences[age] >= min(2, len(article.sketch))),
                   key=lambda age: (-sequences[age], age))  # fmt: skip
    reports = sorted(terms, key=lambda age: (-weights[age], age))
    return Candidates(window._rows_of(np.array(edits[:MOST_EDITS], np.int64)),
                      window._rows_of(np.array(reports[:MOST_REPORTS], np.int64)))  # fmt: skip


@pytest.mark.parametrize("capacity", [100, 12], ids=["all articles", "only the newest"])
def test_the_candidates_are_those_that_share_most_and_of_these_the_newest(capacity: int) -> None:
    dice, window = np.random.default_rng(1), Window(capacity)
    for number in range(60):
        article = made_up(dice)
        found, expected = window.candidates(article, MOST_EDITS, MOST_REPORTS), candidates_by_hand(window, article)
        assert found.edits.tolist() == expected.edits.tolist()
        assert found.reports.tolist() == expected.reports.tolist()
        if window.is_full:
            window.drop_oldest()
        window.add(article, number)


def overlap_by_hand(one: Hashes, other: Hashes) -> Overlap:
    highest = min((int(sketch[-1]) for sketch in (one, other) if len(sketch) == SKETCH), default=1 << 32)
    first, second = ({each for each in sketch.tolist() if each <= highest} for sketch in (one, other))
    shared = len(first & second)
    return Overlap(shared / max(1, min(len(first), len(second))), shared / max(1, len(first | second)))


def test_the_shared_part_is_that_of_the_hashes_in_the_range_that_both_keep() -> None:
    dice, window = np.random.default_rng(2), Window(50)
    sketches = []
    for number in range(50):
        article = made_up(dice)
        sketches.append(article.sketch)
        window.add(article, number)
    assert {len(each) == SKETCH for each in sketches} == {True, False}
    for one in sketches[:10]:
        assert overlaps(one, *window.sketches(np.arange(50))) == [overlap_by_hand(one, other) for other in sketches]
