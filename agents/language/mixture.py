"""How much of a text is in which language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from agents.language.prose import Prose

# Words are told apart in runs of so many letters: fewer tell no language surely.
RUN = 100
# So many runs of a long text are looked at, evenly spread.
RUNS = 40
# An answer for a run that is less likely to be right than this counts for no language.
LEAST_CONFIDENCE = 0.8

Identify = Callable[[Sequence[str], float, str], tuple[str, float] | None]


def shares(found: Prose, identify: Identify) -> dict[str, float]:
    """The share of the text that is in each language, the largest first; where it cannot be told, in none.

    Args:
        identify: the language of words, of so many letters in a script, and the probability that it is right.
    """
    letters: defaultdict[str, float] = defaultdict(float)
    total = 0.0
    runs = list(_runs(found))
    for words, said, script in runs[:: -(-len(runs) // RUNS)]:
        answer = identify(words, said, script)
        total += said
        if answer and answer[1] >= LEAST_CONFIDENCE:
            letters[answer[0]] += said
    return {code: letters[code] / total for code in sorted(letters, key=lambda one: -letters[one])}


def _runs(found: Prose) -> Iterator[tuple[Sequence[str], float, str]]:
    for script, (words, said) in {found.script: (found.words, found.letters), **found.others}.items():
        weight = said / max(sum(map(len, words)), 1)
        run: list[str] = []
        for word in words:
            run.append(word)
            if weight * sum(map(len, run)) >= RUN:
                yield run, weight * sum(map(len, run)), script
                run = []
        if run:
            yield run, weight * sum(map(len, run)), script
