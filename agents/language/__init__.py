"""The language stage: the language of an article, or `language_unknown`. eldc detects it, n-grams of Telex's own add to its languages."""

from agents.language.analyser import analyse, load, models
from agents.language.eldc_detector import MODEL

__all__ = ["MODEL", "analyse", "load", "models"]
