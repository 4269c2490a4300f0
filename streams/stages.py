"""The road: which stages there are, in which order, and the topics between them."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, cast

from streams.errors import TelexError
from streams.records import Analysis, Article

# The stages in their order. A new one is its name here and a module of that name in `agents`.
ROAD = ("language", "entities", "sentiment")

RAW, ENRICHED, DEAD = "articles.raw", "articles.enriched", "articles.dead"


class Analyser(Protocol):
    """What a module of `agents` offers to the road."""

    def analyse(self, articles: Sequence[Article]) -> Sequence[Analysis]:
        """The analysis of each article: a pure function of it and of the model."""

    def load(self, languages: Collection[str] = ()) -> None:
        """Load what these languages (ISO 639-1) need; at the start, with none, what is needed for all of them.

        Raises TelexError that says what to do when a model cannot be had.
        """

    def models(self) -> dict[str, str]:
        """The languages that are analysed (ISO 639-1), each with its model and version; loads nothing."""


@dataclass(frozen=True)
class Stage:
    """A step of the road: its name, the topic it reads and the topic it writes (without prefix)."""

    name: str
    source: str
    target: str

    @property
    def analyser(self) -> Analyser:
        """The module of `agents` that does the stage's work; this imports it."""
        return cast(Analyser, importlib.import_module(f"agents.{self.name}"))


def _road() -> dict[str, Stage]:
    topics = [RAW, *(f"articles.{name}" for name in ROAD[:-1]), ENRICHED]
    return {name: Stage(name, source, target) for name, (source, target) in zip(ROAD, pairwise(topics), strict=True)}


STAGES = _road()
TOPICS = (RAW, *(stage.target for stage in STAGES.values()), DEAD)


def stage(name: str) -> Stage:
    """The stage of that name. Raises TelexError that lists the names there are."""
    try:
        return STAGES[name]
    except KeyError:
        raise TelexError(f"There is no stage {name!r}: the stages are {', '.join(STAGES)}.") from None
