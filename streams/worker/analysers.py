"""The analyser of a stage: the module that its agent names, or one that an installed distribution offers instead.

A distribution offers an analyser as an entry point (https://packaging.python.org/specifications/entry-points/) of the
group `telex.analysers`, under the stage's name. docs/analysers.md shows how, and
docs/decisions/0004-an-analyser-of-ones-own.md says why.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points, version
from typing import Protocol, cast

from streams.errors import TelexError
from streams.records import Analysis, Article
from streams.stages import STAGE_NAMES, STAGES

GROUP = "telex.analysers"


class Analyser(Protocol):
    """The functions of an analyser, of Telex or plugged in."""

    def analyse(self, articles: Sequence[Article]) -> Sequence[Analysis]:
        """The analysis of each article, in their order. It depends on the article and the model alone."""

    def load(self, languages: Collection[str] = ()) -> None:
        """Load the models of these languages (ISO 639-1). Without languages, at the start, load what all of them need.

        Raises TelexError, which says what to do, when a model is missing.
        """

    def models(self) -> dict[str, str]:
        """The analysed languages (ISO 639-1), each with its model and version. This loads no model."""


@cache
def find(stage: str) -> Analyser:
    """Import and return the analyser of a stage.

    Raises:
        TelexError: the plugged-in analyser cannot be used. The message names its distribution.
    """
    offer = _offer(stage)
    if offer is None:
        return cast(Analyser, importlib.import_module(STAGES[stage].analyser))
    try:
        found = offer.load()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise TelexError(
            f"The {stage} analyser of {_distribution_of(offer)} cannot be imported ({why}): correct it or uninstall it."
        ) from error
    missing = [name for name in ("analyse", "load", "models") if not callable(getattr(found, name, None))]
    if missing:
        raise TelexError(
            f"The {stage} analyser of {_distribution_of(offer)}, {offer.value}, has no function {' and no '.join(missing)}: define what is missing, or uninstall it."
        )
    return cast(Analyser, found)


def distribution(stage: str) -> str:
    """Name and version of the distribution of a stage's analyser.

    This imports no analyser. Raises TelexError like `find`.
    """
    offer = _offer(stage)
    return _distribution_of(offer) if offer else f"telex {version('telex')}"


def _offer(stage: str) -> EntryPoint | None:
    """The analyser plugged in for a stage.

    Raises TelexError for several, and for an offer to a stage that does not exist.
    """
    offers = sorted(entry_points(group=GROUP), key=_distribution_of)
    for offer in offers:
        if offer.name not in STAGE_NAMES:
            raise TelexError(
                f"{_distribution_of(offer)} offers an analyser for {offer.name!r}: the stages are {', '.join(STAGE_NAMES)}."
            )
    own = [offer for offer in offers if offer.name == stage]
    if len(own) > 1:
        raise TelexError(
            f"The {stage} stage has several analysers, of {' and of '.join(map(_distribution_of, own))}: uninstall all but one."
        )
    return own[0] if own else None


def _distribution_of(offer: EntryPoint) -> str:
    return f"{offer.dist.name} {offer.dist.version}" if offer.dist else offer.value
