"""Separates a text from its quotations: a report in one language may quote people in another."""

from __future__ import annotations

import re

# A shorter quotation is a name or an exclamation. A longer one has no closing mark, or is the text itself.
_QUOTATION = re.compile(
    '"([^"]{30,800})"|“([^“”]{30,800})”|«([^«»]{30,800})»|„([^„“”]{30,800})[“”]|「([^「」]{15,800})」'
)


def split_quotations(text: str) -> tuple[str, str]:
    """The text without its quotations, and its quotations, one a line."""
    quotations = [match[match.lastindex or 0] for match in _QUOTATION.finditer(text)]
    return (_QUOTATION.sub(" ", text), "\n".join(quotations)) if quotations else (text, "")
