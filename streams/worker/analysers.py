"""Who does the work of a stage: the module of `agents` with its name, or what an installed distribution offers in its place.

A distribution offers an analyser as an entry point (https://packaging.python.org/specifications/entry-points/) of the group
`telex.analysers`, under the stage's name. docs/analysers.md shows how, docs/decisions/0004-an-analyser-of-ones-own.md says why so.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points, version
from typing import Protocol, cast

from streams.errors import TelexError
from streams.records import Analysis, Article
from streams.stages import ROAD

GROUP = "telex.analysers"


class Analyser(Protocol):
    """What a module of `agents`, or one that is plugged in, offers to the road."""

    def analyse(self, articles: Sequence[Article]) -> Sequence[Analysis]:
        """The analysis of each article, in their order: a pure function of it and of the model."""

    def load(self, languages: Collection[str] = ()) -> None:
        """Load what these languages (ISO 639-1) need; at the start, with none, what is needed for all of them.

        Raises TelexError that says what to do when a model cannot be had.
        """

    def models(self) -> dict[str, str]:
        """The languages that are analysed (ISO 639-1), each with its model and version; loads nothing."""


@cache
def find(stage: str) -> Analyser:
    """The analyser of a stage; this imports it.

    Raises:
        TelexError: what is offered for the stage cannot be used; it names the distribution.
    """
    offer = _offer(stage)
    if offer is None:
        return cast(Analyser, importlib.import_module(f"agents.{stage}"))
    try:
        found = offer.load()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise TelexError(
            f"The {stage} analyser of {_said(offer)} cannot be imported ({why}): mend it or uninstall it."
        ) from error
    missing = [name for name in ("analyse", "load", "models") if not callable(getattr(found, name, None))]
    if missing:
        raise TelexError(
            f"The {stage} analyser of {_said(offer)}, {offer.value}, has no function {' and no '.join(missing)}."
        )
    return cast(Analyser, found)


def distribution(stage: str) -> str:
    """Name and version of the distribution whose analyser does a stage's work; imports nothing. Raises TelexError as `find`."""
    offer = _offer(stage)
    return _said(offer) if offer else f"telex {version('telex')}"


def _offer(stage: str) -> EntryPoint | None:
    """What is plugged in for a stage. Raises TelexError when that is not one thing, or anything is offered for no stage."""
    offers = sorted(entry_points(group=GROUP), key=_said)
    for offer in offers:
        if offer.name not in ROAD:
            raise TelexError(f"{_said(offer)} offers an analyser for {offer.name!r}: the stages are {', '.join(ROAD)}.")
    own = [offer for offer in offers if offer.name == stage]
    if len(own) > 1:
        raise TelexError(
            f"The {stage} stage has several analysers, of {' and of '.join(map(_said, own))}: uninstall all but one."
        )
    return own[0] if own else None


def _said(offer: EntryPoint) -> str:
    return f"{offer.dist.name} {offer.dist.version}" if offer.dist else offer.value
