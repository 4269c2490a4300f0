"""Cuts a text into the pieces that the encoder reads, with the place of each piece in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tokenizers import Encoding, models, normalizers, pre_tokenizers
from tokenizers import Tokenizer as Unigram

# Scripts that write no spaces between words, or glue endings to names (Hangul): a name may begin and end at any piece.
# The ranges are those of Unicode's blocks.
_ANYWHERE = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul jamo
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x9FFF),  # Han, kana, bopomofo, compatibility jamo
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width kana
    (0x20000, 0x3FFFF),
)

# Half of a character of UTF-16, which JSON can hold and UTF-8 cannot.
_SURROGATE = re.compile("[\ud800-\udfff]")


class Pieces(NamedTuple):
    """The pieces of a text.

    Attributes:
        ids: the number of each piece in the vocabulary.
        starts: where each piece starts, in code points, without a space before it.
        ends: where each piece ends. An empty piece is a space.
        inside: whether a piece continues the word of the piece before it.
    """

    ids: list[int]
    starts: list[int]
    ends: list[int]
    inside: list[bool]

    def first(self, count: int) -> Pieces:
        """The first pieces."""
        return Pieces(self.ids[:count], self.starts[:count], self.ends[:count], self.inside[:count])

    def chosen(self, numbers: Sequence[int]) -> Pieces:
        """The pieces of these numbers."""
        return Pieces(
            [self.ids[number] for number in numbers],
            [self.starts[number] for number in numbers],
            [self.ends[number] for number in numbers],
            [self.inside[number] for number in numbers],
        )


class Tokenizer:
    """A unigram tokenizer (https://aclanthology.org/P18-1007/) with NFKC, as XLM-RoBERTa has.

    Args:
        pieces: each with its log-probability. The first four are the beginning of a text, the padding, its end, and the
            unknown piece.
    """

    BEGIN, PADDING, END, UNKNOWN = range(4)

    def __init__(self, pieces: Iterable[tuple[str, float]]) -> None:
        scored = list(pieces)
        self._scores = [score for _, score in scored]
        self._unigram = Unigram(models.Unigram(scored, self.UNKNOWN))
        self._unigram.normalizer = normalizers.NFKC()
        self._unigram.pre_tokenizer = pre_tokenizers.Metaspace()

    def read(self, texts: Sequence[str]) -> list[Pieces]:
        """The pieces of each text."""
        # `encode_batch` starts threads, and a process with threads cannot be copied.
        encodings = map(self._encode, texts)
        return [_pieces(text, encoding.ids, encoding.offsets) for text, encoding in zip(texts, encodings, strict=True)]

    def likelihood(self, word: str) -> tuple[float, int]:
        """The log-probability of a word in the texts of all languages, and the number of its pieces."""
        ids = self._encode(word).ids
        return sum(self._scores[number] for number in ids), len(ids)

    def _encode(self, text: str) -> Encoding:
        return self._unigram.encode(_SURROGATE.sub("\ufffd", text), add_special_tokens=False)


def _pieces(text: str, ids: list[int], offsets: Sequence[tuple[int, int]]) -> Pieces:
    starts, ends, inside = [], [], []
    last_end = -1
    for start, end in offsets:
        while start < end and text[start].isspace():
            start += 1
        starts.append(start)
        ends.append(end)
        inside.append(start == last_end and start < end and _in_word(text[start - 1]) and _in_word(text[start]))
        last_end = end
    return Pieces(ids, starts, ends, inside)


def _in_word(character: str) -> bool:
    """Whether a character belongs to a word between spaces or punctuation."""
    if not (character.isalnum() or _is_mark(character)):
        return False
    code = ord(character)
    return code < _ANYWHERE[0][0] or not any(first <= code <= last for first, last in _ANYWHERE)


def _is_mark(character: str) -> bool:
    # Marks of Indic scripts, Arabic and Hebrew are neither letters nor digits, and stand inside of words.
    return unicodedata.category(character).startswith("M")
