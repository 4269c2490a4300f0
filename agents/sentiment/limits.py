"""How much of an article the sentiment stage reads, and how much it needs."""

from __future__ import annotations

# Code points of a title and of a text that are read. The mean over 20,000 (some 3,000 words) hardly changes with more,
# and the limit bounds the time for an article of any length.
TITLE_LENGTH, TEXT_LENGTH = 500, 20_000
# A single word is mostly a name. It is enough only if the lexicon has it: "grazie!". Two words are analysed as rightly
# as a hundred.
MIN_WORDS = 2
# The title has at most this weight against the weight of the text: a headline attracts readers, and the text reports
# the facts.
MAX_TITLE_WEIGHT = 0.5
