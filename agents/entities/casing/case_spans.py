"""The parts of a text that are not in sentence case: lines in capitals, datelines, speakers and headlines."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

# A line is in capitals if it has this share of capitals among its letters, and this many words of two letters or more.
SHARE_OF_CAPITALS, LEAST_WORDS = 0.75, 3
# A line is a headline in title case if this share of its words begins with a capital, of at least this many words.
SHARE_OF_TITLES, LEAST_TITLE_WORDS = 0.8, 5
# Words of at most this many letters do not count there: many headlines write them small.
LONGEST_SMALL_WORD = 3
# A longer line, in code points, has sentences and is not a headline.
LONGEST_HEADLINE = 200

WORD = re.compile(r"[^\W\d_]+")
_LINE = re.compile(r"[^\n]+")
_SENTENCE = re.compile(r"[^\n.!?]+(?:[.!?](?!\s)[^\n.!?]+)*[.!?]*\s*")
_SENTENCE_END_INSIDE = re.compile(r"\w{3}[.!?;] ")
# Several towns, or a town of several words, before the name of an agency or a dash.
_DATELINE = re.compile(r"([^\W\d_a-z]+(?:[ /.'-]{1,2}[^\W\d_a-z]+)+)(?=[^\n]{0,40}(?:\([^)\n]{2,20}\)|\s[-–—]{1,2}\s))")
# The name of a speaker, with an office behind a comma, before a colon.
_SPEAKER = re.compile(r"([^\W\d_]+(?:[ .'-]{1,2}[^\W\d_]+)+)(?:,[^\n:]{2,60})?:(?=\s)")


class CaseKind(Enum):
    """How a part of a text is written: words in capitals, the towns of a dateline, or words with one capital each."""

    CAPITALS = 1
    TOWNS = 2
    TITLE_CASE = 3


class CaseSpan(NamedTuple):
    """A part of a text that is not in sentence case.

    Attributes:
        start, end: offsets in code points.
        kind: how it is written.
    """

    start: int
    end: int
    kind: CaseKind


def case_spans(text: str) -> list[CaseSpan]:
    """The parts of a text that are not in sentence case, in ascending order."""
    spans: list[CaseSpan] = []
    for line in _LINE.finditer(text):
        start, end = line.span()
        if _is_in_capitals(line[0]):
            spans.append(CaseSpan(start, end, CaseKind.CAPITALS))
            continue
        if towns := _DATELINE.match(text, start, end):
            spans.append(CaseSpan(start, towns.end(), CaseKind.TOWNS))
            start = towns.end()
        elif speaker := _speaker_in_capitals(text, start, end):
            spans.append(CaseSpan(start, speaker.end(), CaseKind.CAPITALS))
            start = speaker.end()
        elif _is_in_title_case(line[0]):
            spans.append(CaseSpan(start, end, CaseKind.TITLE_CASE))
            continue
        spans += [
            CaseSpan(*sentence.span(), CaseKind.CAPITALS)
            for sentence in _SENTENCE.finditer(text, start, end)
            if _is_in_capitals(sentence[0])
        ]
    return spans


def _speaker_in_capitals(text: str, start: int, end: int) -> re.Match[str] | None:
    speaker = _SPEAKER.match(text, start, end)
    return speaker if speaker and speaker[0].isupper() else None


def _is_in_capitals(line: str) -> bool:
    if line.islower() or line[1:].islower():
        return False
    capitals, letters = sum(map(str.isupper, line)), sum(map(str.isalpha, line))
    return (
        capitals >= SHARE_OF_CAPITALS * max(letters, 1)
        and sum(len(word) > 1 for word in WORD.findall(line)) >= LEAST_WORDS
    )


def _is_in_title_case(line: str) -> bool:
    """Whether a line is one phrase of words with one capital each; short words and words in capitals do not count."""
    if len(line) > LONGEST_HEADLINE or _SENTENCE_END_INSIDE.search(line):
        return False
    words = [word for word in WORD.findall(line) if len(word) > LONGEST_SMALL_WORD and not word.isupper()]
    # A headline has no full stop, and a sentence may have many names.
    share = 1.0 if line.rstrip().endswith((".", "!", "?")) else SHARE_OF_TITLES
    return len(words) >= LEAST_TITLE_WORDS and sum(word[0].isupper() for word in words) >= share * len(words)
