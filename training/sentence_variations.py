"""Variations of annotated sentences, so that the encoder learns from more names and from capitals."""

from __future__ import annotations

import random
from collections import defaultdict

from evaluation.data import Tagged

# Shares of the sentences whose names may be replaced, of the names in them that are replaced, and of the sentences that
# are written in capitals.
RENAMED_SENTENCES, REPLACED_NAMES, CAPITALS = 0.4, 0.6, 0.03

# The names of each kind in the sentences of a language, by the language and the kind.
Names = defaultdict[tuple[str, str], list[str]]


def variation(sentence: Tagged, language: str, names: Names, rng: random.Random) -> Tagged:
    """The sentence, at random with other names of its language, and at random in capitals."""
    if rng.random() < RENAMED_SENTENCES:
        text, copied, spans = "", 0, []
        for start, end, kind in sorted(sentence.spans):
            text += sentence.text[copied:start]
            name = rng.choice(names[language, kind]) if rng.random() < REPLACED_NAMES else sentence.text[start:end]
            spans.append((len(text), len(text) + len(name), kind))
            text, copied = text + name, end
        sentence = Tagged(text + sentence.text[copied:], frozenset(spans))
    capitals = sentence.text.upper()
    if rng.random() < CAPITALS and len(capitals) == len(sentence.text):
        sentence = Tagged(capitals, sentence.spans)
    return sentence
