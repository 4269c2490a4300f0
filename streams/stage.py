"""A stage of the pipeline, as the agent of the stage describes it (`agents/<stage>/agent.py`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """What the Faust agent of a stage reads, runs and writes.

    Attributes:
        name: the name of the stage, and of the field that it adds to an article.
        source: the topic that it reads, without prefix.
        analyser: the module whose `analyse` it runs on each batch of articles, in an analysis process.
        target: the topic that it writes, without prefix.
    """

    name: str
    source: str
    analyser: str
    target: str
