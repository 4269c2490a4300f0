"""The features of a word that Telex's entity model sees: its parts, its shape, and what word lists say about it.

A layer for spaCy: it turns each word into numbers, embeds each number by itself, then all of them together with those
of the words around. The word lists are a part of the model. They say which words it has learnt, how common a word is in
its language, whether it is a first name, a family name, a town or a country anywhere, and to which cluster it belongs:
English, French, German and Finnish texts use the words of a cluster alike.
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

# The key of `Doc.user_data` that holds the language of a document (ISO 639-1).
LANGUAGE = "telex.language"
# The word lists for all languages. LEARNT and LEARNT_BEGINNINGS have the words that the model learnt from, and their
# beginnings: any other word would be read as the words with which it shares rows of the embedding. NAMES has names.
# ENGLISH and FRENCH have clusters of words, because names of these languages stand in other languages too.
LEARNT, LEARNT_BEGINNINGS = "learnt", "learnt beginnings"
NAMES, ENGLISH, FRENCH = "names", "english", "french"
# Each language also has a list of how common its words are, and its own clusters, coarse and fine.
COARSE, FINE = "coarse", "fine"
# The rows of the embedding of each feature, in the order in which `_features` gives them.
ROWS = {
    "word": 12_000,
    "beginning": 8_000,
    "start": 2_000,
    "ending": 4_000,
    "end": 1_000,
    "shape": 500,
    NAMES: 100,
    "common": 500,
    ENGLISH: 1_200,
    FRENCH: 1_200,
    COARSE: 300,
    FINE: 1_500,
}
# The letters of a beginning.
BEGINNING = 5
# The features of this many words stay in memory, as texts repeat their words.
MOST_CACHED_WORDS = 50_000

_DIGIT = re.compile(r"\d")
_REPETITION = re.compile(r"(.)\1{2,}")
# The vowels that a stem without its case ending may have lost.
_VOWELS = "aoei"
# The model reads Serbian in Latin script, also where it is written in Cyrillic.
_CYRILLIC = tuple("абвгдђежзијклљмнњопрстћуфхцчџш")
_LATIN = (*"abvgdđežzijkl", "lj", *"mn", "nj", *"oprstćufhcč", "dž", "š")
_SERBIAN_TO_LATIN = str.maketrans(
    dict(zip(_CYRILLIC, _LATIN, strict=True))
    | {one.upper(): other.capitalize() for one, other in zip(_CYRILLIC, _LATIN, strict=True)}
)

WordLists = dict[str, NDArray[Any]]


def word_lists(values: dict[str, dict[str, int]]) -> WordLists:
    """The lists as arrays: the sorted hashes of the words of each, and under "NAME values" their values.

    Args:
        values: by the name of a list, a small number for each word.
    """
    arrays: WordLists = {}
    for name, words in values.items():
        keys = np.array([_key(word) for word in words], dtype=np.uint32)
        order = np.argsort(keys, kind="stable")
        numbers = np.array(list(words.values()), dtype=np.uint16)[order]
        arrays[name] = keys[order]
        arrays[f"{name} values"] = numbers.astype(np.uint8) if numbers.max() < 256 else numbers
    return arrays


def _key(word: str) -> int:
    return int(get_string_id(word)) & 0xFFFFFFFF


def _value(lists: WordLists, name: str, word: str) -> int:
    """The value of a word in a list; 0 if the list does not have the word, or there is no such list."""
    if name not in lists:
        return 0
    key = np.uint32(_key(word))
    index = int(np.searchsorted(lists[name], key))
    return int(lists[f"{name} values"][index]) if index < len(lists[name]) and lists[name][index] == key else 0


def _value_of_stem(lists: WordLists, name: str, word: str) -> str:
    """The value of a word in a list, or of the word without its case ending; empty if the list has neither."""
    value = _value(lists, name, word)
    if value:
        return f"={value}"
    for length in range(1, min(4, len(word) - 3)):
        stem = word[:-length]
        for vowel in ("", *_VOWELS):
            value = _value(lists, name, stem + vowel)
            if value:
                return f"~{value}"
    return ""


def _foreign_cluster(lists: WordLists, name: str, word: str) -> str:
    """The cluster of a name in a list of another language; empty for a word without a capital."""
    if not word[:1].isupper():
        return ""
    return _value_of_stem(lists, name, word.capitalize() if word.isupper() else word)


def _shape(word: str) -> str:
    """A word with X for capitals, x for small letters, d for digits, and no sign more than twice in a row."""
    signs = "".join(
        "X" if sign.isupper() else "x" if sign.islower() else "d" if sign.isdigit() else sign for sign in word[:20]
    )
    return _REPETITION.sub(r"\1\1", signs)


def in_latin_script(word: str, language: str) -> str:
    """The word in the script in which the model reads the language."""
    return word.translate(_SERBIAN_TO_LATIN) if language == "sr" else word


def normalised(word: str) -> str:
    """The word as the lists have it: in small letters, with 0 for every digit."""
    return _DIGIT.sub("0", word.lower())


def _if_learnt(lists: WordLists, name: str, letters: str) -> str:
    return letters if _value(lists, name, letters) else ""


def _features(lists: WordLists, word: str, language: str) -> tuple[int, ...]:
    """A number for each feature of a word, in the order of ROWS."""
    word = in_latin_script(word, language)
    lower, shape = normalised(word), _shape(word)
    features = (
        _if_learnt(lists, LEARNT, lower),
        _if_learnt(lists, LEARNT_BEGINNINGS, lower[:BEGINNING]),
        lower[:3],
        lower[-3:],
        lower[-2:] + shape[:1],
        shape,
        _value_of_stem(lists, NAMES, lower),
        f"{language}{_value(lists, language, lower)}",
        _foreign_cluster(lists, ENGLISH, word),
        _foreign_cluster(lists, FRENCH, word),
        f"{language}{_value(lists, f'{language} {COARSE}', lower)}",
        f"{language}{_value(lists, f'{language} {FINE}', lower)}",
    )
    return tuple(get_string_id(f"{column}{feature}") for column, feature in enumerate(features))


def set_precision(model: Model[Any, Any], precision: Literal["float16", "float32"]) -> None:
    """Convert the weights of a model: to float16 before it is stored, to float32 before it is used."""
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                weights: Any = node.get_param(name)
                node.set_param(name, weights.astype(precision))


def word_features() -> Model[list[Doc], list[Any]]:
    """The layer that turns documents into the features of their words."""
    cache: dict[tuple[str, str], tuple[int, ...]] = {}

    def forward(model: Model[Any, Any], documents: list[Doc], is_train: bool) -> Any:
        if len(cache) > MOST_CACHED_WORDS:
            cache.clear()
        arrays = []
        for document in documents:
            language = document.user_data.get(LANGUAGE, "")
            rows = []
            for token in document:
                key = token.text, language
                if key not in cache:
                    cache[key] = _features(model.attrs["lists"], *key)
                rows.append(cache[key])
            arrays.append(np.array(rows, dtype=np.uint64).reshape(len(document), len(ROWS)))
        return arrays, lambda _: []

    # The stored model has the node under this name.
    return Model("words", forward, attrs={"lists": {}})


@registry.architectures("telex.Words.v1")  # type: ignore[untyped-decorator]
def encoder(width: int, depth: int, embedding: int) -> Model[list[Doc], list[Any]]:
    """The layer that gives each word a vector, from its features and those of the words around it.

    Args:
        width: the length of the vector.
        depth: the number of words to either side.
        embedding: the length of the embedding of each feature.
    """
    embed: Model[Any, Any] = concatenate(
        *[HashEmbed(embedding, rows, column=column, seed=column + 1) for column, rows in enumerate(ROWS.values())]
    )
    mix = Maxout(width, embedding * len(ROWS), nP=3, normalize=True, dropout=0.0)
    with_neighbours: Model[Any, Any] = chain(
        expand_window(window_size=1), Maxout(width, width * 3, nP=3, normalize=True, dropout=0.0)
    )
    model: Model[list[Doc], list[Any]] = chain(
        word_features(), with_array(chain(embed, mix, clone(residual(with_neighbours), depth)), pad=depth)
    )
    model.set_dim("nO", width)
    return model
