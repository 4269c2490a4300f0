"""The entities stage: the people, organisations and places that an article names, each with all its mentions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.lazy_import import lazily_from

if TYPE_CHECKING:
    from agents.entities.analyser import analyse, load, models

__all__ = ["analyse", "load", "models"]
__getattr__ = lazily_from("agents.entities.analyser", __all__)
