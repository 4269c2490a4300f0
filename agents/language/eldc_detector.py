"""The detector eldc: its two likeliest languages for a text, with their scores."""

from __future__ import annotations

import functools
from importlib.metadata import version
from typing import Protocol, cast

import eldc

MODEL = f"eldc/{version('eldc')}"


class _Result(Protocol):
    scores: dict[str, float]


class Detector(Protocol):
    """An instance of eldc's detector. Settings of other instances do not change it."""

    def detect_details(self, text: str) -> _Result:
        """The likeliest languages with their scores."""


@functools.cache
def load() -> Detector:
    """Load the detector."""
    eldc.init()
    detector = eldc.instance()
    detector.set_scheme("iso639-1")
    detector.set_scores(2)
    return cast(Detector, detector)


def languages() -> set[str]:
    """Codes (ISO 639-1) that `scores` may contain; loads nothing."""
    return set(eldc.LANGUAGES)


def scores(text: str) -> dict[str, float]:
    """Scores (0 to 1) of the two likeliest languages of a text, the likeliest first.

    Args:
        text: words in lower case.
    """
    return load().detect_details(text).scores
