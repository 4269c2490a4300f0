"""The measures: shares, F1 and calibration, each with its 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 1000
BINS = 10
# The 97.5 % point of the normal distribution.
_Z = 1.959964
Counts = NDArray[np.int64]
Sums = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Bin:
    """The answers whose confidence lies in one tenth of the scale.

    Attributes:
        number: how many answers there are.
        confidence: their mean confidence.
        right: the share of them that is right.
    """

    number: int
    confidence: float
    right: float


def share(hits: int, number: int) -> Estimate | None:
    """The share of hits, with Wilson's score interval (Wilson 1927); None if the number is 0."""
    if not number:
        return None
    part, square = hits / number, _Z**2 / number
    middle, half = part + square / 2, _Z * math.sqrt(part * (1 - part) / number + square / (4 * number))
    return Estimate(part, max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square)))


def micro_f1(counts: Counts) -> Estimate:
    """The F1 over all spans.

    Args:
        counts: for each sentence how many spans are right, answered, and labelled.
    """
    return _bootstrap(lambda at: _f1(*counts[at].sum(axis=0)), len(counts))


def macro_f1(labels: Counts, answers: Counts, classes: int = 3) -> Estimate:
    """The mean of the classes' F1; a text that was not analysed (-1) is wrong."""

    def figure(at: Counts) -> float:
        gold, given = labels[at], answers[at]
        return float(
            np.mean(
                [
                    _f1(*(np.sum(mask) for mask in ((gold == c) & (given == c), given == c, gold == c)))
                    for c in range(classes)
                ]
            )
        )

    return _bootstrap(figure, len(labels))


def mean(figures: NDArray[np.float64]) -> Estimate:
    """The mean of independent figures."""
    return _bootstrap(lambda at: float(figures[at].mean()), len(figures))


def difference(first: NDArray[np.float64], second: NDArray[np.float64]) -> Estimate:
    """The mean of independent figures less that of others."""
    return _bootstrap(lambda at, second_at: float(first[at].mean() - second[second_at].mean()), len(first), len(second))


def b_cubed(sums: Sums) -> tuple[Estimate, Estimate, Estimate]:
    """Precision, recall and F1 in the mean over the mentions of all articles (Bagga and Baldwin 1998).

    Args:
        sums: for each article the sum of the mentions' precision, the number of found mentions, the sum of their
            recall, and the number of marked mentions.
    """

    # The totals of all articles, and then those of each draw. One draw serves all three figures.
    totals = np.array([sums.sum(axis=0), *(sums[at].sum(axis=0) for (at,) in _draws(len(sums)))])
    precise, found, complete, marked = totals.T
    precision, recall = precise / np.maximum(found, 1), complete / np.maximum(marked, 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    return _estimate(precision), _estimate(recall), _estimate(f1)


def _f1(right: float, answered: float, labelled: float) -> float:
    return float(2 * right / max(answered + labelled, 1))


def _bootstrap(figure: Callable[..., float], *numbers: int) -> Estimate:
    """The figure of all texts, and its 95 % interval on texts that are drawn from them again and again (Efron 1979)."""
    return _estimate([figure(*map(np.arange, numbers)), *(figure(*drawn) for drawn in _draws(*numbers))])


def _draws(*numbers: int) -> Iterator[tuple[Counts, ...]]:
    """The indices of texts, drawn from each set of texts as often as it has texts."""
    random = np.random.default_rng(0)
    for _ in range(RESAMPLES):
        yield tuple(random.integers(0, number, number) for number in numbers)


def _estimate(figures: ArrayLike) -> Estimate:
    """The estimate from the figure of all texts, which comes first, and those of the draws."""
    of_all, *of_draws = np.asarray(figures, dtype=np.float64)
    low, high = np.quantile(of_draws, [0.025, 0.975])
    return Estimate(float(of_all), float(low), float(high))


def reliability(answers: Sequence[tuple[float, bool]]) -> list[Bin]:
    """Ten bins of equal width of the answers (confidence, whether it is right); empty bins are left out."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in answers:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    return [
        Bin(
            len(in_bin),
            sum(confidence for confidence, _ in in_bin) / len(in_bin),
            sum(right for _, right in in_bin) / len(in_bin),
        )
        for _, in_bin in sorted(bins.items())
    ]


def calibration_error(answers: Sequence[tuple[float, bool]]) -> float | None:
    """The expected calibration error (Guo and others 2017).

    This is the mean difference of confidence and accuracy over the answers.
    """
    if not answers:
        return None
    return sum(each.number * abs(each.confidence - each.right) for each in reliability(answers)) / len(answers)


def least_calibration_error(confidences: Sequence[float]) -> float | None:
    """The mean calibration error of this many answers by chance, if every confidence is the true probability."""
    if not confidences:
        return None
    random = np.random.default_rng(0)
    sure = np.array(confidences)
    drawn = random.random((RESAMPLES // 5, len(sure))) < sure
    return float(np.mean([calibration_error(list(zip(confidences, right.tolist(), strict=True))) for right in drawn]))
