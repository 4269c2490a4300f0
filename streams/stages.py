"""The pipeline: its stages in their order, and its topics."""

from __future__ import annotations

import importlib

from streams.errors import TelexError
from streams.stage import Stage
from streams.task import SequentialTask

# The stages in their order. Each has a folder in `agents`, whose `agent.py` describes the stage.
STAGE_NAMES = ("language", "entities", "sentiment")

# What one worker does for all enriched articles, in one order. It is optional: the pipeline runs without it.
TASK_NAMES = ("stories",)

RAW, ENRICHED, DEAD = "articles.raw", "articles.enriched", "articles.dead"


def _described_by_agent(name: str) -> Stage:
    # Here and in the next function only, `streams` names a module of `agents`.
    described: Stage = importlib.import_module(f"agents.{name}.agent").STAGE
    return described


def _task_described_by_agent(name: str) -> SequentialTask:
    described: SequentialTask = importlib.import_module(f"agents.{name}.agent").TASK
    return described


STAGES = {name: _described_by_agent(name) for name in STAGE_NAMES}
TASKS = {name: _task_described_by_agent(name) for name in TASK_NAMES}
TOPICS = (RAW, *(stage.target for stage in STAGES.values()), DEAD)
# Also those that the pipeline does not need.
ALL_TOPICS = (*TOPICS, *(topic for task in TASKS.values() for topic in (task.target, task.state)))


def stage(name: str) -> Stage:
    """The stage with a name. Raises TelexError that lists all names."""
    try:
        return STAGES[name]
    except KeyError:
        raise TelexError(f"There is no stage {name!r}: the stages are {', '.join(STAGES)}.") from None
