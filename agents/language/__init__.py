"""The language stage: the language of an article, or `language_unknown`.

eldc detects the language. Telex's own n-grams add languages that eldc does not know, and separate close languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.lazy_import import lazily_from

if TYPE_CHECKING:
    from agents.language.analyser import analyse, load, models

__all__ = ["analyse", "load", "models"]
__getattr__ = lazily_from("agents.language.analyser", __all__)
