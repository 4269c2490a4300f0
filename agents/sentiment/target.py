"""The sentiment towards an entity: what the sentences that name it say of it.

Three parts of a sentence are weighed: all of it but the name, the words before the name, and those behind it; each by the concepts of
the lexicon and by its words. "Smith accused Jones" says little of Smith and something bad of Jones. Target-dependent sentiment is the
field's name for it (Jiang and others, 2011); docs/models/telex-target-sentiment.md says what this model is made of.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.arrays import stored
from agents.sentiment import opinion
from agents.sentiment.features import lexicon, word_keys
from agents.sentiment.passages import is_word, tokens
from agents.sentiment.weights import Table, softmax
from streams.records import EntityType, NotAnalysed, Sentiment

FILE = Path(__file__).parents[1] / "models" / "target_sentiment.npz"
MODEL = "telex-target-sentiment/1"
# What it was trained on: people and organisations in English news.
LANGUAGES: tuple[str, ...] = ("en",)
TYPES: tuple[EntityType, ...] = ("PERSON", "ORGANIZATION")
# Words to each side of the name that are weighed as its neighbours, and those that are weighed as what they are, and not only by
# what they mean.
REACH, NEAR = 8, 4
# The number of concepts counts less than the mean of the words: chosen by cross-validation, 0.2 to 0.5 measure alike.
CONCEPTS, WORDS = 0.3, 2.0
# Code points to each side of a name that are read: sentences of the news have 130 in the mean.
AROUND = 600

# Sentences that are read for an entity, the first that name it.
SENTENCES = 20
# Contexts that are weighed together: enough for NumPy, and few enough for memory.
TOGETHER = 256
# A text of fewer words beside the name says nothing of anybody.
FEWEST_WORDS = 2
# Not behind "Mr.", nor behind the initial of a name.
_END = re.compile(
    r"(?<=[.!?…])(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bDr\.)(?<!\b[A-Z]\.)[\"'»”’)\]]{0,3}\s+|[\r\n\u2028\u2029]+"
)

# The words before a name and those behind it.
Context = tuple[list[str], list[str]]
Sums = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """What was learnt.

    Attributes:
        concepts: of each part of a sentence: the weights of the lexicon's concepts, then of the same under a negation.
        words: of each part: the weights of words, learnt through word vectors.
        near: the weights of the words right before a name, and right behind it.
        bias, scale: of the calibration.
    """

    concepts: Sequence[Sums]
    words: Sequence[Table]
    near: Sequence[Table]
    bias: Sums
    scale: float

    def probabilities(self, contexts: Sequence[Context], language: str) -> Sums:
        """The probability of negative, neutral and positive in each context."""
        return softmax(self.scale * self.logits(contexts, language) + self.bias)

    def logits(self, contexts: Sequence[Context], language: str) -> Sums:
        """The weight of each label in each context, before calibration."""
        logits = np.zeros((len(contexts), 3))
        own = lexicon(language)
        of_parts = zip(*map(parts, contexts), strict=True)
        for number, part in enumerate(of_parts):
            for row, words in enumerate(part):
                logits[row] += CONCEPTS * self.concepts[number][own.weigh(words)].sum(axis=0)
            logits += WORDS * _sums(self.words[number], part, mean=True)
        for table, part in zip(self.near, zip(*map(neighbours, contexts), strict=True), strict=False):
            logits += CONCEPTS * _sums(table, part, mean=False)
        return logits


def sentences(text: str) -> list[int]:
    """Where the sentences of a text begin, and at last where it ends."""
    return [0, *(match.end() for match in _END.finditer(text)), len(text)]


def contexts(text: str, bounds: Sequence[int], names: Sequence[tuple[int, int]]) -> list[Context]:
    """The contexts of names of one entity, at most one of each sentence.

    Args:
        bounds: what `sentences` says of the text.
        names: where the names stand, in their order.
    """
    found: dict[int, Context] = {}
    for start, end in names:
        at = bisect.bisect_right(bounds, start) - 1
        if at not in found and len(found) < SENTENCES:
            # A sentence of a list has any length: only what `context` reads is copied.
            begin, last = max(bounds[at], start - AROUND), min(max(end, bounds[at + 1]), end + AROUND)
            found[at] = context(text[begin:last], start - begin, end - begin)
    return list(found.values())


def towards(found: Iterable[Context], kind: EntityType, language: str) -> Sentiment | NotAnalysed:
    """The sentiment towards an entity of which these are the contexts, or why there is none."""
    [sentiment] = towards_each([(found, kind)], language)
    return sentiment


def towards_each(
    entities: Iterable[tuple[Iterable[Context], EntityType]], language: str
) -> list[Sentiment | NotAnalysed]:
    """The sentiment towards each entity, given by its contexts and its type, or why there is none.

    The contexts of many entities are weighed together: NumPy takes as long for one as for a hundred.
    """
    found: list[Sentiment | NotAnalysed] = []
    waiting: list[tuple[int, list[Context]]] = []
    for contexts_, kind in entities:
        if language not in LANGUAGES:
            found.append(NotAnalysed(reason="no_model_for_language"))
        elif kind not in TYPES:
            found.append(NotAnalysed(reason="no_model_for_type"))
        else:
            if told := [each for each in contexts_ if sum(map(is_word, each[0] + each[1])) >= FEWEST_WORDS]:
                waiting.append((len(found), told))
            found.append(NotAnalysed(reason="text_too_short", model=MODEL))
        if sum(len(told) for _, told in waiting) >= TOGETHER:
            _weigh(waiting, found, language)
            waiting = []
    _weigh(waiting, found, language)
    return found


def _weigh(waiting: Sequence[tuple[int, list[Context]]], found: list[Sentiment | NotAnalysed], language: str) -> None:
    """Put the sentiment towards the waiting entities in their places."""
    if not waiting:
        return
    probabilities = load().probabilities([context for _, told in waiting for context in told], language)
    ends = np.cumsum([len(told) for _, told in waiting])
    for (at, _), own in zip(waiting, np.split(probabilities, ends[:-1]), strict=True):
        found[at] = opinion(MODEL, own.mean(axis=0))


def parts(context: Context) -> tuple[list[str], list[str], list[str]]:
    """All of a context, and the neighbours of the name before it and behind it."""
    before, after = context
    return before + after, before[-REACH:], after[:REACH]


def neighbours(context: Context) -> tuple[list[str], list[str]]:
    """The words right before the name and right behind it, each once."""
    before, after = context
    return sorted(set(before[-NEAR:])), sorted(set(after[:NEAR]))


def context(sentence: str, start: int, end: int) -> Context:
    """What stands in a sentence before a name and behind it."""
    return tokens(sentence[max(0, start - AROUND) : start]), tokens(sentence[end : end + AROUND])


def _sums(table: Table, part: Sequence[Sequence[str]], *, mean: bool) -> Sums:
    """The sum, or the mean, of the weights of the words of each context."""
    rows = np.repeat(np.arange(len(part)), [len(words) for words in part])
    if not len(rows):
        return np.zeros((len(part), 3))
    at, known = table.find(word_keys([word for words in part for word in words]))
    sums = table.sums(at, rows[known], len(part))
    if mean:
        sums /= np.maximum(np.bincount(rows[known], minlength=len(part)), 1)[:, None]
    return sums


@functools.cache
def load() -> Weights:
    """What was learnt. Raises TelexError when the file is no model."""
    with stored(FILE, "sentiment model") as arrays:
        calibration = arrays["calibration"].astype(np.float64)
        return Weights(
            concepts=list(arrays["concepts"].astype(np.float64)),
            words=_tables(arrays, "words"),
            near=_tables(arrays, "near"),
            bias=calibration[:3],
            scale=float(calibration[3]),
        )


def _tables(arrays: np.lib.npyio.NpzFile, name: str) -> list[Table]:
    keys, weights, steps = arrays[f"{name}.keys"], arrays[f"{name}.weights"], arrays[f"{name}.steps"]
    return [Table(keys, weights[part], float(step)) for part, step in enumerate(steps)]
