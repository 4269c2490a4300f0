"""What stories cost: processor time and memory for an article, in windows of several sizes.

python -m evaluation.story_speed 10000 100000 1000000

The window is filled with made-up fingerprints, whose terms and sequences are as frequent as those of words are (Zipf).
Then made-up articles of MEASURED_WORDS words are decided. One in ten is an edit of an article in the window, and two in
ten report the same event.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator

import numpy as np
import psutil
from numpy.typing import NDArray

from agents.stories.fingerprint import (
    MOST_NAMES,
    MOST_NUMBERS,
    SKETCH,
    TERMS,
    TYPE_SHIFT,
    Fingerprint,
    Term,
    fingerprint,
)
from agents.stories.stories import MODEL, Stories
from agents.stories.window import BYTES
from evaluation.tables import Cell, Table
from streams.records import Story

MEASURED, MEASURED_WORDS = 3_000, 350
_WORDS, _NAMES = 60_000, 40_000
HOUR_MS = 3_600_000


def table(sizes: list[int]) -> Table:
    """A row for each size of the window."""
    return Table("story_speed", "Stories: cost of an article, one core", [_row(size) for size in sizes])


def _row(size: int) -> dict[str, Cell]:
    before = psutil.Process().memory_info().rss
    stories = Stories(72 * HOUR_MS, (size + MEASURED) * BYTES)
    dice = np.random.default_rng(0)
    begin = time.process_time()
    for number in range(size):
        decision = Story(
            id=f"{number:036}",
            story=f"{number:036}",
            relation="first",
            of=None,
            similarity=None,
            articles=1,
            model=MODEL,
        )
        stories.restore(decision, number, _made_up(dice))
    restored = time.process_time()
    memory = psutil.Process().memory_info().rss - before
    texts = list(_articles())
    begun = time.process_time()
    prints = [fingerprint(title, text, "en", None) for title, text in texts]
    fingerprinted = time.process_time()
    relations = [stories.decide(f"new {at}", size, each).relation for at, each in enumerate(prints)]
    decided = time.process_time()
    seconds = decided - begun
    return {
        "articles in the window": size,
        "articles a second": round(MEASURED / seconds),
        "µs for a fingerprint": round((fingerprinted - begun) / MEASURED * 1e6),
        "µs for a decision": round((decided - fingerprinted) / MEASURED * 1e6),
        "restored a second": round(size / (restored - begin)),
        "bytes of memory an article": round(memory / size),
        "put into a story": sum(relation != "first" for relation in relations),
    }


def _made_up(dice: np.random.Generator) -> Fingerprint:
    """A fingerprint with terms of each type."""
    sketch = np.unique(dice.integers(1, 1 << 32, SKETCH, np.uint32))
    words = TERMS - MOST_NAMES - MOST_NUMBERS
    terms = np.unique(
        np.concatenate(
            [
                _term(Term.WORD, dice.zipf(1.2, words) % _WORDS),
                _term(Term.NAME, dice.zipf(1.1, MOST_NAMES) % _NAMES),
                _term(Term.NUMBER, dice.zipf(1.2, MOST_NUMBERS) % 10_000),
            ]
        )
    )
    return Fingerprint(digest=int(dice.integers(1 << 62)), sketch=sketch, terms=terms, language="en")


def _term(kind: Term, numbers: NDArray[np.int64]) -> NDArray[np.uint32]:
    mixed = (numbers.astype(np.uint32) * np.uint32(2_246_822_519)) & np.uint32((1 << TYPE_SHIFT) - 1)
    return mixed | np.uint32(kind << TYPE_SHIFT)


def _articles() -> Iterator[tuple[str, str]]:
    """Made-up articles: words by their rank, names with a capital, numbers; some are edits or reports of others."""
    dice = random.Random(0)
    texts: list[list[str]] = []
    for number in range(MEASURED):
        if texts and number % 10 == 0:
            words = dice.choice(texts)[: MEASURED_WORDS * 2 // 3]
        elif texts and number % 10 in (1, 2):
            telling = [word for word in dice.choice(texts) if word[0].isupper() or word[0].isdigit()]
            words = [_word(dice) for _ in range(MEASURED_WORDS - len(telling))]
            for word in telling:
                words.insert(dice.randrange(len(words)), word)
        else:
            words = [_word(dice) for _ in range(MEASURED_WORDS)]
            texts.append(words)
        yield " ".join(words[:8]), " ".join(words)


def _word(dice: random.Random) -> str:
    rank = int(1 / (1 - dice.random() * 0.99998))  # about Zipf
    chance = dice.random()
    if chance < 0.06:
        return f"N{_spelt(rank * 977 % _NAMES)}"
    return str(dice.randrange(1, 5_000)) if chance < 0.09 else _spelt(rank % _WORDS)


def _spelt(number: int) -> str:
    letters = ""
    while number:
        number, digit = divmod(number, 20)
        letters += "bcdfghjklmnpqrstvwxz"[digit] + "aeiou"[digit % 5]
    return letters or "a"


if __name__ == "__main__":
    print(table([int(each) for each in sys.argv[1:]] or [10_000, 100_000]).markdown())
