"""A text apart from what it quotes: a report is in the language of its reporter, whoever is quoted in another."""

from __future__ import annotations

import re

# A shorter quotation is a name or a cry. A longer one has no end, or is the text itself.
_QUOTED = re.compile('"([^"]{30,800})"|“([^“”]{30,800})”|«([^«»]{30,800})»|„([^„“”]{30,800})[“”]|「([^「」]{15,800})」')


def apart(text: str) -> tuple[str, str]:
    """What the text says itself, and what it quotes."""
    quoted = [match[match.lastindex or 0] for match in _QUOTED.finditer(text)]
    return (_QUOTED.sub(" ", text), "\n".join(quoted)) if quoted else (text, "")
