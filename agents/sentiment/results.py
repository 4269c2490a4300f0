"""Makes the label, the score and the confidence of a record from three probabilities."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from streams.records import Label, Probabilities

LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")


class Tone(TypedDict):
    """The fields that `Sentiment` and `TargetSentiment` have in common."""

    label: Label
    score: float
    confidence: float
    probabilities: Probabilities


def tone(probabilities: NDArray[np.float64]) -> Tone:
    """The tone with rounded probabilities. The largest one absorbs the rounding errors, so that they sum to 1.

    Args:
        probabilities: of each of `LABELS`.
    """
    rounded = [round(float(probability), 4) for probability in probabilities]
    largest = int(np.argmax(probabilities))
    rounded[largest] = round(1 - sum(rounded[:largest] + rounded[largest + 1 :]), 4)
    negative, neutral, positive = rounded
    return Tone(
        label=LABELS[largest],
        score=round(positive - negative, 4),
        confidence=rounded[largest],
        probabilities=Probabilities(negative=negative, neutral=neutral, positive=positive),
    )
