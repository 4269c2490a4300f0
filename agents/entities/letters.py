"""The pattern of a word in a name."""

from __future__ import annotations

# Signs of vowels in the scripts of the measured languages that have them: Devanagari and Thai. They stand inside words,
# and `\w` of `re` does not match them. In other scripts such a sign ends a word: the keys in the file of the places are
# made of these words.
_VOWEL_SIGNS = "\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
# Letters and digits, with these signs. Filters know the marks of all scripts (`streams.records.filters.words`).
WORD = rf"(?:[^\W_]|[{_VOWEL_SIGNS}])+"
