"""The language stage: the language of an article, or `language_unknown`.

eldc detects the language. Telex's own n-grams add languages that eldc does not know, and separate close languages.
"""

from agents.language.analyser import analyse, load, models
from agents.language.eldc_detector import MODEL

__all__ = ["MODEL", "analyse", "load", "models"]
