"""The Faust agent of the entities stage. `streams.worker.engine` runs it."""

from __future__ import annotations

from streams.stage import Stage

STAGE = Stage(
    name="entities",
    source="articles.language",
    analyser="agents.entities.analyser",
    target="articles.entities",
)
