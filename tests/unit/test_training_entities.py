"""The sentences that the encoder learns names from are varied: with other names, and in capitals."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from evaluation.data import Tagged
from training.sentence_variations import CAPITALS, Names, variation

SENTENCE = Tagged("I går mødte Mette Danmark i Oslo.", frozenset({(12, 17, "PER"), (18, 25, "ORG"), (28, 32, "LOC")}))
NAMES: Names = defaultdict(
    list, {("da", "PER"): ["Ole", "Anne-Marie"], ("da", "ORG"): ["DSB", "Novo Nordisk"], ("da", "LOC"): ["Århus"]}
)


def _variations(sentence: Tagged, number: int = 400) -> list[Tagged]:
    rng = random.Random(1)
    return [variation(sentence, "da", NAMES, rng) for _ in range(number)]


def test_the_spans_of_a_variation_are_its_names() -> None:
    allowed = {
        "PER": {"Mette", "Ole", "Anne-Marie"},
        "ORG": {"Danmark", "DSB", "Novo Nordisk"},
        "LOC": {"Oslo", "Århus"},
    }
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for varied in _variations(SENTENCE):
        assert [kind for _, _, kind in sorted(varied.spans)] == ["PER", "ORG", "LOC"]
        for start, end, kind in varied.spans:
            name = varied.text[start:end]
            if not varied.text.isupper():
                assert name in allowed[kind]
                seen[kind].add(name)
    assert seen == allowed


def test_a_variation_keeps_the_words_between_the_names() -> None:
    for varied in _variations(SENTENCE):
        between, copied = "", 0
        for start, end, _ in sorted(varied.spans):
            between += varied.text[copied:start] + "_"
            copied = end
        assert (between + varied.text[copied:]).casefold() == "i går mødte _ _ i _."


def test_a_few_sentences_are_in_capitals_with_the_same_spans() -> None:
    bare = Tagged("Ole kom hjem.", frozenset())
    capitals = [varied for varied in _variations(bare, 20_000) if varied != bare]
    assert set(capitals) == {Tagged("OLE KOM HJEM.", frozenset())}
    assert len(capitals) == pytest.approx(20_000 * CAPITALS, rel=0.2)


def test_a_sentence_whose_capitals_are_longer_is_never_in_capitals() -> None:
    longer = Tagged("Die Straße ist breit.", frozenset())  # its capitals have SS
    assert set(_variations(longer)) == {longer}


def test_the_same_seed_gives_the_same_variations() -> None:
    assert _variations(SENTENCE) == _variations(SENTENCE)
