"""The lexicon: words of each language for positive and negative concepts that all languages share."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parents[1] / "models" / "lexicon.tsv"
# A negation turns the concepts of so many words after it.
NEGATION_REACH = 3
# No word of the lexicon is longer than this. Of a longer word only the beginning is looked up.
LONGEST_WORD = 40
# Lengths of the shortest and of the longest stem.
_SHORTEST_STEM, _LONGEST_STEM = 3, 16
_ARABIC_PREFIX = re.compile("(?:[وف])?(?:[بكل])?(?:ال|ل)?(?=..)")


@dataclass(frozen=True)
class Lexicon:
    """The concepts and their words in one language.

    Attributes:
        names: of the concepts, in the order of their numbers.
        polarity: of each concept: 1 positive, -1 negative, 0 a negation.
        whole_words: the number of the concept of each word.
        stems: the number of the concept of each beginning of words.
        language: ISO 639-1.
    """

    names: list[str]
    polarity: list[int]
    whole_words: dict[str, int]
    stems: dict[str, int]
    language: str

    def concept(self, word: str) -> int | None:
        """The number of a word's concept: of the whole word, or else of its longest stem."""
        word = word.lstrip("#")
        if self.language == "ar" and word not in self.whole_words:
            prefix = _ARABIC_PREFIX.match(word)
            word = word[prefix.end() :] if prefix else word
        if (concept := self.whole_words.get(word)) is not None:
            return concept
        stems = (word[:end] for end in range(min(len(word), _LONGEST_STEM), _SHORTEST_STEM - 1, -1))
        return next((self.stems[stem] for stem in stems if stem in self.stems), None)

    def concepts_in(self, tokens: Sequence[str]) -> list[int]:
        """The numbers of the concepts in a passage; the number of concepts is added to a concept under a negation."""
        concepts, negated_words = [], 0
        for token in tokens:
            concept = _cached_concept(self.language, token[:LONGEST_WORD])
            if concept is not None and not self.polarity[concept]:
                negated_words = NEGATION_REACH + 1
            elif concept is not None:
                concepts.append(concept + len(self.names) * (negated_words > 0))
            negated_words -= negated_words > 0
        return concepts


@functools.lru_cache(50_000)
def _cached_concept(language: str, word: str) -> int | None:
    """The concept of a word. Without a cache the search for stems takes a fifth of the time of an article."""
    return lexicon(language).concept(word)


@functools.cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language (ISO 639-1). Every language has the emoji and emoticons of the English column."""
    header, *lines = [line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines()]
    column = header.index(language)
    whole_words: dict[str, int] = {}
    stems: dict[str, int] = {}
    for number, line in enumerate(lines):
        for entry in line[header.index("en") if line[0].startswith("emoji") else column].split():
            if entry.endswith("*") or language == "ar":
                stems.setdefault(entry.rstrip("*"), number)
            if not entry.endswith("*"):
                whole_words.setdefault(entry, number)
    polarity = [{"+": 1, "-": -1}.get(line[1], 0) for line in lines]
    return Lexicon([line[0] for line in lines], polarity, whole_words, stems, language)
