"""The Faust agent of the sentiment stage. `streams.worker.engine` runs it."""

from __future__ import annotations

from streams.stage import Stage

STAGE = Stage(
    name="sentiment",
    source="articles.entities",
    analyser="agents.sentiment.analyser",
    target="articles.enriched",
)
