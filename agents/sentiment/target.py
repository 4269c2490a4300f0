"""The sentiment towards an entity in the sentences that name it (target-dependent sentiment; Jiang and others, 2011).

The model looks at three parts of a sentence: all words but the name, the words before the name, and the words after it.
It weighs the lexicon's concepts and the words of each part. "Smith accused Jones" says little of Smith and something
bad of Jones. docs/models/telex-target-sentiment.md describes the model.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.model_files import open_model_file
from agents.sentiment.hashed_ngrams import hash_words
from agents.sentiment.lexicon import lexicon
from agents.sentiment.passages import is_word, tokenize
from agents.sentiment.results import tone
from agents.sentiment.weights import WeightTable, softmax
from streams.records import Entity, EntityType, TargetSentiment

FILE = Path(__file__).parents[1] / "models" / "target_sentiment.npz"
MODEL = "telex-target-sentiment/1"
# The training data: people and organisations in English news.
LANGUAGES: tuple[str, ...] = ("en",)
TYPES: tuple[EntityType, ...] = ("PERSON", "ORGANIZATION")
# Words on each side of the name that belong to the part before it and the part after it.
PART_WORDS = 8
# Words on each side of the name with a weight of their own, in addition to the weight of their meaning.
NEIGHBOURS = 4
# Weights of the lexicon's concepts (summed) and of the words (mean): chosen by cross-validation, 0.2 to 0.5 measure
# alike for concepts.
CONCEPTS_WEIGHT, WORDS_WEIGHT = 0.3, 2.0
# Code points on each side of a name that are read: sentences of the news have 130 in the mean.
MAX_CONTEXT_LENGTH = 600
# Sentences that are read for an entity: the first ones that name it.
MAX_SENTENCES = 20
# Contexts that are analysed together: enough to use NumPy well, and few enough for memory.
BATCH_CONTEXTS = 256
# A sentence with fewer words next to the name has no sentiment.
MIN_WORDS = 2
# A sentence does not end after "Mr.", nor after the initial of a name.
_SENTENCE_END = re.compile(
    r"(?<=[.!?…])(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bDr\.)(?<!\b[A-Z]\.)[\"'»”’)\]]{0,3}\s+|[\r\n\u2028\u2029]+"
)

# The tokens before a name and the tokens after it.
Context = tuple[list[str], list[str]]
Sums = NDArray[np.float64]


@dataclass(frozen=True)
class TargetWeights:
    """The trained weights.

    Attributes:
        lexicon_weights: for each part of a sentence, of the lexicon's concepts, then of the same concepts under a
            negation.
        word_weights: for each part, of words, learnt through word vectors.
        neighbour_weights: of the words right before a name, and right after it.
        bias, scale: of the calibration.
    """

    lexicon_weights: Sequence[Sums]
    word_weights: Sequence[WeightTable]
    neighbour_weights: Sequence[WeightTable]
    bias: Sums
    scale: float

    def probabilities(self, contexts: Sequence[Context], language: str) -> Sums:
        """The probability of negative, neutral and positive in each context."""
        return softmax(self.scale * self.logits(contexts, language) + self.bias)

    def logits(self, contexts: Sequence[Context], language: str) -> Sums:
        """The logits of each label in each context, before calibration."""
        logits = np.zeros((len(contexts), 3))
        language_lexicon = lexicon(language)
        parts_of_contexts = zip(*map(parts, contexts), strict=True)
        weighted_parts = zip(self.lexicon_weights, self.word_weights, parts_of_contexts, strict=False)
        for concept_weights, word_weights, part in weighted_parts:
            for row, tokens in enumerate(part):
                concepts = language_lexicon.concepts_in(tokens)
                logits[row] += CONCEPTS_WEIGHT * concept_weights[concepts].sum(axis=0)
            logits += WORDS_WEIGHT * _sums(word_weights, part, mean=True)
        neighbours_of_contexts = zip(*map(neighbours, contexts), strict=True)
        for neighbour_weights, side in zip(self.neighbour_weights, neighbours_of_contexts, strict=False):
            logits += CONCEPTS_WEIGHT * _sums(neighbour_weights, side, mean=False)
        return logits


def sentence_bounds(text: str) -> list[int]:
    """The offset of each sentence of a text, and the offset of its end."""
    return [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]


def contexts(text: str, bounds: Sequence[int], names: Sequence[tuple[int, int]]) -> list[Context]:
    """The contexts of the names of one entity, at most one for each sentence.

    Args:
        text: the whole text.
        bounds: the result of `sentence_bounds` for the text.
        names: start and end of each name, in their order.
    """
    context_by_sentence: dict[int, Context] = {}
    for start, end in names:
        sentence = bisect.bisect_right(bounds, start) - 1
        if sentence not in context_by_sentence and len(context_by_sentence) < MAX_SENTENCES:
            # A sentence in a list may have any length: only the part that `context` reads is copied.
            left = max(bounds[sentence], start - MAX_CONTEXT_LENGTH)
            right = min(max(end, bounds[sentence + 1]), end + MAX_CONTEXT_LENGTH)
            context_by_sentence[sentence] = context(text[left:right], start - left, end - left)
    return list(context_by_sentence.values())


def towards_each(entities: Iterable[tuple[Entity, Iterable[Context]]], language: str) -> list[TargetSentiment]:
    """The sentiment towards each entity, given with its contexts.

    An entity is left out where nothing can be told: the model does not know the language or the type of the entity, or
    no context has enough words. The contexts of many entities are analysed together: NumPy takes as long for one as for
    a hundred.
    """
    targets: list[TargetSentiment] = []
    batch: list[tuple[Entity, list[Context]]] = []
    for entity, contexts_of_entity in entities if language in LANGUAGES else ():
        if entity.type not in TYPES:
            continue
        if long_enough := [each for each in contexts_of_entity if _has_enough_words(each)]:
            batch.append((entity, long_enough))
        if sum(len(batch_contexts) for _, batch_contexts in batch) >= BATCH_CONTEXTS:
            targets += _analyse_batch(batch, language)
            batch = []
    return targets + _analyse_batch(batch, language)


def _has_enough_words(context: Context) -> bool:
    words = filter(is_word, chain(*context))
    return len(list(islice(words, MIN_WORDS))) == MIN_WORDS


def _analyse_batch(batch: Sequence[tuple[Entity, list[Context]]], language: str) -> list[TargetSentiment]:
    if not batch:
        return []
    probabilities = load().probabilities([context for _, contexts in batch for context in contexts], language)
    ends = np.cumsum([len(contexts) for _, contexts in batch])
    return [
        TargetSentiment(name=entity.name, type=entity.type, **tone(of_entity.mean(axis=0)))
        for (entity, _), of_entity in zip(batch, np.split(probabilities, ends[:-1]), strict=True)
    ]


def parts(context: Context) -> tuple[list[str], list[str], list[str]]:
    """The parts of a context: all tokens, the last ones before the name, the first ones after it."""
    before, after = context
    return before + after, before[-PART_WORDS:], after[:PART_WORDS]


def neighbours(context: Context) -> tuple[list[str], list[str]]:
    """The tokens right before the name and right after it, each once."""
    before, after = context
    return sorted(set(before[-NEIGHBOURS:])), sorted(set(after[:NEIGHBOURS]))


def context(sentence: str, start: int, end: int) -> Context:
    """The tokens of a sentence before a name and after it."""
    before = sentence[max(0, start - MAX_CONTEXT_LENGTH) : start]
    return tokenize(before), tokenize(sentence[end : end + MAX_CONTEXT_LENGTH])


def _sums(table: WeightTable, part: Sequence[Sequence[str]], *, mean: bool) -> Sums:
    """The sum or the mean of the token weights of each context."""
    rows = np.repeat(np.arange(len(part)), [len(tokens) for tokens in part])
    if not len(rows):
        return np.zeros((len(part), 3))
    positions, known = table.find(hash_words([token for tokens in part for token in tokens]))
    sums = table.sums(positions, rows[known], len(part))
    if mean:
        sums /= np.maximum(np.bincount(rows[known], minlength=len(part)), 1)[:, None]
    return sums


@functools.cache
def load() -> TargetWeights:
    """Load the weights. Raises TelexError when the file cannot be read."""
    with open_model_file(FILE, "sentiment model") as arrays:
        calibration = arrays["calibration"].astype(np.float64)
        return TargetWeights(
            lexicon_weights=list(arrays["concepts"].astype(np.float64)),
            word_weights=_tables(arrays, "words"),
            neighbour_weights=_tables(arrays, "near"),
            bias=calibration[:3],
            scale=float(calibration[3]),
        )


def _tables(arrays: np.lib.npyio.NpzFile, name: str) -> list[WeightTable]:
    keys, weights, steps = arrays[f"{name}.keys"], arrays[f"{name}.weights"], arrays[f"{name}.steps"]
    return [WeightTable(keys, weights[part], float(step)) for part, step in enumerate(steps)]
