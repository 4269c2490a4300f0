"""A stage of the pipeline, as the agent of the stage describes it (`agents/<stage>/agent.py`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """A stage of the pipeline: the topics that its Faust agent reads and writes, and the code that it runs.

    Attributes:
        name: the name of the stage, and of the field that it adds to an article.
        source: the topic that it reads, without prefix.
        analyser: the module whose `analyse` it runs on each batch of articles, in an analysis process. For a stage with
            a table, the module whose `index` and `derive` it runs (`streams.worker.table_analysis`).
        target: the topic that it writes, without prefix.
        table: the compacted topic that the outputs depend on too, without prefix. Every worker reads it whole. None
            where an output depends on its article alone.
        second: a topic, without prefix, whose records say more about articles of the source. Each names the offset of
            its article (`headers.ARTICLE_OFFSET`) in the partition of the same number. A stage with a table may have
            one (`streams.worker.second_pass`).
    """

    name: str
    source: str
    analyser: str
    target: str
    table: str | None = None
    second: str | None = None
