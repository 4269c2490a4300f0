"""The pipeline: its stages, their order, and the topics between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from streams.errors import TelexError

# The stages in their order. A new stage needs its name here and a package of that name in `agents`.
STAGE_NAMES = ("language", "entities", "sentiment")

RAW, ENRICHED, DEAD = "articles.raw", "articles.enriched", "articles.dead"


@dataclass(frozen=True)
class Stage:
    """A step of the pipeline: its name, its source topic and its target topic, without prefix."""

    name: str
    source: str
    target: str


def _stages() -> dict[str, Stage]:
    topics = [RAW, *(f"articles.{name}" for name in STAGE_NAMES[:-1]), ENRICHED]
    return {
        name: Stage(name, source, target) for name, (source, target) in zip(STAGE_NAMES, pairwise(topics), strict=True)
    }


STAGES = _stages()
TOPICS = (RAW, *(stage.target for stage in STAGES.values()), DEAD)


def stage(name: str) -> Stage:
    """The stage with a name. Raises TelexError that lists all names."""
    try:
        return STAGES[name]
    except KeyError:
        raise TelexError(f"There is no stage {name!r}: the stages are {', '.join(STAGES)}.") from None
