"""Measures what many watches cost: `python -m tests.support.measure_watches` prints the table of docs/watches.md.

Ten watches match the articles as often in each row. The others ask for names and phrases that other articles have.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from functools import cache

from agents.watches import matching
from agents.watches.matching import WatchIndex
from streams.records import watches
from tests.support.filtered import article, wanted

COUNTS = (10, 100, 1000, 10_000)
ARTICLES, WORDS, ENTITIES = 20, 450, 25
# Of several rounds the shortest counts, because what else runs on the machine only makes a time longer.
ROUNDS = 7

_SYLLABLES = [first + vowel for first in "bdfgklmnprstvz" for vowel in "aeiou"]


def _word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choices(_SYLLABLES, k=syllables))


@cache
def articles() -> Sequence[bytes]:
    """Articles of 3 KB with 25 entities, always the same."""
    chance = random.Random(1)
    values = []
    for _ in range(ARTICLES):
        names = {f"{_word(chance, 3).title()} {_word(chance, 3).title()}": "PERSON" for _ in range(ENTITIES)}
        words = [_word(chance, chance.randint(1, 4)) for _ in range(WORDS)] + list(names) * 2
        chance.shuffle(words)
        values.append(article("Merkel in Paris", " ".join(words), named=names, language="en", sentiment="neutral"))
    return values


def table(count: int) -> dict[bytes, bytes]:
    """The records of so many watches, of which ten match articles."""
    chance = random.Random(2)
    matching_ones = [
        {"text": [_word(random.Random(number), 2)], "language": ["en"]}
        if number % 2
        else {"text_all": ["merkel", "paris"]}
        for number in range(10)
    ]
    others = [
        {"entity": [f"{_word(chance, 4)} {_word(chance, 4)}"], "language": ["en"]}
        if number % 2
        else {"text": [f"{_word(chance, 2)} {_word(chance, 5)}", _word(chance, 6)], "sentiment": ["neutral"]}
        for number in range(count - len(matching_ones))
    ]
    known = {f"w{number}": wanted(conditions) for number, conditions in enumerate([*matching_ones, *others])}
    return {name.encode(): watches.encode(watches.new(each)) for name, each in known.items()}


def seconds(at: WatchIndex) -> float:
    """The processor time of an article."""
    shortest = float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        for value in articles():
            matching.derive(value, at)
        shortest = min(shortest, (time.process_time() - begin) / ARTICLES)
    return shortest


def ratio(count: int) -> float:
    """How many times as much an article costs with so many watches as with ten."""
    return seconds(matching.index(table(count))) / seconds(matching.index(table(10)))


def main() -> None:
    """Print the table."""
    print("| watches | matches of an article | time of an article | time of the first index | time of a change |")
    print("|---|---|---|---|---|")
    for count in COUNTS:
        known, times = table(count), []
        for _ in range(2):
            begin = time.process_time()
            at = matching.index(known)
            times.append(time.process_time() - begin)
        matches = sum(len(matching.derive(value, at).records) for value in articles()) / ARTICLES
        made = " | ".join(f"{each:.2f} s" for each in times)
        print(f"| {count:,} | {matches:.1f} | {seconds(at) * 1000:.2f} ms | {made} |")


if __name__ == "__main__":
    main()
