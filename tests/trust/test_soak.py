"""A long time at half load: nothing that a process holds may grow."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from dataclasses import dataclass

import psutil
import pytest

from streams.settings import Settings
from tests.support.exam import Part, pick
from tests.support.trial import Trial

SOAK_S, SAMPLE_S = pick(120.0, 1800.0), pick(2.0, 5.0)
# Articles that are sent all at once, to warm the pipeline up and to see how many a second it can do.
BURST = pick(300, 2000)
# Means of so many stretches of the soak are what the slope goes through: samples that follow each other are too alike.
STRETCHES = 10
# Student's t, two-sided 95 %, for two degrees of freedom less than there are stretches.
T_95 = 2.306
MEMORY = ("memory of the worker", "memory of its analysis process")
# At its end so many seconds' worth of articles may be in the pipeline, or it was no half load.
KEEPS_UP_S = 10.0
# The memory of a process may grow by this share of it over the soak, at the lower end of the slope's interval.
GROWTH = pick(0.15, 0.03)


@dataclass(frozen=True)
class Slope:
    """A straight line through samples, in units an hour, with the half of its 95 % interval."""

    an_hour: float
    half: float
    begin: float

    @property
    def least_growth(self) -> float:
        """Over the soak, at the lower end of the interval."""
        return (self.an_hour - self.half) * SOAK_S / 3600

    def __str__(self) -> str:
        return f"95 %: {self.an_hour - self.half:+.1f} to {self.an_hour + self.half:+.1f}"


def slope(times: list[float], values: list[float]) -> Slope:
    """Least squares through the means of the stretches."""
    size = len(values) // STRETCHES
    xs = [statistics.fmean(each) / 3600 for each in _stretches(times, size)]
    ys = [statistics.fmean(each) for each in _stretches(values, size)]
    line = statistics.linear_regression(xs, ys)
    mean = statistics.fmean(xs)
    residual = sum((y - line.intercept - line.slope * x) ** 2 for x, y in zip(xs, ys, strict=True)) / (STRETCHES - 2)
    error = (residual / sum((x - mean) ** 2 for x in xs)) ** 0.5
    return Slope(line.slope, T_95 * error, ys[0])


def _stretches(values: list[float], size: int) -> list[list[float]]:
    return [values[at * size : (at + 1) * size] for at in range(STRETCHES)]


def test_a_slope_is_found_with_its_interval() -> None:
    times = [float(second) for second in range(1000)]
    noise = [(second * 7919 % 13) - 6.0 for second in range(1000)]
    flat = slope(times, noise)
    assert flat.an_hour - flat.half < 0 < flat.an_hour + flat.half
    grows = slope(times, [5 + second / 36 + n for second, n in zip(times, noise, strict=True)])
    assert abs(grows.an_hour - 100) < grows.half < 5
    assert grows.least_growth > 0


def held(trial: Trial) -> dict[tuple[str, str], float]:
    """What the workers of each stage hold now, with their analysis processes."""
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    for worker in trial.workers:
        process = psutil.Process(worker.process.pid)
        for memory, each in ((MEMORY[0], process), *((MEMORY[1], child) for child in process.children(recursive=True))):
            sums[worker.stage, memory] += each.memory_full_info().uss / 1e6
            sums[worker.stage, "file descriptors"] += each.num_fds()
            sums[worker.stage, "threads"] += each.num_threads()
    return dict(sums)


@pytest.mark.long
@pytest.mark.part(13, "soak at half of the articles a second that the pipeline can do")
def test_nothing_grows(pipeline: Settings, part: Part) -> None:
    with Trial(pipeline, 1).ready() as trial:
        begin = time.monotonic()
        for _ in range(BURST):
            trial.article()
        trial.wait_until_out()
        capacity = BURST / (time.monotonic() - begin)
        trial.load(capacity / 2)
        times, samples = [], []
        begin = time.monotonic()
        while (now := time.monotonic() - begin) < SOAK_S:
            times.append(now)
            samples.append(held(trial))
            time.sleep(max(0.0, SAMPLE_S - (time.monotonic() - begin - now)))
        behind = trial.published - trial.ends(trial.target)
        trial.verdict(part)
    # What waits takes memory, up to a bound that part 9 looks at; here nothing may pile up.
    part.figure("articles in the pipeline at the end of the soak", behind, goal="a few seconds' worth")
    part.extent = f"{SOAK_S / 60:.0f} min at {capacity / 2:.0f} articles a second"
    slopes = {what: slope(times, [sample[what] for sample in samples]) for what in samples[0]}
    for (stage, what), found in slopes.items():
        unit = "MB an hour" if what in MEMORY else "an hour"
        part.figure(f"{what}, {stage}: growth ({found})", found.an_hour, unit, "none")
    assert behind < KEEPS_UP_S * capacity / 2, f"{behind} articles wait: the machine had something else to do"
    for (stage, what), found in slopes.items():
        allowed = GROWTH * found.begin if what in MEMORY else 1.0
        assert found.least_growth < allowed, (stage, what, found)
