"""The signs that words consist of, in every script."""

from __future__ import annotations

# Signs of vowels in Devanagari and Thai. They stand inside words, and `\w` of `re` does not match them.
_VOWEL_SIGNS = "\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
# The pattern of a word, of letters and digits.
WORD = rf"(?:[^\W_]|[{_VOWEL_SIGNS}])+"
