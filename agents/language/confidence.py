"""The probability that the detector is right, from the scores of eldc 0.4.0."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

# The detector's mean score on running text of each language (`ELD_avg_score` in large_db.h of eldc 0.4.0).
_MEAN_SCORES = {
    "am": 0.936, "ar": 0.94, "az": 0.917, "be": 0.905, "bg": 0.889, "bn": 0.986, "ca": 0.889, "cs": 0.902, "da": 0.892,
    "de": 0.909, "el": 0.963, "en": 0.846, "es": 0.884, "et": 0.914, "eu": 0.917, "fa": 0.948, "fi": 0.919, "fr": 0.9,
    "gu": 0.985, "he": 0.957, "hi": 0.979, "hr": 0.892, "hu": 0.921, "hy": 0.957, "is": 0.938, "it": 0.896, "ja": 0.966,
    "ka": 0.977, "kn": 0.962, "ko": 0.954, "ku": 0.916, "lo": 0.982, "lt": 0.917, "lv": 0.926, "ml": 0.981, "mr": 0.977,
    "ms": 0.922, "nl": 0.911, "no": 0.876, "or": 0.978, "pa": 0.98, "pl": 0.926, "pt": 0.897, "ro": 0.913, "ru": 0.886,
    "sk": 0.899, "sl": 0.888, "sq": 0.914, "sr": 0.886, "sv": 0.903, "ta": 0.984, "te": 0.98, "th": 0.966, "tl": 0.917,
    "tr": 0.912, "uk": 0.896, "ur": 0.956, "vi": 0.97, "yo": 0.956, "zh": 0.966,
}  # fmt: skip

# Weights of the features below, in their order. Fitted by training/fit_language_confidence.py on every other line
# of 200 sentences in each of 74 languages (Leipzig corpora) in five forms; on the other lines the expected calibration
# error is 0.014 for whole sentences, 0.017 cut to 80 characters and 0.018 cut to 20, in the languages that eldc knows;
# 0.018, 0.020 and 0.038 over all 75.
WEIGHTS = (-0.43, 9.45, 4.88, 5.42, 0.52, 1.05, -0.23, -8.85, -3.58)


# The index of the feature that compares the score with the usual score in the language.
FIT_FEATURE = 1


def features(scores: Mapping[str, float], letters: float, script: str) -> list[float]:
    """The features of the probability that the detector is right.

    Args:
        scores: the detector's scores (0 to 1), the best first.
        letters: the weighted letters of the text.
        script: the script of the text.
    """
    (code, first), (_, second) = [*scores.items(), ("", 0.0)][:2]
    # A score is 1 - exp(-evidence). The evidence is compared with the usual evidence in the language, and with the
    # runner-up's.
    fit = math.log(_evidence(first) / _evidence(_MEAN_SCORES[code]))
    lead = math.log((_evidence(first) + 0.01) / (_evidence(second) + 0.01))
    fit, lead, length = max(min(fit, 0.3), -3.0), min(lead, 2.0), math.log(max(letters, 1.0))
    latin = float(script == "Latin")
    return [1.0, fit, lead, min(lead, 0.3), length, fit * length, latin, latin * fit, latin * lead]


def _evidence(score: float) -> float:
    return -math.log(max(1.0 - score, 1e-6))


def probability(values: Sequence[float]) -> float:
    """The probability that an answer with these features is right."""
    return 1.0 / (1.0 + math.exp(-sum(weight * value for weight, value in zip(WEIGHTS, values, strict=True))))
