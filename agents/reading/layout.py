"""Runs of spaces, and words that a line break parts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.reading.layer import Edit

_RUN = re.compile(r"[ \n]{2,}|^ +| +$|\A\n|\n\Z", re.MULTILINE)
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\u2010]\n[ ]{0,20}(?=[^\W\d_])")
_WORD_BEFORE, _WORD_BEHIND = re.compile(r"[^\W\d_]{1,40}$"), re.compile(r"[^\W\d_]{1,40}")
# Words that are written with a hyphen behind them, and those that follow a half word: "Wirtschafts- und Finanzminister".
_WITH_HYPHEN = frozenset(
    [
        "anti",
        "co",
        "ex",
        "half",
        "long",
        "mid",
        "multi",
        "neo",
        "non",
        "post",
        "pre",
        "pro",
        "quasi",
        "re",
        "self",
        "semi",
        "short",
        "so",
        "sub",
        "then",
        "vice",
        "well",
    ]
)
_CONJUNCTIONS = frozenset(["and", "or", "und", "oder", "et", "ou", "e", "y", "o", "en", "of", "og", "och"])


def hyphenated(text: str) -> Iterator[Edit]:
    """Words that were broken at the end of a line.

    "Wash-\\nington" is one word. Before a capital, or where the text has the word with its hyphen elsewhere, the hyphen is a part of it:
    "Anglo-\\nAmerican". So it is in capitals, where nothing tells: "ANGLO-\\nAMERICAN".
    """
    if not _HYPHENATED.search(text):
        return
    written = set(re.findall(r"[^\W\d_]{1,40}-[^\W\d_]{1,40}", text))
    for match in _HYPHENATED.finditer(text):
        before, behind = (
            _WORD_BEFORE.search(text, max(0, match.start() - 40), match.start()),
            _WORD_BEHIND.match(text, match.end()),
        )
        if before is None or behind is None:
            continue
        if behind[0] in _CONJUNCTIONS:
            yield match.start(), match.end(), "- "
        elif behind[0][0].isupper() or before[0].lower() in _WITH_HYPHEN or f"{before[0]}-{behind[0]}" in written:
            yield match.start(), match.end(), "-"
        else:
            yield match.start(), match.end(), ""


def collapsed(text: str) -> Iterator[Edit]:
    """Runs of spaces as one, a blank line between paragraphs, nothing at both ends of a line."""
    for match in _RUN.finditer(text):
        at_edge = match.start() == 0 or match.end() == len(text)
        breaks = match[0].count("\n")
        instead = "" if at_edge else "\n" * min(breaks, 2) if breaks else " "
        if not breaks and (
            text[match.start() - 1 : match.start()] == "\n" or text[match.end() : match.end() + 1] == "\n"
        ):
            instead = ""
        if instead != match[0]:
            yield match.start(), match.end(), instead


def spaced(text: str) -> bool:
    """Whether any white space is to be collapsed."""
    return "  " in text or " \n" in text or "\n " in text or "\n\n\n" in text
