"""Words in capitals as sentences write them: agency copy, datelines, speakers, and headlines With A Capital On Each Word.

A model that learnt from sentences finds little in such lines. So each word gets its most common form: the form that the
rest of the article has, else the form that the vectors of the language's model list first. They list the forms by how
often the text of the web has them: "Biden" before "biden" before "BIDEN" (https://nlp.stanford.edu/projects/glove/,
https://fasttext.cc/docs/en/crawl-vectors.html). Telex's own entity model has no such vectors, and learnt from sentences
in capitals too. The length of the text does not change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from agents.entities import ner
from agents.entities.given_names import is_first_name

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.vocab import Vocab

# A line is in capitals when so many of its letters are, and it has so many words of two letters or more.
SHARE_OF_CAPITALS, LEAST_WORDS = 0.75, 3
# A line is a headline in title case when so many of its words begin with a capital, of at least so many words.
SHARE_OF_TITLES, LEAST_TITLE_WORDS = 0.8, 5
# Vectors with fewer keys than this, or with keys in another order, tell nothing about the case of words.
LEAST_KEYS = 100_000
# Longer lines than this have sentences, and are no headline.
LONGEST_HEADLINE = 200
# In the names of towns shorter words than this may be small: Cape Town, Rio de Janeiro.
LONGEST_PARTICLE = 3
# Letters of a first name, with the space behind it.
LONGEST_FIRST_NAME = 20

_LINE = re.compile(r"[^\n]+")
_SENTENCE = re.compile(r"[^\n.!?]+(?:[.!?](?!\s)[^\n.!?]+)*[.!?]*\s*")
_WORD = re.compile(r"[^\W\d_]+")
_NAME_BEFORE = re.compile(r"(?<![^\W_])([^\W\d_]+) $")
# The end of a sentence in the middle of a line.
_INSIDE = re.compile(r"\w{3}[.!?;] ")
# Before the first word of a sentence.
_BEGINNING = re.compile(r"(?:^|[.!?:]\s|\n)[\s\"'“”«»(\[]*$")
# Two towns and more, or one of several words, before an agency's name or a dash; and who speaks, with what they are.
_DATELINE = re.compile(r"([^\W\d_a-z]+(?:[ /.'-]{1,2}[^\W\d_a-z]+)+)(?=[^\n]{0,40}(?:\([^)\n]{2,20}\)|\s[-–—]{1,2}\s))")
_SPEAKER = re.compile(r"([^\W\d_]+(?:[ .'-]{1,2}[^\W\d_]+)+)(?:,[^\n:]{2,60})?:(?=\s)")
_ROMAN = re.compile(r"(?=[IVX]{2,})X{0,3}(?:IX|IV|V?I{0,3})")
_VOWEL = re.compile(r"[aeiouyàâäåæéèêëíîïóôöøúùûüýœаеёиоуыэюяєії]", re.IGNORECASE)
# More common as pronouns, but not in news that are written in capitals.
_KEPT = {"en": frozenset({"US", "UN", "EU", "UK"}), "fr": frozenset({"UE", "ONU"})}
# The ends of words behind an apostrophe, and their beginnings before one.
_ENDS = frozenset({"s", "t", "d", "m", "ll", "re", "ve"})
_ELIDED = frozenset({"l", "d", "j", "n", "s", "c", "m", "t", "qu"})


class Casing:
    """How a language's words are written most often.

    Args:
        vocab: of the language's spaCy model.
    """

    def __init__(self, vocab: Vocab) -> None:
        self._vectors = vocab.vectors

    @property
    def known(self) -> bool:
        """Whether the model's vectors tell how words are written."""
        return bool(self._vectors.mode == "default" and self._vectors.n_keys >= LEAST_KEYS)

    @cached_property
    def _ranks(self) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """The keys in their order as numbers, and the rank of each; 6 MB, made when the first line in capitals comes."""
        keys = np.fromiter(self._vectors.key2row, dtype=np.uint64)
        order = np.argsort(keys, kind="stable")
        return keys[order], order.astype(np.int32)

    def rank(self, word: str) -> float:
        """The number of forms that are more common; infinite for an unknown form."""
        # Here and not above: spaCy takes 1.5 s, and the command line asks for names and versions only.
        from spacy.strings import get_string_id

        keys, ranks = self._ranks
        key = np.uint64(get_string_id(word))
        at = int(np.searchsorted(keys, key))
        return float(ranks[at]) if at < len(keys) and keys[at] == key else float("inf")

    def usual(self, word: str) -> str:
        """The most common form of a word in capitals; with one capital where none is known."""
        forms = (word.lower(), word[0] + word[1:].lower(), word)
        best = min(forms, key=self.rank)
        if self.rank(best) < float("inf"):
            return best
        return forms[1] if len(word) > 3 and _VOWEL.search(word) else word

    def is_small(self, word: str) -> bool:
        """Whether a word with one capital is more common without it."""
        return self.rank(word.lower()) < self.rank(word)


# Of the models in memory.
_casings: WeakKeyDictionary[Language, Casing] = WeakKeyDictionary()


def casing_of(language: str) -> Casing:
    """How the words of a language are written most often, as far as its model knows."""
    nlp = ner.load(language)
    if nlp not in _casings:
        _casings[nlp] = Casing(nlp.vocab)
    return _casings[nlp]


