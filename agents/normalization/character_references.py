"""Character references of HTML: named, decimal and hexadecimal."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.entities import html5

from agents.normalization.edits import Edit

# No name in HTML is longer than 31 letters, no code point is longer than 7 digits; leading zeros are allowed.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,10};?|#[xX][0-9a-fA-F]{1,10};?|([a-zA-Z][a-zA-Z0-9]{1,30})(;?))")


def decode_references(text: str) -> Iterator[Edit]:
    """Edits that replace each reference with its character.

    HTML allows a hundred old names without a semicolon. A browser decodes such a name even inside a word ("R&region" as
    "R®ion"). Here the name must be the whole word, because a plain text may have an ampersand between two words.
    """
    for match in _REFERENCE.finditer(text):
        name, semicolon = match[1], match[2]
        if name and f"{name}{semicolon}" not in html5:
            continue
        if (character := html.unescape(match[0])) != match[0]:
            yield match.start(), match.end(), character
