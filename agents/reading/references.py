"""Character references of HTML: named, decimal and hexadecimal."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.entities import html5

from agents.reading.layer import Edit

# No name of HTML is longer than 31 letters, no code point longer than 7 digits; leading zeros are allowed.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,10};?|#[xX][0-9a-fA-F]{1,10};?|([a-zA-Z][a-zA-Z0-9]{1,30})(;?))")


def decoded(text: str) -> Iterator[Edit]:
    """The references in a text with the characters that they stand for.

    Without its semicolon HTML allows a hundred old names. A browser reads these even inside a word ("R&region" as "R®ion");
    here the name must be the whole word, as a plain text may have an ampersand between two words.
    """
    for match in _REFERENCE.finditer(text):
        name, semicolon = match[1], match[2]
        if name and f"{name}{semicolon}" not in html5:
            continue
        if (character := html.unescape(match[0])) != match[0]:
            yield match.start(), match.end(), character
