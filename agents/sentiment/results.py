"""Makes the sentiment of a record from three probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.records import Label, Probabilities, Sentiment

LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")


def to_sentiment(model: str, probabilities: NDArray[np.float64]) -> Sentiment:
    """The sentiment with rounded probabilities. The largest one absorbs the rounding errors, so that they sum to 1.

    Args:
        model: name and version of the model.
        probabilities: of each of `LABELS`.
    """
    rounded = [round(float(probability), 4) for probability in probabilities]
    largest = int(np.argmax(probabilities))
    rounded[largest] = round(1 - sum(rounded[:largest] + rounded[largest + 1 :]), 4)
    negative, neutral, positive = rounded
    return Sentiment(
        model=model,
        label=LABELS[largest],
        score=round(positive - negative, 4),
        confidence=rounded[largest],
        probabilities=Probabilities(negative=negative, neutral=neutral, positive=positive),
    )
