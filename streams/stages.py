"""The pipeline: its stages in their order, the stages that follow it, and the topics of all."""

from __future__ import annotations

import importlib

from streams.errors import TelexError
from streams.stage import Stage
from streams.task import SequentialTask

# The stages in their order. Each has a folder in `agents`, whose `agent.py` describes the stage.
STAGE_NAMES = ("language", "entities", "sentiment")

# The tasks that one worker does for all enriched articles, in one order.
TASK_NAMES = ("stories",)
# The stages that follow the pipeline. Each reads enriched articles, and writes other records to a topic of its own.
FOLLOWING_NAMES = ("watches",)

RAW, ENRICHED, DEAD = "articles.raw", "articles.enriched", "articles.dead"
WATCHES, MATCHES, WEBHOOKS = "telex.watches", "articles.matches", "telex.webhooks"


def _described_by_agent(name: str) -> Stage:
    # Here and in the next function only, `streams` names a module of `agents`.
    described: Stage = importlib.import_module(f"agents.{name}.agent").STAGE
    return described


def _task_described_by_agent(name: str) -> SequentialTask:
    described: SequentialTask = importlib.import_module(f"agents.{name}.agent").TASK
    return described


STAGES = {name: _described_by_agent(name) for name in STAGE_NAMES}
TASKS = {name: _task_described_by_agent(name) for name in TASK_NAMES}
STORIES = TASKS["stories"].target
FOLLOWING = {name: _described_by_agent(name) for name in FOLLOWING_NAMES}
# Sends matches to the URLs of their watches; `streams.worker.webhooks` has no analyser.
SENDER = Stage(name="webhooks", source=MATCHES, analyser="", target=WEBHOOKS, table=WATCHES)
# Everything that has a worker, in the order of the workers' ports.
WORKERS: dict[str, Stage | SequentialTask] = {**STAGES, **TASKS, **FOLLOWING, SENDER.name: SENDER}
TOPICS = (RAW, *(stage.target for stage in STAGES.values()), DEAD)
# The compacted topics, of which a worker reads all partitions.
TABLES = (WATCHES, WEBHOOKS)
# Also those that the pipeline does not need.
ALL_TOPICS = (
    *TOPICS,
    *(topic for task in TASKS.values() for topic in (task.target, task.state)),
    *(stage.target for stage in FOLLOWING.values()),
    *TABLES,
)


def stage(name: str) -> Stage:
    """The stage with a name. Raises TelexError that lists all names."""
    if isinstance(found := WORKERS.get(name), Stage):
        return found
    names = ", ".join(name for name in WORKERS if name not in TASKS)
    raise TelexError(f"There is no stage {name!r}: the stages are {names}.")
