"""The entities stage: the people, organisations and places that an article names, each with all its mentions."""

from __future__ import annotations

from agents.entities.article_entities import analyse, load, models

__all__ = ["analyse", "load", "models"]
