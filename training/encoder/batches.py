"""Batches for the three tasks of the encoder: texts of about the same length, cut into pieces."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from agents.encoder.tokenizer import Pieces, Tokenizer
from evaluation.data import Opinion, Tagged, Target
from training.encoder.network import TAGS
from training.encoder.texts import Source, cycle, rewritten, running
from training.sentence_variations import Names, variation

# Pieces of a batch, with its padding, and of the longest text.
BATCH_PIECES, LONGEST = 2048, 254
# Batches that are filled at the same time, so that each has texts of about the same length.
SORTED_TOGETHER = 12
# A language with four times the sentences is read twice as often.
POWER = 0.5
# Code points of the texts with names: one sentence, or sentences that follow each other.
CHARACTERS = (1, 1, 200, 400, 700)

Task = Literal["names", "sentiment", "towards"]


class Batch(NamedTuple):
    """Texts of one task.

    Attributes:
        task: what there is to learn.
        ids: texts x pieces, each text between the beginning and the end piece.
        mask: texts x pieces, true where there is a piece.
        labels: of names, texts x pieces, a number of TAGS or -1; else the sentiment of each text.
        chosen: texts x pieces: the pieces of the whole text, or of the name towards which the sentiment is.
        without_misc: for each text, whether its source labels no other names.
    """

    task: Task
    ids: Tensor
    mask: Tensor
    labels: Tensor
    chosen: Tensor
    without_misc: Tensor


class Example(NamedTuple):
    """One text: its pieces, and the labels of each piece or of the text."""

    ids: list[int]
    labels: list[int]
    chosen: list[bool]
    has_misc: bool


def tags_of(sentence: Tagged, pieces: Pieces) -> list[int]:
    """The tag of each piece. A piece belongs to a name when it overlaps with it."""
    tags = [0] * len(pieces.ids)
    at = 0
    for start, end, kind in sorted(sentence.spans):
        if f"B-{kind}" not in TAGS:
            continue
        while at < len(tags) and pieces.ends[at] <= start:
            at += 1
        first = at
        while at < len(tags) and pieces.starts[at] < end:
            if pieces.starts[at] < pieces.ends[at]:
                tags[at] = TAGS.index(f"{'B' if at == first else 'I'}-{kind}")
            at += 1
    return tags


class Reader:
    """Makes examples and batches.

    Args:
        tokenizer: with the kept pieces.
        sources: the texts with names.
        opinions: the texts with a sentiment.
        targets: the names with the sentiment towards them.
        dice: decides everything that is left to chance.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        sources: Sequence[Source],
        opinions: Sequence[Opinion],
        targets: Sequence[Target],
        dice: random.Random,
    ) -> None:
        self._tokenizer, self._sources, self._dice = tokenizer, list(sources), dice
        self._weights = [len(source.sentences) ** POWER for source in sources]
        self._names: Names = defaultdict(list)
        for source in sources:
            for sentence in source.sentences:
                for start, end, kind in sentence.spans:
                    self._names[source.language, kind].append(sentence.text[start:end])
        self._opinions, self._targets = _by_language(opinions, dice), cycle(targets, dice)

    def batches(self, task: Task) -> Iterator[Batch]:
        """Batches without an end."""
        make = {"names": self._of_names, "sentiment": self._of_sentiment, "towards": self._towards}[task]
        waiting: list[Example] = []
        while True:
            while sum(len(example.ids) for example in waiting) < SORTED_TOGETHER * BATCH_PIECES:
                waiting += make(64)
            waiting.sort(key=lambda example: len(example.ids))
            made = list(_cut(waiting))
            waiting = []
            for examples in self._dice.sample(made, len(made)):
                yield batch(task, examples)

    def _of_names(self, count: int) -> list[Example]:
        chosen = self._dice.choices(self._sources, self._weights, k=count)
        texts = []
        for source in chosen:
            sentence = running(source, self._dice.choice(CHARACTERS), self._dice)
            texts.append(rewritten(variation(sentence, source.language, self._names, self._dice), self._dice))
        return [
            example_of_names(text, pieces, has_misc=source.has_misc)
            for source, text, pieces in zip(
                chosen, texts, self._tokenizer.read([each.text for each in texts]), strict=True
            )
        ]

    def _of_sentiment(self, count: int) -> list[Example]:
        opinions = [next(self._opinions) for _ in range(count)]
        return [
            Example(pieces.ids[:LONGEST], [opinion.label], [True] * len(pieces.ids[:LONGEST]), True)
            for opinion, pieces in zip(opinions, self._tokenizer.read([each.text for each in opinions]), strict=True)
        ]

    def _towards(self, count: int) -> list[Example]:
        targets = [next(self._targets) for _ in range(count)]
        return [
            example_towards(target, pieces)
            for target, pieces in zip(targets, self._tokenizer.read([each.text for each in targets]), strict=True)
        ]


def example_of_names(sentence: Tagged, pieces: Pieces, *, has_misc: bool) -> Example:
    """The pieces of a sentence with their tags."""
    return Example(pieces.ids[:LONGEST], tags_of(sentence, pieces)[:LONGEST], [], has_misc)


def example_towards(target: Target, pieces: Pieces) -> Example:
    """The pieces of a sentence; those of the name are chosen."""
    chosen = [start < target.end and end > target.start for start, end in zip(pieces.starts, pieces.ends, strict=True)]
    first = max(0, (chosen.index(True) if True in chosen else 0) - LONGEST // 2)
    return Example(pieces.ids[first : first + LONGEST], [target.label], chosen[first : first + LONGEST], True)


def batch(task: Task, examples: Sequence[Example]) -> Batch:
    """One batch of these examples."""
    length = max(len(example.ids) for example in examples) + 2
    ids = torch.full((len(examples), length), Tokenizer.PADDING)
    labels = torch.full((len(examples), length), -1)
    chosen = torch.zeros((len(examples), length), dtype=torch.bool)
    ids[:, 0] = Tokenizer.BEGIN
    for row, example in enumerate(examples):
        behind = 1 + len(example.ids)
        ids[row, 1:behind] = torch.tensor(example.ids, dtype=torch.long)
        ids[row, behind] = Tokenizer.END
        if task == "names":
            labels[row, 1:behind] = torch.tensor(example.labels, dtype=torch.long)
        else:
            chosen[row, 1:behind] = torch.tensor(example.chosen, dtype=torch.bool)
    return Batch(
        task,
        ids,
        ids != Tokenizer.PADDING,
        labels if task == "names" else torch.tensor([example.labels[0] for example in examples]),
        chosen,
        torch.tensor([not example.has_misc for example in examples]),
    )


def _cut(examples: Sequence[Example]) -> Iterator[list[Example]]:
    """The examples, which are sorted by length, in batches of at most BATCH_PIECES with padding."""
    begun: list[Example] = []
    for example in examples:
        if begun and (len(begun) + 1) * (len(example.ids) + 2) > BATCH_PIECES:
            yield begun
            begun = []
        begun.append(example)
    if begun:
        yield begun


def _by_language(opinions: Sequence[Opinion], dice: random.Random) -> Iterator[Opinion]:
    """The opinions without an end, each source as often as the root of its size."""
    groups: defaultdict[str, list[Opinion]] = defaultdict(list)
    for opinion in opinions:
        groups[opinion.group.rpartition(" ")[0]].append(opinion)
    streams = [cycle(group, dice) for group in groups.values()]
    weights = [len(group) ** POWER for group in groups.values()]
    while True:
        (stream,) = dice.choices(streams, weights)
        yield next(stream)
