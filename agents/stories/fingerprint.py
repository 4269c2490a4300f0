"""The fingerprint that the stories agent keeps of an article: a pure function of the enriched record.

- the **digest** of its words: equal for texts that differ in layout, boilerplate and case only;
- its **sketch**: hashes of its sequences of three words. Two texts are edits of each other when they share most of
  them. Of a long text only the smallest hashes are kept (a bottom-k sketch, Broder 1997,
  https://doi.org/10.1109/SEQUEN.1997.666900), from which the shared part is estimated without bias;
- its **terms**: the names, places, numbers and words by which reports on one event are recognised;
- its **embedding**, where there is an encoder for texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from hashlib import blake2b
from itertools import islice
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.normalization import normalize
from agents.stories.boilerplate import without_boilerplate
from agents.stories.vocabulary import Numbers, Vocabulary
from agents.stories.words import BREAK, CAPITALISED, NUMBER, WORD, name_form, name_words, word_hash
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

# Of this process: it depends on the texts before, and no fingerprint depends on it.
_vocabulary = Vocabulary()


class Term(IntEnum):
    """The type of a term: the three highest bits of its hash."""

    WORD = 0
    SMALL_NUMBER = 1
    NUMBER = 2
    NAME = 3
    PLACE = 4


TYPE_SHIFT = 29
_HASH_MASK = (1 << TYPE_SHIFT) - 1
_SMALL_NUMBER, _NUMBER, _NAME, _PLACE = (
    term << TYPE_SHIFT for term in (Term.SMALL_NUMBER, Term.NUMBER, Term.NAME, Term.PLACE)
)
# Of the finalizer of MurmurHash3, and the 32 bits of its result that count.
_FACTOR, _MIX_SHIFT, _HASH_SHIFT = np.uint64(0xFF51AFD7ED558CCD), np.uint64(33), np.uint64(16)


class Fingerprint(msgspec.Struct, frozen=True):
    """The parts of an article that are kept.

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
    headline, body = _vocabulary.numbers(title, text)
    both = np.concatenate((headline, body))
    words = _vocabulary.hashes(both[_vocabulary.kinds(both) != BREAK])
    return Fingerprint(
        digest=int.from_bytes(blake2b(words.astype("<u4").tobytes(), digest_size=8).digest(), "big"),
        sketch=_sketch(words),
        terms=_terms(headline, body, language, entities),
        language=language,
        embedding=_direction(encode(f"{title}\n{text}")) if encode else NO_EMBEDDING,
    )


def _direction(vector: NDArray[np.float32]) -> Embedding:
    """A vector of length 1 in whole steps, which is the same on every machine where its digits are."""
    length = float(np.linalg.norm(vector))
    return np.round(vector / (length or 1.0) * EMBEDDING_STEPS).astype(np.int8)


def _sketch(words: Hashes) -> Hashes:
    """The smallest hashes of the sequences of words; a text of fewer words than a sequence has is one sequence."""
    padded = np.zeros(max(len(words), SHINGLE), np.uint64)
    padded[: len(words)] = words
    length = len(padded) - SHINGLE + 1
    mixed = np.zeros(length, np.uint64)
    for at in range(SHINGLE):
        # The finalizer of MurmurHash3 (https://github.com/aappleby/smhasher), one step for each word.
        mixed ^= padded[at : at + length]
        mixed *= _FACTOR
        mixed ^= mixed >> _MIX_SHIFT
    hashes = (mixed >> _HASH_SHIFT).astype(np.uint32)
    hashes.sort()
    # `np.unique` does the same, and takes three times as long for so few.
    is_new = np.ones(length, np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=is_new[1:])
    return hashes[is_new][:SKETCH]


def _terms(headline: Numbers, body: Numbers, language: str, entities: Entities | None) -> Hashes:
    named, mentioned, places = _named(entities)
    others = [word for word in (*_capitalised(headline), *_capitalised(body)) if word not in mentioned]
    names = dict.fromkeys(map(name_form, (*named, *others)))
    names.pop("", None)
    both = np.concatenate((headline, body))
    is_number = _vocabulary.kinds(both) == NUMBER
    figures = dict.fromkeys([_vocabulary.forms[number] for number in both[is_number].tolist()])
    hashes = dict.fromkeys([_PLACE | word_hash(str(place)) & _HASH_MASK for place in places[:MOST_PLACES]])
    for form in islice(figures, MOST_NUMBERS):
        hashes[(_NUMBER if len(form) > 1 else _SMALL_NUMBER) | word_hash(form) & _HASH_MASK] = None
    for form in islice(names, MOST_NAMES):
        hashes[_NAME | word_hash(form) & _HASH_MASK] = None
    # Goes on from here to the `word_hash` of the language and a stem.
    of_language = word_hash(f"{language} ")
    for form in _stems(both[~is_number], TERMS - len(hashes)):
        hashes[crc32(form, of_language) & _HASH_MASK] = None
    terms = np.array([*hashes], np.uint32)
    terms.sort()
    return terms


def _stems(words: Numbers, most: int) -> Iterable[bytes]:
    """Different stems. Those of long words come first: they are rarer. Words of one length are in their order."""
    lengths = _vocabulary.lengths(words)
    longest = np.argsort(-lengths.astype(np.int64), kind="stable")[: np.count_nonzero(lengths >= SHORTEST_WORD)]
    stems: dict[bytes, None] = {}
    for number in words[longest].tolist():
        stems[_vocabulary.stems[number]] = None
        if len(stems) == most:
            break
    return stems


def _named(entities: Entities | None) -> tuple[list[str], set[str], list[int]]:
    """The words of the entities' names, the words of their mentions, and the ids of the places.

    The names and the places are in the order of the entities. A mention may have a name in another form: "Riksbankens"
    is a mention of "Riksbanken".
    """
    words: list[str] = []
    mentioned: set[str] = set()
    places: list[int] = []
    for item in entities.items if entities else ():
        words += name_words(item.name)
        mentioned.update(word for mention in item.mentions for word in name_words(mention.text))
        if item.place:
            places.append(item.place.geonames_id)
    return words, mentioned, places


def _capitalised(words: Numbers) -> list[str]:
    """The words that have a capital inside a sentence; none where most words have one."""
    # The first word of a sentence may have its capital from its place.
    inside = words[1:][_vocabulary.kinds(words[:-1]) != BREAK]
    kinds = _vocabulary.kinds(inside)
    names = inside[kinds == CAPITALISED].tolist()
    if len(names) >= MANY_CAPITALS * (len(names) + np.count_nonzero(kinds == WORD)):
        return []
    return [_vocabulary.forms[number] for number in names]
