"""What Telex's entity model sees of a word: its letters in parts, its shape, and what lists say of it.

A layer for spaCy: numbers for each word, each embedded by itself, then together with those of the words around it. The
lists are a
part of the model: which words it has learnt, how common a word is in its language, whether it is a first name, a family
name, a town or a country anywhere, and with which words English, French, German and Finnish texts use it alike.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from spacy.strings import get_string_id
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import HashEmbed, Maxout, Model, chain, clone, concatenate, expand_window, residual, with_array

# Where a document says its language (ISO 639-1).
LANGUAGE = "telex.language"
# The lists for all languages: of words and of their beginnings that it has learnt from (another one would be read as
# those with which it shares rows of the embedding), of names, and of English and French clusters of words, whose names
# stand in other languages too. The others are of one language: how common its words are, and its own clusters, coarse
# and fine.
LEARNT, LEARNT_BEGINNINGS = "learnt", "learnt beginnings"
NAMES, ENGLISH, FRENCH = "names", "english", "french"
COARSE, FINE = "coarse", "fine"
# Rows of the embedding of each thing that is seen of a word.
ROWS = {
    "word": 12_000, "beginning": 8_000, "start": 2_000, "ending": 4_000, "end": 1_000, "shape": 500, NAMES: 100, "common": 500,
    ENGLISH: 1_200, FRENCH: 1_200, COARSE: 300, FINE: 1_500,
}  # fmt: skip
# Letters of a beginning.
BEGINNING = 5
# Words whose numbers are kept; a word is seen often.
SEEN = 50_000

_DIGIT, _THRICE = re.compile(r"\d"), re.compile(r"(.)\1{2,}")
_VOWELS = "aoei"
# Serbian is read as its Latin script writes it, whichever it is in.
_CYRILLIC = tuple("абвгдђежзијклљмнњопрстћуфхцчџш")
_LATIN = (*"abvgdđežzijkl", "lj", *"mn", "nj", *"oprstćufhcč", "dž", "š")
_SERBIAN = str.maketrans(
    dict(zip(_CYRILLIC, _LATIN, strict=True))
    | {one.upper(): other.capitalize() for one, other in zip(_CYRILLIC, _LATIN, strict=True)}
)

Lists = dict[str, NDArray[Any]]


def lists(values: dict[str, dict[str, int]]) -> Lists:
    """Lists of words with a small number each, as sorted hashes."""
    found: Lists = {}
    for name, words in values.items():
        keys = np.array([_key(word) for word in words], dtype=np.uint32)
        order = np.argsort(keys, kind="stable")
        numbers = np.array(list(words.values()), dtype=np.uint16)[order]
        found[name], found[f"{name} values"] = keys[order], numbers.astype(np.uint8) if numbers.max() < 256 else numbers
    return found


def _key(word: str) -> int:
    return int(get_string_id(word)) & 0xFFFFFFFF


def _look(of: Lists, name: str, word: str) -> int:
    """What a list says of a word; 0 when it does not have it."""
    if name not in of:
        return 0
    key = np.uint32(_key(word))
    at = int(np.searchsorted(of[name], key))
    return int(of[f"{name} values"][at]) if at < len(of[name]) and of[name][at] == key else 0


def _inflected(of: Lists, name: str, word: str) -> str:
    """What a list says: of the word, or without the ending that it has in its case."""
    said = _look(of, name, word)
    if said:
        return f"={said}"
    for cut in range(1, min(4, len(word) - 3)):
        stem = word[:-cut]
        for vowel in ("", *_VOWELS):
            said = _look(of, name, stem + vowel)
            if said:
                return f"~{said}"
    return ""


def _abroad(of: Lists, name: str, word: str) -> str:
    """The cluster of a name that texts in another language have as well."""
    return _inflected(of, name, word.capitalize() if word.isupper() else word) if word[:1].isupper() else ""


def _shape(word: str) -> str:
    signs = "".join(
        "X" if sign.isupper() else "x" if sign.islower() else "d" if sign.isdigit() else sign for sign in word[:20]
    )
    return _THRICE.sub(r"\1\1", signs)


def in_latin(word: str, language: str) -> str:
    """The word in the letters that the model reads the language in."""
    return word.translate(_SERBIAN) if language == "sr" else word


def small(word: str) -> str:
    """The word in small letters, every digit a 0: as the lists have it."""
    return _DIGIT.sub("0", word.lower())


def _learnt(of: Lists, name: str, letters: str) -> str:
    return letters if _look(of, name, letters) else ""


def _numbers(of: Lists, word: str, language: str) -> tuple[int, ...]:
    word = in_latin(word, language)
    low, shape = small(word), _shape(word)
    parts = (
        _learnt(of, LEARNT, low), _learnt(of, LEARNT_BEGINNINGS, low[:BEGINNING]), low[:3], low[-3:], low[-2:] + shape[:1], shape,
        _inflected(of, NAMES, low), f"{language}{_look(of, language, low)}",
        _abroad(of, ENGLISH, word), _abroad(of, FRENCH, word),
        f"{language}{_look(of, f'{language} {COARSE}', low)}", f"{language}{_look(of, f'{language} {FINE}', low)}",
    )  # fmt: skip
    return tuple(get_string_id(f"{number}{part}") for number, part in enumerate(parts))


def stored(model: Model[Any, Any], precision: Literal["float16", "float32"]) -> None:
    """Turn the weights into numbers of this precision: half to store them, single to use them."""
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                weights: Any = node.get_param(name)
                node.set_param(name, weights.astype(precision))


def words() -> Model[list[Doc], list[Any]]:
    """The layer that turns documents into the numbers of their words."""
    seen: dict[tuple[str, str], tuple[int, ...]] = {}

    def forward(model: Model[Any, Any], documents: list[Doc], is_train: bool) -> Any:
        if len(seen) > SEEN:
            seen.clear()
        found = []
        for document in documents:
            language = document.user_data.get(LANGUAGE, "")
            rows = []
            for token in document:
                key = token.text, language
                if key not in seen:
                    seen[key] = _numbers(model.attrs["lists"], *key)
                rows.append(seen[key])
            found.append(np.array(rows, dtype=np.uint64).reshape(len(document), len(ROWS)))
        return found, lambda _: []

    return Model("words", forward, attrs={"lists": {}})


@registry.architectures("telex.Words.v1")  # type: ignore[untyped-decorator]
def encoder(width: int, depth: int, embedding: int) -> Model[list[Doc], list[Any]]:
    """A vector of `width` for each word, from what is seen of it and of `depth` words to either side."""
    embed: Model[Any, Any] = concatenate(
        *[HashEmbed(embedding, rows, column=column, seed=column + 1) for column, rows in enumerate(ROWS.values())]
    )
    mix = Maxout(width, embedding * len(ROWS), nP=3, normalize=True, dropout=0.0)
    around: Model[Any, Any] = chain(
        expand_window(window_size=1), Maxout(width, width * 3, nP=3, normalize=True, dropout=0.0)
    )
    model: Model[list[Doc], list[Any]] = chain(
        words(), with_array(chain(embed, mix, clone(residual(around), depth)), pad=depth)
    )
    model.set_dim("nO", width)
    return model
