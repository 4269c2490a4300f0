"""Coreference: which mentions of an article name the same entity, by the names alone.

`group_mentions` is the way in. Its rules stand in `people`, `organisations`, `acronyms` and `person_context`.
"""

from __future__ import annotations

from agents.entities.coreference.resolution import group_mentions

__all__ = ["group_mentions"]
