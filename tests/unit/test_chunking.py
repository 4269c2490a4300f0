"""The chunks of a text: together they are the text, none is too long, and words are whole where they can be."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.entities.addresses import addresses, outside_addresses
from agents.entities.recognition.chunking import LONGEST_CHUNK, LONGEST_WORD, chunks, split_long_words
from tests.support.growth import LINEAR, growth

# Fragments of texts in which it is hard to find the place for a break.
HOSTILE = ("a", " ", "\n", "\n ", "\n\n", ". ", '."', "é!", "。", "\u3000", "a ", "😀", "(", "e\u0301")


@pytest.mark.parametrize("fragment", HOSTILE)
def test_the_chunks_of_a_hostile_text_are_the_whole_text(fragment: str) -> None:
    text = fragment * 50_000
    found = list(chunks(text))
    assert [found[0][0], found[-1][1]] == [0, len(text)]
    assert all(end == start for (_, end), (start, _) in pairwise(found))
    assert all(0 < end - start <= LONGEST_CHUNK for start, end in found)


@pytest.mark.parametrize("fragment", HOSTILE)
def test_no_part_of_a_long_word_is_too_long(fragment: str) -> None:
    parts = split_long_words(fragment * 5_000)
    assert "".join(parts) == fragment * 5_000
    assert all(len(word) <= LONGEST_WORD for part in parts for word in part.split())


@given(st.text(alphabet="aé .!\n()😀", max_size=400))
def test_the_parts_of_any_text_are_the_whole_text(text: str) -> None:
    assert "".join(split_long_words(text)) == text


@pytest.mark.parametrize("end", ["\n\n", "\n", ". ", " "])
def test_a_chunk_ends_after_a_paragraph_a_line_a_sentence_or_a_word(end: str) -> None:
    unit = "word" * 20 + end
    assert all(stop % len(unit) == 0 for _, stop in list(chunks(unit * 1_000))[:-1])


@pytest.mark.parametrize("fragment", HOSTILE)
def test_the_time_grows_in_proportion_to_the_length(fragment: str) -> None:
    read = lambda text: [split_long_words(text[start:end]) for start, end in chunks(text)]  # noqa: E731
    assert growth(read, lambda size: fragment * (size // len(fragment)), 5 * LONGEST_CHUNK) <= LINEAR


# Fragments of addresses, and whether a thousand of them are addresses.
ADDRESSES = {"@a ": True, "a@b.c ": True, "www.a ": True, "a@": False, "@": False, "a.": False, "a-": False}


@pytest.mark.parametrize("fragment", ADDRESSES)
def test_addresses_are_found_each_time(fragment: str) -> None:
    found = addresses(f"{fragment * 1_000}@ ")
    assert len(found) == (1_000 if ADDRESSES[fragment] else 0)
    assert all(end <= start for (_, end), (start, _) in pairwise(found))


@pytest.mark.parametrize("fragment", [*ADDRESSES, "http://", "mailto:", "a@b."])
def test_the_time_for_addresses_grows_in_proportion_to_the_length(fragment: str) -> None:
    assert growth(addresses, lambda size: fragment * (size // len(fragment)) + "@", 5_000) <= LINEAR


def test_the_longest_part_outside_of_addresses_stays() -> None:
    assert outside_addresses(0, 100, [(0, 10), (30, 40), (90, 100)]) == (40, 90)
    start, end = outside_addresses(0, 10, [(0, 10)])
    assert start == end
