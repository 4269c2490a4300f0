"""What the stories agent keeps of an article: a pure function of the enriched record.

- the **digest** of its words: equal for texts that differ in layout, boilerplate and case only;
- its **sketch**: hashes of its sequences of three words. Two texts are edits of each other when they share most of
  them. Of a long text only the smallest hashes are kept (a bottom-k sketch, Broder 1997,
  https://doi.org/10.1109/SEQUEN.1997.666900), from which the shared part is estimated without bias;
- its **terms**: the names, places, numbers and words by which reports on one event are recognised;
- its **embedding**, where there is an encoder for texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from hashlib import blake2b
from itertools import islice

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.normalization import normalize
from agents.stories.boilerplate import without_boilerplate
from agents.stories.words import Kind, name_form, stem, tokens, word_hash
from streams.records import Entities

# Words in a sequence. Sequences of two are shared by texts on any subject, and one corrected word changes more of the
# longer ones.
SHINGLE = 3
# Most hashes of a sketch, so that a long article takes no more memory than others. Texts of up to 256 words are
# compared whole; of longer ones the shared part is estimated with a standard deviation of 0.03 at most.
SKETCH = 256
# Most terms of each type, and of all together.
MOST_PLACES, MOST_NUMBERS, MOST_NAMES, TERMS = 4, 14, 20, 64
# From this share of capitalised words on, capitals do not tell names: a headline, a text in upper case.
MANY_CAPITALS = 0.6
# Characters of a text that are read: a book takes no longer than a long article.
MOST_READ = 100_000
# Shorter words are in most texts of a language.
SHORTEST_WORD = 4

Hashes = NDArray[np.uint32]
Embedding = NDArray[np.int8]
# Embeds a text: a vector of any length.
Encode = Callable[[str], NDArray[np.float32]]
EMBEDDING_STEPS = 127
NO_EMBEDDING: Embedding = np.zeros(0, np.int8)


class Term(IntEnum):
    """The type of a term: the three highest bits of its hash."""

    WORD = 0
    SMALL_NUMBER = 1
    NUMBER = 2
    NAME = 3
    PLACE = 4


TYPE_SHIFT = 29
_HASH_MASK = (1 << TYPE_SHIFT) - 1


class Fingerprint(msgspec.Struct, frozen=True):
    """What is kept of an article.

    Attributes:
        digest: 64 bits of the words in their order.
        sketch: at most SKETCH different hashes, ascending.
        terms: at most TERMS different hashes, ascending, so that terms of one type are neighbours.
        language: ISO 639-1; empty when it is not known.
        embedding: a direction, in steps of 1/EMBEDDING_STEPS; empty without an encoder.
    """

    digest: int
    sketch: Hashes
    terms: Hashes
    language: str
    embedding: Embedding = NO_EMBEDDING


def fingerprint(
    title: str, text: str, language: str, entities: Entities | None, encode: Encode | None = None
) -> Fingerprint:
    """The fingerprint of an article.

    Args:
        title, text: as they were published.
        language: ISO 639-1; empty when it is not known.
        entities: None for an article whose entities were not analysed.
        encode: embeds the title and the text, in any language.
    """
    title, text = normalize(title[:MOST_READ]).text, without_boilerplate(normalize(text[:MOST_READ]).text)
    headline, body = tokens(title), tokens(text)
    words = [word_hash(word) for word, _ in headline + body]
    return Fingerprint(
        digest=int.from_bytes(blake2b(np.array(words, np.uint32).tobytes(), digest_size=8).digest(), "big"),
        sketch=_sketch(words),
        terms=_terms(headline, body, language, entities),
        language=language,
        embedding=_direction(encode(f"{title}\n{text}")) if encode else NO_EMBEDDING,
    )


def _direction(vector: NDArray[np.float32]) -> Embedding:
    """A vector of length 1 in whole steps, which is the same on every machine where its digits are."""
    length = float(np.linalg.norm(vector))
    return np.round(vector / (length or 1.0) * EMBEDDING_STEPS).astype(np.int8)


def _sketch(words: Sequence[int]) -> Hashes:
    """The smallest hashes of the sequences of words; a text of fewer words than a sequence has is one sequence."""
    padded = np.array([*words, *[0] * (SHINGLE - len(words))], np.uint64)
    length = len(padded) - SHINGLE + 1
    mixed = np.zeros(length, np.uint64)
    for at in range(SHINGLE):
        # The finalizer of MurmurHash3 (https://github.com/aappleby/smhasher), one step for each word.
        mixed = (mixed ^ padded[at : at + length]) * np.uint64(0xFF51AFD7ED558CCD)
        mixed ^= mixed >> np.uint64(33)
    return np.unique((mixed >> np.uint64(16)).astype(np.uint32))[:SKETCH]


def _terms(
    headline: Sequence[tuple[str, Kind]], body: Sequence[tuple[str, Kind]], language: str, entities: Entities | None
) -> Hashes:
    named, places = _named(entities)
    forms = map(name_form, (*named, *_capitalised(headline), *_capitalised(body)))
    names = dict.fromkeys(form for form in forms if form)
    both = [*headline, *body]
    numbers = dict.fromkeys(word for word, kind in both if kind is Kind.NUMBER)
    # Long words first: they are rarer. The order depends on the article alone, as the whole fingerprint does.
    words = dict.fromkeys(word for word, kind in both if len(word) >= SHORTEST_WORD and kind is not Kind.NUMBER)
    stems = dict.fromkeys(map(stem, sorted(words, key=len, reverse=True)))
    hashes = dict.fromkeys(_hash(Term.PLACE, str(place)) for place in places[:MOST_PLACES])
    for each in islice(numbers, MOST_NUMBERS):
        hashes[_hash(Term.NUMBER if len(each) > 1 else Term.SMALL_NUMBER, each)] = None
    for each in islice(names, MOST_NAMES):
        hashes[_hash(Term.NAME, each)] = None
    for each in islice(stems, TERMS - len(hashes)):
        hashes[_hash(Term.WORD, f"{language} {each}")] = None
    return np.sort(np.fromiter(hashes, np.uint32, len(hashes)))


def _named(entities: Entities | None) -> tuple[list[str], list[int]]:
    """The words of the entities' names, and the ids of the places, each in the order of the entities."""
    words: list[str] = []
    places: list[int] = []
    for item in entities.items if entities else ():
        words += [word for word, kind in tokens(item.name) if kind is not Kind.NUMBER]
        if item.place:
            places.append(item.place.geonames_id)
    return words, places


def _capitalised(words: Sequence[tuple[str, Kind]]) -> Iterable[str]:
    """The words that have a capital inside a sentence; none where most words have one."""
    inside = [word for word, kind in words if kind is Kind.WORD]
    capitalised = [word for word in inside if word[0].isupper()]
    return capitalised if len(capitalised) < MANY_CAPITALS * len(inside) else ()


def _hash(term: Term, form: str) -> int:
    return (term << TYPE_SHIFT) | (word_hash(form) & _HASH_MASK)
