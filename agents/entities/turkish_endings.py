"""The endings of Turkish names, which stand behind an apostrophe: Ankara'da, Erdoğan'ın, BAKÜ'YE.

A mention has its ending, as in other languages with cases. The name of the entity has none.
"""

from __future__ import annotations

import re

# How the endings of cases, of the plural and of "to be" begin: 'a, 'ya, 'nın, 'da, 'ndan, 'le, 'lı, 'ca, 'ki. Kur'an
# has no ending. A single letter before the apostrophe is a word of another language: O'Neill, L'Équipe.
_ENDING = re.compile(
    r"(?<=[^\W_]{2})'"
    r"(?:[ynYN]?[aeAE]|(?:[ynsYNS]?[ıiuüIİUÜ]|[nN]?[dtDT][aeıiuüAEIİUÜ]|[yY]?[ldLD][aeıiuüAEIİUÜ]|[cçCÇ][aeAE]|[kK][iİ])"
    r"[^\W\d_]{0,12})(?![^\W_])"
)


def end_with_ending(text: str, end: int) -> int:
    """The end of a name with the ending behind it, in code points of the text; the same end if it has none."""
    ending = _ENDING.match(text, end)
    return ending.end() if ending else end


def without_ending(name: str) -> str:
    """The name without its ending."""
    apostrophe = name.rfind("'")
    return name[:apostrophe] if apostrophe > 0 and end_with_ending(name, apostrophe) == len(name) else name
