"""The pipeline: which stages there are, in which order, and the topics between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from streams.errors import TelexError

# The stages in their order. A new one is its name here and a module of that name in `agents`.
STAGE_NAMES = ("language", "entities", "sentiment")

RAW, ENRICHED, DEAD = "articles.raw", "articles.enriched", "articles.dead"


@dataclass(frozen=True)
class Stage:
    """A step of the pipeline: its name, the topic it reads and the topic it writes (without prefix)."""

    name: str
    source: str
    target: str


def _road() -> dict[str, Stage]:
    topics = [RAW, *(f"articles.{name}" for name in STAGE_NAMES[:-1]), ENRICHED]
    return {
        name: Stage(name, source, target) for name, (source, target) in zip(STAGE_NAMES, pairwise(topics), strict=True)
    }


STAGES = _road()
TOPICS = (RAW, *(stage.target for stage in STAGES.values()), DEAD)


def stage(name: str) -> Stage:
    """The stage of that name. Raises TelexError that lists the names there are."""
    try:
        return STAGES[name]
    except KeyError:
        raise TelexError(f"There is no stage {name!r}: the stages are {', '.join(STAGES)}.") from None
