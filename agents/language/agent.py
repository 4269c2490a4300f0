"""The Faust agent of the language stage. `streams.worker.engine` runs it."""

from __future__ import annotations

from streams.stage import Stage

STAGE = Stage(
    name="language",
    source="articles.raw",
    analyser="agents.language.analyser",
    target="articles.language",
)
