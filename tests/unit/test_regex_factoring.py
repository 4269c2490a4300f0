"""Factored patterns match exactly the same words as the original patterns."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.lang.char_classes import ALPHA, ALPHA_LOWER
from spacy.lang.fr import tokenizer_exceptions

from agents.entities.recognition.regex_factoring import LONG_PATTERN, factor, fast_alternations

# mypy takes the bound method of the pattern for a function.
FRENCH: re.Pattern[str] = tokenizer_exceptions.TOKEN_MATCH.__self__  # type: ignore[attr-defined]
SEEDS = Path(__file__).parents[2] / "seeds"
# Beginnings, middles and ends of words that the pattern has.
PARTS = st.sampled_from(
    [
        "sous",
        "entr",
        "r",
        "week",
        "end",
        "a",
        "é",
        "États",
        "les",
        "saint",
        "l'",
        "’",
        "'",
        "-",
        "–",
        "premier",
        "ministr",
        "1",
        " ",
    ]
)


def test_the_french_pattern_matches_the_same_tokens() -> None:
    quick = re.compile(factor(FRENCH.pattern))
    words = {word for path in SEEDS.glob("*.txt") for word in path.read_text().split()}
    words |= {
        "sous-marin",
        "entr’aide",
        "arc-en-ciel",
        "Saint-Denis",
        "pet-en-l'air",
        "premier-ministre",
        "week-end",
        "la-",
        "-la",
        "x-y",
    }
    agreed = {word for word in words if FRENCH.match(word)}
    assert len(agreed) > 8
    assert {word for word in words if quick.match(word)} == agreed

    @given(st.lists(PARTS, max_size=5).map("".join) | st.text("aé-'’lrsou", max_size=9))
    def matches_the_same(token: str) -> None:
        assert bool(quick.match(token)) == bool(FRENCH.match(token)), token

    matches_the_same()


def test_the_class_of_letters_remains_a_few_times_only() -> None:
    def copies(pattern: str) -> int:
        return pattern.count(ALPHA) + pattern.count(ALPHA_LOWER)

    assert copies(FRENCH.pattern) > 200
    assert copies(factor(FRENCH.pattern)) < 20


@pytest.mark.parametrize("pattern", ["", "a|b", "(?:^a$)|b", "(?i)x+", "(?:a)|(?:b)"])
def test_another_pattern_stays_as_it_is(pattern: str) -> None:
    assert factor(pattern) == pattern


def test_groups_inside_an_alternative_stay_together() -> None:
    letters = f"[{ALPHA_LOWER}]"
    pattern = f"(?i)(?:^(?:re)?do-{letters}+$)|(?:^by-{letters}+$)|(?:^x$)|(?:^{letters}+-la-{letters}+$)|(?:^{letters}+-en-{letters}+$)"
    quick = re.compile(factor(pattern))
    for token in ("redo-a", "do-a", "by-A", "x", "a-la-b", "a-en-b", "by-", "rex", "a-la-", "do", "xx", "-la-b"):
        assert bool(quick.match(token)) == bool(re.match(pattern, token)), token


def test_the_module_re_is_restored() -> None:
    before = re.compile
    with fast_alternations():
        assert re.compile is not before
        assert re.compile("a|b", re.IGNORECASE).match("A")
    assert re.compile is before


def test_the_model_is_loaded_without_the_long_pattern() -> None:
    """The test starts a process, because this one has compiled the pattern."""
    program = f"""
import re
from agents.entities.recognition.ner import FAST
from agents.entities.recognition.spacy_model import SpacyModel
model = SpacyModel(FAST["fr"])
assert len(model.pipeline.tokenizer.token_match.__self__.pattern) < {LONG_PATTERN}
assert model.spans(["Le sous-préfet Jean Dupont était à Saint-Denis."], "fr")[0]
"""
    subprocess.run([sys.executable, "-c", program], check=True)