def in_sentence_case(texts: Mapping[str, str], language: str) -> dict[str, str]:
    """The texts of an article with the words of lines in capitals, datelines, speakers and headlines as sentences have them.

    Args:
        texts: by the name of the field.

    Returns:
        Texts of the same lengths, the same ones where there is nothing to change.
    """
    casing = casing_of(language)
    if not casing.known:
        return dict(texts)
    spans = {field: _spans(text) for field, text in texts.items()}
    if not any(spans.values()):
        return dict(texts)
    written = _written(texts, spans)
    return {field: _changed(text, spans[field], casing, written, language) for field, text in texts.items()}


class _Kind(Enum):
    """What a part of a text is: words in capitals, the towns of a dateline, or words with one capital each."""

    CAPITALS = 1
    TOWNS = 2
    TITLE_CASE = 3


_Span = tuple[int, int, _Kind]


def _spans(text: str) -> list[_Span]:
    """Where a text is in capitals or in title case, in its order."""
    found: list[_Span] = []
    for line in _LINE.finditer(text):
        start, end = line.span()
        if _in_capitals(line[0]):
            found.append((start, end, _Kind.CAPITALS))
            continue
        if towns := _DATELINE.match(text, start, end):
            found.append((start, towns.end(), _Kind.TOWNS))
            start = towns.end()
        elif speaker := _speaker(text, start, end):
            found.append((start, speaker.end(), _Kind.CAPITALS))
            start = speaker.end()
        elif _in_title_case(line[0]):
            found.append((start, end, _Kind.TITLE_CASE))
            continue
        found += [
            (*each.span(), _Kind.CAPITALS) for each in _SENTENCE.finditer(text, start, end) if _in_capitals(each[0])
        ]
    return found


def _speaker(text: str, start: int, end: int) -> re.Match[str] | None:
    found = _SPEAKER.match(text, start, end)
    return found if found and found[0].isupper() else None


def _in_capitals(line: str) -> bool:
    if line.islower() or line[1:].islower():
        return False
    capitals, letters = sum(map(str.isupper, line)), sum(map(str.isalpha, line))
    return (
        capitals >= SHARE_OF_CAPITALS * max(letters, 1)
        and sum(len(word) > 1 for word in _WORD.findall(line)) >= LEAST_WORDS
    )


def _in_title_case(line: str) -> bool:
    """Whether a line is one phrase of words with one capital each; what is short or in capitals does not count."""
    if len(line) > LONGEST_HEADLINE or _INSIDE.search(line):
        return False
    words = [word for word in _WORD.findall(line) if len(word) > 3 and not word.isupper()]
    # Headlines have no full stop, and a sentence may have many names.
    share = 1.0 if line.rstrip().endswith((".", "!", "?")) else SHARE_OF_TITLES
    return len(words) >= LEAST_TITLE_WORDS and sum(word[0].isupper() for word in words) >= share * len(words)


def _written(texts: Mapping[str, str], spans: Mapping[str, list[_Span]]) -> dict[str, str]:
    """How the article writes words outside of these spans, by the word in small letters; nothing of words that it writes in two ways."""
    forms: dict[str, set[str]] = {}
    for field, text in texts.items():
        at = 0
        for start, end in [*((start, end) for start, end, _ in spans[field]), (len(text), len(text))]:
            for word in _WORD.finditer(text, at, start):
                if len(word[0]) > 1:
                    forms.setdefault(word[0].lower(), set()).add(word[0])
            at = end
    return {small: next(iter(those)) for small, those in forms.items() if len(those) == 1}


def _changed(text: str, spans: list[_Span], casing: Casing, written: Mapping[str, str], language: str) -> str:
    parts, at = [], 0
    for start, end, kind in spans:
        for word in _WORD.finditer(text, start, end):
            if kind == _Kind.TITLE_CASE:
                new = (
                    word[0]
                    if word.start() == start or _behind_first_name(text, word.start())
                    else _lowered(word, casing)
                )
            else:
                new = _cased(word, kind, casing, written, language)
                if new.islower() and _BEGINNING.search(text, max(0, word.start() - 4), word.start()):
                    new = new[0].upper() + new[1:]
            between = text[at : word.start()]
            # The models take the second of two towns for a part of the first.
            parts += [
                between.replace("/", ",") if kind == _Kind.TOWNS else between,
                new if len(new) == len(word[0]) else word[0],
            ]
            at = word.end()
    return "".join([*parts, text[at:]])


def _behind_first_name(text: str, start: int) -> bool:
    """Whether a word stands behind a first name: "Love" in "Anna Love"."""
    before = _NAME_BEFORE.search(text, max(0, start - LONGEST_FIRST_NAME), start)
    return before is not None and is_first_name(before[1])


def _cased(word: re.Match[str], kind: _Kind, casing: Casing, written: Mapping[str, str], language: str) -> str:
    """A word of a line in capitals as a sentence has it."""
    form, small = word[0], word[0].lower()
    before, behind = word.string[word.start() - 1 : word.start()], word.string[word.end() : word.end() + 1]
    if not form.isupper() or form in _KEPT.get(language, ()) or _ROMAN.fullmatch(form):
        return form
    if (before == "'" and small in _ENDS and language == "en") or (
        behind == "'" and small in _ELIDED and language != "en"
    ):
        return small
    usual = written.get(small) or casing.usual(form)
    return form[0] + small[1:] if kind == _Kind.TOWNS and usual == small and len(small) > LONGEST_PARTICLE else usual


def _lowered(word: re.Match[str], casing: Casing) -> str:
    """A word of a headline in title case as a sentence has it."""
    form = word[0]
    one_capital = form[0].isupper() and (form[1:].islower() or len(form) == 1)
    return form.lower() if one_capital and casing.is_small(form) else form
