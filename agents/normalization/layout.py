"""White space of a text, and words that a line break splits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.normalization.edits import Edit

_WHITE_SPACE_RUN = re.compile(r"[ \n]{2,}|^ +| +$|\A\n|\n\Z", re.MULTILINE)
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\u2010]\n[ ]{0,20}(?=[^\W\d_])")
_WORD_BEFORE, _WORD_AFTER = re.compile(r"[^\W\d_]{1,40}$"), re.compile(r"[^\W\d_]{1,40}")
# Prefixes that keep their hyphen, and conjunctions that follow a half word: "Wirtschafts- und Finanzminister".
_PREFIXES = "anti co ex half long mid multi neo non post pre pro quasi re self semi short so sub then vice well"
_KEEPS_HYPHEN = frozenset(_PREFIXES.split())
_CONJUNCTIONS = frozenset(["and", "or", "und", "oder", "et", "ou", "e", "y", "o", "en", "of", "og", "och"])


def join_hyphenated_words(text: str) -> Iterator[Edit]:
    """Edits that join words that were split at the end of a line.

    "Wash-\\nington" is one word. The hyphen belongs to the word before a capital ("Anglo-\\nAmerican"), and where the
    text has the same word with its hyphen elsewhere. In a text in capitals the hyphen always stays:
    "ANGLO-\\nAMERICAN".
    """
    if not _HYPHENATED.search(text):
        return
    words_with_hyphen = set(re.findall(r"[^\W\d_]{1,40}-[^\W\d_]{1,40}", text))
    for match in _HYPHENATED.finditer(text):
        before = _WORD_BEFORE.search(text, max(0, match.start() - 40), match.start())
        after = _WORD_AFTER.match(text, match.end())
        if before is None or after is None:
            continue
        if after[0] in _CONJUNCTIONS:
            yield match.start(), match.end(), "- "
        elif (
            after[0][0].isupper()
            or before[0].lower() in _KEEPS_HYPHEN
            or f"{before[0]}-{after[0]}" in words_with_hyphen
        ):
            yield match.start(), match.end(), "-"
        else:
            yield match.start(), match.end(), ""


def collapse_white_space(text: str) -> Iterator[Edit]:
    """Edits that leave one space in a run, one blank line between paragraphs, and no space at the ends of a line."""
    for match in _WHITE_SPACE_RUN.finditer(text):
        line_breaks = match[0].count("\n")
        if match.start() == 0 or match.end() == len(text):
            replacement = ""
        elif line_breaks:
            replacement = "\n" * min(line_breaks, 2)
        else:
            at_line_end = text[match.start() - 1] == "\n" or text[match.end()] == "\n"
            replacement = "" if at_line_end else " "
        if replacement != match[0]:
            yield match.start(), match.end(), replacement


def has_white_space_to_collapse(text: str) -> bool:
    """Whether `collapse_white_space` changes the inside of a text."""
    return "  " in text or " \n" in text or "\n " in text or "\n\n\n" in text
