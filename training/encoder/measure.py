"""What the network in training knows: F1 of names and of sentiment on the development texts."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from agents.encoder.decoding import names
from agents.encoder.tokenizer import Tokenizer
from evaluation.data import Opinion, Target
from evaluation.entities import of_types
from training.encoder.batches import Example, Task, batch, example_of_names, example_towards
from training.encoder.network import Network
from training.encoder.texts import Source

# Sentences of each source, texts of each language, and targets that are measured while the training goes on.
SENTENCES, OPINIONS, TARGETS = 200, 100, 300
TOGETHER = 32


def figures(
    network: Network,
    tokenizer: Tokenizer,
    sources: Sequence[Source],
    opinions: Sequence[Opinion],
    targets: Sequence[Target],
) -> dict[str, Any]:
    """The micro-F1 of names of each source, and the macro-F1 of sentiment."""
    with torch.inference_mode():
        of_names = {source.name: round(_f1_of_names(network, tokenizer, source), 3) for source in sources}
        groups: defaultdict[str, list[Opinion]] = defaultdict(list)
        for opinion in opinions:
            groups[opinion.group.rpartition(" ")[0] or "news"].append(opinion)
        of_sentiment = {}
        for name, group in groups.items():
            group = random.Random(1).sample(group, min(OPINIONS, len(group)))  # noqa: S311 (repeatable, not secret)
            pieces = tokenizer.read([each.text for each in group])
            examples = [
                Example(each.ids[:254], [opinion.label], [True] * len(each.ids[:254]), True)
                for each, opinion in zip(pieces, group, strict=False)
            ]
            of_sentiment[name] = round(_macro_f1(network, "sentiment", examples), 3)
        pieces = tokenizer.read([each.text for each in targets[:TARGETS]])
        examples = [example_towards(target, each) for target, each in zip(targets, pieces, strict=False)]
        towards = round(_macro_f1(network, "towards", examples), 3)
    mean = round(sum(of_names.values()) / len(of_names), 4)
    return {"mean": mean, "names": of_names, "sentiment": of_sentiment, "towards": towards}


def _f1_of_names(network: Network, tokenizer: Tokenizer, source: Source) -> float:
    sentences = source.sentences[:SENTENCES]
    pieces = tokenizer.read([sentence.text for sentence in sentences])
    right = found = labelled = 0
    for first in range(0, len(sentences), TOGETHER):
        examples = [
            example_of_names(sentence, each, has_misc=True)
            for sentence, each in zip(
                sentences[first : first + TOGETHER], pieces[first : first + TOGETHER], strict=True
            )
        ]
        made = batch("names", examples)
        scores = functional.log_softmax(network.names(network.states(made.ids, made.mask)), -1).numpy()
        for row, example in enumerate(examples):
            sentence, own = sentences[first + row], pieces[first + row]
            length = len(example.ids)
            cut = own._replace(
                ids=own.ids[:length], starts=own.starts[:length], ends=own.ends[:length], inside=own.inside[:length]
            )
            given = of_types(
                frozenset((name.start, name.end, name.kind) for name in names(scores[row, 1 : 1 + length], cut))
            )
            gold = of_types(sentence.spans)
            right, found, labelled = right + len(given & gold), found + len(given), labelled + len(gold)
    return 2 * right / max(found + labelled, 1)


def _macro_f1(network: Network, task: Task, examples: Sequence[Example]) -> float:
    given, gold = [], [example.labels[0] for example in examples]
    head = network.sentiment if task == "sentiment" else network.towards
    for first in range(0, len(examples), TOGETHER):
        made = batch(task, examples[first : first + TOGETHER])
        states = network.states(made.ids, made.mask)
        given += head(network.mean(states, made.chosen)).argmax(-1).tolist()
    answers, labels = np.array(given), np.array(gold)
    scores = []
    for label in sorted(set(gold)):
        right = int(((answers == label) & (labels == label)).sum())
        scores.append(2 * right / max(int((answers == label).sum()) + int((labels == label).sum()), 1))
    return float(np.mean(scores))
