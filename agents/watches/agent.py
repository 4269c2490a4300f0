"""The Faust agent of the watches stage. `streams.worker.engine` runs it."""

from __future__ import annotations

from streams.stage import Stage

STAGE = Stage(
    name="watches",
    source="articles.enriched",
    analyser="agents.watches.matching",
    target="articles.matches",
    table="telex.watches",
    second="articles.stories",
)
