"""A task that one worker does for all articles in one order, as its agent describes it (`agents/<task>/agent.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from streams.settings import Settings


class Decided(NamedTuple):
    """The records that a task writes for an article.

    Attributes:
        article_id: the key of both records.
        value: the record for the target topic.
        state: the record for the state topic, from which a `Decider` restores the state after the article.
        kind: a word for the metrics, of a small set.
    """

    article_id: str
    value: bytes
    state: bytes
    kind: str


@dataclass(frozen=True)
class SequentialTask:
    """A task for all enriched articles: the topics that its worker reads and writes, and the code that it runs.

    Attributes:
        name: the name of the task, and the last part of its consumer group.
        source, target, state: topics, without prefix. The state topic has one partition.
        schema: the `ce_dataschema` of the records in the target topic.
        open: makes the empty state, a `streams.sequential.decider.Decider`.
        gauges: the metrics on the state, each with its description.
        kinds: the metric that counts the decisions by their kind, and its description.
    """

    name: str
    source: str
    target: str
    state: str
    schema: str
    open: Callable[[Settings], Any]
    gauges: Mapping[str, str]
    kinds: tuple[str, str]
