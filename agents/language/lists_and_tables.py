"""Recognises texts that are not sentences: lists of names, tables, and headings over them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from agents.language.cleaning import CleanedText
from agents.language.shared_scripts import hiragana_share

SCRIPTS_WITH_CAPITALS = {"Latin", "Greek", "Cyrillic", "Armenian", "Georgian"}
# In a list of names nearly every word has a capital, and a comma or a new line follows after at most so many words. In
# a text in capitals a capital means nothing, so a list needs shorter items.
MIN_CAPITALIZED_SHARE, MAX_WORDS_PER_ITEM, MAX_WORDS_PER_ITEM_IN_CAPITALS = 0.8, 2.8, 1.8
# In a script without capitals a list has at least so many items of at most so many letters. Chinese names have three or
# four characters.
MIN_ITEMS, MAX_LETTERS_PER_ITEM, MAX_LETTERS_PER_ITEM_IN_HAN = 3, 14, 10
# Japanese writes particles and endings in hiragana, and names without any hiragana or in hiragana alone. A text with a
# share between these two is a sentence.
MIN_HIRAGANA, MAX_HIRAGANA = 0.2, 0.8
# So many lowercase words in a row are a clause, even after names: "…, Thomas Piketty and Joseph Stiglitz took part in
# the debate".
WORDS_OF_A_CLAUSE = 3
# Words and numbers in a row of a table, at most.
MAX_WORDS_PER_ROW = 10


def is_list_of_names(cleaned: CleanedText) -> bool:
    """Whether a text is a list of names."""
    items, words = cleaned.item_count, cleaned.words
    if cleaned.script not in SCRIPTS_WITH_CAPITALS:
        max_letters = MAX_LETTERS_PER_ITEM_IN_HAN if cleaned.script == "Han" else MAX_LETTERS_PER_ITEM
        has_short_items = items >= MIN_ITEMS and cleaned.weighted_letters <= max_letters * items
        return has_short_items and not MIN_HIRAGANA < hiragana_share("".join(words)) < MAX_HIRAGANA
    capitalized = sum(word[0].isupper() for word in words)
    if len(words) > MAX_WORDS_PER_ITEM * items or capitalized < MIN_CAPITALIZED_SHARE * len(words):
        return False
    return len(words) <= MAX_WORDS_PER_ITEM_IN_CAPITALS * items or not all(word.isupper() for word in words)


def is_table(text: str) -> bool:
    """Whether every line has a number and few words: results, prices, places in a ranking."""
    rows = [line for line in text.splitlines() if line.strip()]
    return all(any(map(str.isdigit, row)) and len(row.split()) <= MAX_WORDS_PER_ROW for row in rows)


def has_clause(words: Sequence[str]) -> bool:
    """Whether more lowercase words stand in a row than a name can have."""
    runs = groupby(words, lambda word: word[0].islower())
    return any(is_lower and sum(1 for _ in run) >= WORDS_OF_A_CLAUSE for is_lower, run in runs)


def split_heading(text: str) -> tuple[str, str]:
    """The parts before and after the first line end; in a text of one line, before and after the first colon."""
    text = text.strip()
    heading, _, rest = text.partition("\n" if "\n" in text else ":")
    return heading.rstrip(" :"), rest.strip()
