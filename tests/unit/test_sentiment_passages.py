"""The passages and the tokens of a text, as the sentiment model reads them."""

from __future__ import annotations

from agents.sentiment.passages import FULL_PASSAGE, split_passages, tokenize


def test_sentences_end_in_every_script_and_short_ones_share_a_passage() -> None:
    long = " ".join(["word"] * FULL_PASSAGE)
    for end in (". ", "! ", "? ", "… ", "。", "। ", "؟ ", ".” ", "\n", "\r\n"):
        assert len(split_passages(f"{long}{end}{long}")) == 2, end
    assert len(split_passages("One. Two. Three. Four.")) == 1
    assert len(split_passages(f"{long}. A few.")) == 1


def test_addresses_accounts_digits_and_drawn_out_letters_look_alike() -> None:
    assert tokenize("@Ana https://a.b/c?d 2024 sooooo") == tokenize("@bob www.x.org 1999 soooooooo")
