"""The passages and the tokens of a text, as the sentiment model reads them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.sentiment import target
from agents.sentiment.lexicon import lexicon
from agents.sentiment.passages import FULL_PASSAGE, split_passages, tokenize
from agents.sentiment.rises_and_falls import changes_for_the_better
from tests.support.growth import LINEAR, growth


def test_sentences_end_in_every_script_and_short_ones_share_a_passage() -> None:
    long = " ".join(["word"] * FULL_PASSAGE)
    for end in (". ", "! ", "? ", "… ", "。", "। ", "؟ ", ".” ", "\n", "\r\n"):
        assert len(split_passages(f"{long}{end}{long}")) == 2, end
    assert len(split_passages("One. Two. Three. Four.")) == 1
    assert len(split_passages(f"{long}. A few.")) == 1


def test_all_addresses_accounts_digits_and_drawn_out_letters_have_the_same_tokens() -> None:
    assert tokenize("@Ana https://a.b/c?d 2024 sooooo") == tokenize("@bob www.x.org 1999 soooooooo")


HOSTILE = (
    "word ",
    "a",
    "Good. ",
    "!",
    "http://",
    "www.",
    "@a",
    "\r\n",
    "aaaa",
    ":)",
    "<3",
    "n't ",
    '. "',
    ".a)",
    "e\u0301",
)


@pytest.mark.parametrize("fragment", HOSTILE)
def test_the_passages_of_a_hostile_text_have_all_its_tokens(fragment: str) -> None:
    text = fragment * 1_000 + " end"
    tokens = [token for passage in split_passages(text) for token in passage.tokens]
    assert tokens == [token for sentence in text.splitlines() for token in tokenize(sentence)]


@pytest.mark.parametrize("fragment", HOSTILE)
@pytest.mark.parametrize("split", [split_passages, target.sentence_bounds], ids=["passages", "sentences"])
def test_the_time_grows_in_proportion_to_the_length(fragment: str, split: Callable[[str], object]) -> None:
    assert growth(split, lambda size: fragment * (size // len(fragment)), 5_000) <= LINEAR


def test_a_negation_turns_the_next_words_of_the_lexicon_only() -> None:
    english = lexicon("en")
    good, turned = (english.concepts_in(["not"] * count + ["good"] * 1_000) for count in (0, 500))
    assert [concept - plain for concept, plain in zip(turned, good, strict=True)] == [len(english.names)] * 3 + [
        0
    ] * 997


@pytest.mark.parametrize("token", ["good", "not", "a" * 1_000, "#good", ":)"])
def test_the_time_of_the_lexicon_grows_in_proportion_to_the_number_of_tokens(token: str) -> None:
    assert growth(lexicon("en").concepts_in, lambda number: [token] * number, 1_000) <= LINEAR


@pytest.mark.parametrize(
    "words", ["profits rise ", "unemployment fell, ", "shares ", "rise ", "not rise ", "stieg ", "legte "]
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_time_of_rises_and_falls_grows_in_proportion_to_the_length(words: str, language: str) -> None:
    changes = lambda text: list(changes_for_the_better(text, language))  # noqa: E731
    assert growth(changes, lambda size: words * (size // len(words)), 5_000) <= LINEAR


def test_a_hundred_rises_of_profits_are_good_each() -> None:
    assert [*changes_for_the_better("profits rise and " * 100, "en")] == [True] * 100


def test_the_time_for_the_contexts_of_a_name_grows_in_proportion_to_the_number_of_its_mentions() -> None:
    def contexts(text: str) -> None:
        target.contexts(
            text,
            target.sentence_bounds(text),
            [(start, start + 4) for start in range(0, len(text), len("Name said. "))],
        )

    assert growth(contexts, lambda number: "Name said. " * number, 1_000) <= LINEAR
    assert growth(contexts, lambda number: "Name said, " * number, 1_000) <= LINEAR
