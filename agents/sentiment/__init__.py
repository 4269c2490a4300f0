"""The sentiment stage: how negative, neutral or positive an article is, as a whole and towards its entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.lazy_import import lazily_from

if TYPE_CHECKING:
    from agents.sentiment.analyser import analyse, load, models

__all__ = ["analyse", "load", "models"]
__getattr__ = lazily_from("agents.sentiment.analyser", __all__)
