"""Rises and falls in news sentences, and whether they are good: profits that rise, unemployment that falls."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from functools import cache, lru_cache

from agents.sentiment.rise_and_fall_words import (
    ARTICLE,
    CLAUSE_BREAK,
    CLAUSE_END,
    LINKING_WORD,
    MARKET_WORD,
    SEPARABLE_VERBS,
    VERBS_BEFORE_UP_OR_DOWN,
    VOCABULARIES,
    Vocabulary,
)

# Words between a subject and the verb after it, between a verb and the subject after it ("a fall in unemployment"), and
# between a verb and a word that denies it, at most.
MAX_WORDS_TO_VERB, MAX_WORDS_TO_SUBJECT, MAX_WORDS_TO_DENIAL = 10, 4, 3
# No word of the patterns has so many letters. A longer token is cut, and matches none.
LONGEST_WORD = 80
# Words from a German verb to its particle at the end of the clause, at most.
MAX_WORDS_TO_PARTICLE = 15
_TOKEN = re.compile(r"\w+|[,.;:!?]")


def changes_for_the_better(sentence: str, language: str) -> Iterator[bool]:
    """For each rise or fall in a sentence: True where it is good, False where it is bad.

    Args:
        sentence: in lower case.
        language: one of de, en, es, fr, it, pt.
    """
    tokens = _TOKEN.findall(sentence)
    kinds = [_kinds(language, token[:LONGEST_WORD]) for token in tokens]
    if not any(kinds):
        return
    is_about_market = "traded" in set().union(*kinds) and MARKET_WORD.search(sentence) is not None
    good_to_rise = {
        index: is_good
        for index, kind in enumerate(kinds)
        if (is_good := "good" in kind or (is_about_market and "traded" in kind)) or "bad" in kind
    }
    if not good_to_rise:
        return
    for index, kind in enumerate(kinds):
        rises = _rises(tokens, index, language, is_up="up" in kind, is_down="down" in kind)
        nearby_kinds = kinds[max(0, index - MAX_WORDS_TO_DENIAL) : index] + kinds[index + 1 : index + 2]
        if rises is None or any("denial" in nearby for nearby in nearby_kinds):
            continue
        if (subject := _find_subject(tokens, index, good_to_rise, language)) is not None:
            yield good_to_rise[subject] == rises


@cache
def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(words)


@lru_cache(50_000)
def _kinds(language: str, word: str) -> frozenset[str]:
    """The attributes of `Vocabulary` whose patterns a word matches. Cached: words recur, and most match no pattern."""
    vocabulary = VOCABULARIES[language]
    return frozenset(
        kind for kind in Vocabulary.__dataclass_fields__ if _pattern(getattr(vocabulary, kind)).fullmatch(word)
    )


def _find_subject(tokens: Sequence[str], verb: int, subjects: Container[int], language: str) -> int | None:
    """The index of the subject of a rise or fall.

    It stands right after the verb, after linking words behind the verb, or before the verb in the same clause.
    """

    def first_subject(indexes: range) -> int | None:
        stop = next((index for index in indexes if index in subjects or CLAUSE_BREAK.fullmatch(tokens[index])), None)
        return stop if stop in subjects else None

    after_end = min(len(tokens), verb + 1 + MAX_WORDS_TO_SUBJECT)
    if verb + 1 in subjects or (verb + 1 < after_end and LINKING_WORD.fullmatch(tokens[verb + 1])):
        subject = first_subject(range(verb + 1, after_end))
        if subject is not None:
            return subject
    is_noun = verb > 0 and ARTICLE[language].fullmatch(tokens[verb - 1])
    return None if is_noun else first_subject(range(verb - 1, max(-1, verb - 1 - MAX_WORDS_TO_VERB), -1))


def _rises(tokens: Sequence[str], index: int, language: str, *, is_up: bool, is_down: bool) -> bool | None:
    """True for a word that means a rise, False for a fall, None for neither.

    Args:
        is_up, is_down: whether the word matches the vocabulary's `up` and `down`.
    """
    word = tokens[index]
    if language == "en" and word in ("up", "down") and index and tokens[index - 1] in VERBS_BEFORE_UP_OR_DOWN:
        return word == "up"
    if language == "de":
        for direction, verbs in SEPARABLE_VERBS.items():
            for particle, verb in verbs.items():
                if re.fullmatch(verb, word) and _particle_ends_clause(tokens, index, particle):
                    return direction == "up"
    return is_up if is_up != is_down else None


def _particle_ends_clause(tokens: Sequence[str], verb: int, particle: str) -> bool:
    end = min(len(tokens), verb + 1 + MAX_WORDS_TO_PARTICLE)
    return any(
        tokens[index] == particle and (index + 1 == len(tokens) or tokens[index + 1] in CLAUSE_END)
        for index in range(verb + 1, end)
    )
