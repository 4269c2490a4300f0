"""The sentiment stage: how negative, neutral or positive the sentences of an article are on the whole."""

from agents.sentiment.analyser import LANGUAGES, MODEL, analyse, load, models
from agents.sentiment.results import LABELS

__all__ = ["LABELS", "LANGUAGES", "MODEL", "analyse", "load", "models"]
