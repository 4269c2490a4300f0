"""A soak at half load: the memory, file descriptors and threads of no process grow."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from dataclasses import dataclass

import psutil
import pytest

from streams.settings import Settings
from tests.support.exam import Part, pick
from tests.support.pipeline_run import PipelineRun

SOAK_S, SAMPLE_S = pick(120.0, 1800.0), pick(2.0, 5.0)
# Articles that are published all at once, to warm the pipeline up and to measure its capacity.
BURST = pick(300, 2000)
# The slope goes through the means of this many sections of the soak, because neighbouring samples are too similar.
SECTIONS = 10
# Student's t, two-sided 95 %, with two degrees of freedom less than there are sections.
T_95 = 2.306
MEMORY = ("memory of the worker", "memory of its analysis process")
# The articles of at most this many seconds may be in the pipeline at the end; with more, the load was not a half load.
BACKLOG_LIMIT_S = 10.0
# The share by which the memory of a process may grow over the soak, at the lower end of the slope's interval.
GROWTH_LIMIT = pick(0.15, 0.03)


@dataclass(frozen=True)
class Slope:
    """The slope of a straight line through samples.

    Attributes:
        per_hour: the growth in an hour, in the unit of the samples.
        margin: half of its 95 % interval.
        begin: the mean of the first section.
    """

    per_hour: float
    margin: float
    begin: float

    @property
    def least_growth(self) -> float:
        """The growth over the soak, at the lower end of the interval."""
        return (self.per_hour - self.margin) * SOAK_S / 3600

    def __str__(self) -> str:
        return f"95 %: {self.per_hour - self.margin:+.1f} to {self.per_hour + self.margin:+.1f}"


def slope(times: list[float], values: list[float]) -> Slope:
    """The slope of a least-squares line through the means of the sections."""
    size = len(values) // SECTIONS
    xs = [statistics.fmean(each) / 3600 for each in _sections(times, size)]
    ys = [statistics.fmean(each) for each in _sections(values, size)]
    line = statistics.linear_regression(xs, ys)
    mean = statistics.fmean(xs)
    residual = sum((y - line.intercept - line.slope * x) ** 2 for x, y in zip(xs, ys, strict=True)) / (SECTIONS - 2)
    error = (residual / sum((x - mean) ** 2 for x in xs)) ** 0.5
    return Slope(line.slope, T_95 * error, ys[0])


def _sections(values: list[float], size: int) -> list[list[float]]:
    return [values[number * size : (number + 1) * size] for number in range(SECTIONS)]


def test_the_interval_of_a_slope_contains_the_growth() -> None:
    times = [float(second) for second in range(1000)]
    noise = [(second * 7919 % 13) - 6.0 for second in range(1000)]
    flat = slope(times, noise)
    assert flat.per_hour - flat.margin < 0 < flat.per_hour + flat.margin
    growing = slope(times, [5 + second / 36 + n for second, n in zip(times, noise, strict=True)])
    assert abs(growing.per_hour - 100) < growing.margin < 5
    assert growing.least_growth > 0


def resources(run: PipelineRun) -> dict[tuple[str, str], float]:
    """The memory, file descriptors and threads of each stage's workers and of their analysis processes."""
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    for worker in run.workers:
        process = psutil.Process(worker.process.pid)
        for memory, each in ((MEMORY[0], process), *((MEMORY[1], child) for child in process.children(recursive=True))):
            sums[worker.stage, memory] += each.memory_full_info().uss / 1e6
            sums[worker.stage, "file descriptors"] += each.num_fds()
            sums[worker.stage, "threads"] += each.num_threads()
    return dict(sums)


@pytest.mark.long
@pytest.mark.part(13, "soak at half of the pipeline's capacity")
def test_no_process_grows(pipeline: Settings, part: Part) -> None:
    with PipelineRun(pipeline, 1).wait_ready() as run:
        begin = time.monotonic()
        for _ in range(BURST):
            run.publish_article()
        run.wait_until_out()
        capacity = BURST / (time.monotonic() - begin)
        run.start_load(capacity / 2)
        times, samples = [], []
        begin = time.monotonic()
        while (now := time.monotonic() - begin) < SOAK_S:
            times.append(now)
            samples.append(resources(run))
            time.sleep(max(0.0, SAMPLE_S - (time.monotonic() - begin - now)))
        backlog = run.published - run.end_offset_sum(run.target)
        run.verdict(part)
    # Waiting records take memory, up to a limit that part 9 tests. Here none may accumulate.
    part.add_figure("articles in the pipeline at the end of the soak", backlog, goal="those of a few seconds")
    part.extent = f"{SOAK_S / 60:.0f} min at {capacity / 2:.0f} articles a second"
    slopes = {what: slope(times, [sample[what] for sample in samples]) for what in samples[0]}
    for (stage, what), found in slopes.items():
        unit = "MB an hour" if what in MEMORY else "an hour"
        part.add_figure(f"{what}, {stage}: growth ({found})", found.per_hour, unit, "none")
    assert backlog < BACKLOG_LIMIT_S * capacity / 2, f"{backlog} articles wait: the machine was busy with other work"
    for (stage, what), found in slopes.items():
        allowed = GROWTH_LIMIT * found.begin if what in MEMORY else 1.0
        assert found.least_growth < allowed, (stage, what, found)
