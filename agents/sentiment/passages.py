"""What of an article the sentiment model reads: its sentences, in passages of words that are written alike."""

from __future__ import annotations

import re
import unicodedata

# How much of a title and of a text is read, in code points. The mean over 20,000 (some 3,000 words) hardly moves with more, and
# it is what bounds the time that an article of any length takes.
TITLE, TEXT = 500, 20_000
# Sentences are put together until they have so many words: the model has learnt from tweets (15 words) and sentences of news (30).
# Each sentence alone costs 0.015 of macro-F1 on the tweets, in the mean of seven languages.
ENOUGH = 20
# A last passage with fewer words than this joins the one before it.
FEW = 8

_END = re.compile(r"(?<=[.!?…。।؟])[\"'»”’)\]]{0,3}\s+|(?<=[。।؟])|[\r\n\u2028\u2029]+")
_ADDRESS = re.compile(r"https?://\S{1,2000}|www\.\S{1,2000}|\bhttp\b")
_ACCOUNT = re.compile(r"@\w+")
_DIGIT = re.compile(r"\d")
_DRAWN_OUT = re.compile(r"(.)\1{3,}", re.DOTALL)
_TOKEN = re.compile(r"[:;=]-?[)(dp]+|<3+|[@#]?\w+|[!-/:-@\[-`{-~]+|[^\w\s]")
# Arabic is written with or without these: vowel signs, the lengthening stroke, the seats of hamza. U+FE0F only says how an emoji looks.
_LETTERS = str.maketrans(
    dict.fromkeys([*map(chr, range(0x64B, 0x660)), "\u0640", "\ufe0f"])
    | {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "\u2019": "'", "\u2018": "'"}
)


def passages(title: str | None, text: str) -> list[list[str]]:
    """The passages that an article is weighed by: its title, then one or several sentences each. Every one has a word."""
    heading = tokens((title or "")[:TITLE])
    found = [heading] if any(map(is_word, heading)) else []
    first = len(found)
    open_passage: list[str] = []
    left = 0
    for sentence in _END.split(text[:TEXT]):
        read = tokens(sentence)
        open_passage += read
        left += sum(map(is_word, read))
        if left >= ENOUGH:
            found.append(open_passage)
            open_passage, left = [], 0
    if left and (left >= FEW or len(found) == first):
        found.append(open_passage)
    elif left:
        found[-1] = found[-1] + open_passage
    return found


def sentence_ends(text: str) -> list[int]:
    """Where each sentence of a text ends, the spaces behind it included, in ascending order."""
    return [match.end() for match in _END.finditer(text)]


def tokens(text: str) -> list[str]:
    """Words, runs of punctuation and emoji, in lower case; every web address, account and digit looks the same."""
    text = unicodedata.normalize("NFKC", text).lower().translate(_LETTERS)
    text = _ACCOUNT.sub("@user", _ADDRESS.sub(" http ", text))
    text = _DRAWN_OUT.sub(r"\1\1\1", _DIGIT.sub("0", text)).replace("n't", " not")
    return _TOKEN.findall(text)


def is_word(token: str) -> bool:
    """Whether a token is a word of the language: no address, account, number or sign."""
    return token not in ("http", "@user") and token.lstrip("#@")[:1].isalpha()
